/**
 * What needs a ledger of its own: another chain with the same addresses, time that jumps, and the race of a refund with a
 * settlement. One holder with a real relayer, one querier without.
 */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { isFault } from "../../protocol/errors/fault.ts";
import { composeRequest, encodeRequest, type EvaluateRequest } from "../../protocol/oblivious-lookup/request.ts";
import { initialTranscript } from "../../protocol/oblivious-lookup/transcript.ts";
import { ledgerDomain } from "../../relayer/chain/deployment.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import type { Credential } from "../../relayer/services/channel/identity-files.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { startChain, type Chain } from "../../scripts/embedded/chain.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { admitMembers } from "../../scripts/network/admit-members.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import { deploymentFileIn, deployPlatform } from "../../scripts/network/deploy.ts";
import { createMemberClient, type MemberClient } from "../../scripts/network/member-client.ts";
import { startRelayer, type RelayerProcess } from "../../scripts/network/relayer-process.ts";
import { obtainTokens } from "../../scripts/network/token-file.ts";
import type { LaneHeadStruct } from "../../types/ethers-contracts/query/IQueryLedger.ts";
import { blinded, EVALUATE, random, replyOf, said, type Reply } from "../support/attacker.ts";
import { createChannelCaller, type Called, type ChannelCaller } from "../support/channel-caller.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "../support/identities.ts";
import { label } from "../support/platform.ts";
import { applicant, newStaff, TEST_DELAY } from "../support/staff.ts";
import { testDatabase, type TestDatabase } from "../support/postgres.ts";

const DAY = 86_400;
const directory = join(tmpdir(), `riskveil-other-ledger-${randomBytes(8).toString("hex")}`);
const silent = (): void => undefined;

describe("another ledger", function () {
  this.timeout(480_000);
  const [deployerKey, querierKey] = [random(32), random(32)];
  const staff = newStaff();
  const querier = createOperatorKey(querierKey);
  const keyDir = join(directory, "keys");
  const authority = testAuthority();
  const identities = { querier: certified(authority, "querier"), holder: undefined as Credential | undefined };
  let holderKey: Uint8Array;
  let port: number;
  let chain: Chain;
  let deployment: Deployment;
  let provider: JsonRpcProvider;
  let ledger: PlatformContracts;
  let asQuerier: PlatformContracts;
  let asHolder: PlatformContracts;
  let querierId: number;
  let dataset: Hex;
  let database: TestDatabase;
  let relayer: RelayerProcess;
  let settings: Record<string, string>;
  let client: MemberClient;
  let caller: ChannelCaller;
  let called: Called;
  let peerUrl: string;

  const own = (name: "holder" | "querier") => {
    const { key, certificate } = identities[name] ?? expect.fail();
    return { identityKey: key, certificateDigest: toHex(certificate.digest) };
  };

  /** A chain made anew, the platform on it at the same addresses, the same two members. */
  async function found(): Promise<void> {
    chain = await startChain({ stateDir: join(directory, "chain"), port, log: silent, fresh: true });
    deployment = await deployPlatform({
      rpcUrl: chain.rpcUrl,
      chainId: chain.chainId,
      outDir: join(directory, "platform"),
      staff: staff.accounts,
      membersDelay: TEST_DELAY,
      deployerKey,
      log: silent,
    });
    const ids = await admitMembers({
      deployment,
      staffKeys: staff.keys,
      members: [
        applicant({ name: "holder", kind: "Association", endpoint: peerUrl, operatorKey: holderKey, ...own("holder") }),
        applicant({ name: "querier", kind: "Bank", operatorKey: querierKey, ...own("querier") }),
      ],
      log: silent,
    });
    querierId = ids.get("querier") ?? 0;
    caller = createChannelCaller({
      self: { member: querierId, ...identities.querier },
      network: { chainId: deployment.chainId, memberRegistry: deployment.addresses.memberRegistry },
      trust: { trustList: [authority.certificate], crls: [revocations(authority)] },
    });
    called = { member: ids.get("holder") ?? 0, url: peerUrl };
    provider = createProvider(chain.rpcUrl, chain.chainId);
    ledger = connectContracts(deployment.addresses, provider);
    const as = (key: Uint8Array): PlatformContracts =>
      connectContracts(deployment.addresses, new NonceManager(new Wallet(toHex(key), provider)));
    [asQuerier, asHolder] = [as(querierKey), as(holderKey)];
    dataset = (await ledger.datasetRegistry.datasetIdOf(ids.get("holder") ?? 0, label("REGULATORY"))) as Hex;
  }

  async function open(nonce: number, seconds: number): Promise<Hex> {
    const expiresAt = Number(await ledger.emergency.time()) + seconds;
    await awaitReceipt(provider, asQuerier.queryLedger.openSession(nonce, [dataset], [16], expiresAt));
    return (await ledger.queryLedger.sessionIdOf(querierId, nonce)) as Hex;
  }

  function request(session: Hex, epoch = 1): EvaluateRequest {
    const [id, of] = [fromHex(session, 32), fromHex(dataset, 32)];
    return composeRequest(
      {
        session: id,
        dataset: of,
        epoch,
        lane: 0,
        salt: random(32),
        purpose: "CREDIT_GRANTING",
        consent: random(32),
        elements: blinded(3),
      },
      { count: 0, transcript: initialTranscript(id, of, 0) },
      ledgerDomain(deployment),
      querier.sign,
    );
  }

  const evaluate = (asked: EvaluateRequest): Promise<Reply> =>
    replyOf(caller.send(called, { method: "POST", path: EVALUATE, body: JSON.stringify(encodeRequest(asked)) }));

  const stored = async (): Promise<number> =>
    (await database.db.selectFrom("holder_requests").selectAll().execute()).length;

  async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function launch(): Promise<void> {
    relayer = startRelayer({
      name: "holder",
      settings,
      memberPort: Number(settings["RISKVEIL_MEMBER_PORT"]),
      logFile: join(directory, "relayer.log"),
      processFile: join(directory, "relayer.pid"),
    });
    await relayer.ready(new AbortController().signal);
  }

  before(async function () {
    this.timeout(480_000);
    const keys = createKeyStore(keyDir, random);
    holderKey = await keys.operatorKey();
    identities.holder = certified(authority, "holder", await keys.identityKey());
    await writeCertificates(join(directory, "certificate.pem"), identities.holder.certificate);
    await writeTrust(join(directory, "trust"), authority.certificate, revocations(authority));
    port = await freePort();
    const [memberPort, peerPort] = [await freePort(), await freePort()];
    peerUrl = `http://127.0.0.1:${String(peerPort)}`;
    database = await testDatabase();
    settings = {
      RISKVEIL_NAME: "holder",
      DATABASE_URL: database.url,
      RISKVEIL_RPC_URL: `http://127.0.0.1:${String(port)}`,
      RISKVEIL_DEPLOYMENT: deploymentFileIn(join(directory, "platform")),
      RISKVEIL_DATA_DIR: join(directory, "data"),
      RISKVEIL_KEY_DIR: keyDir,
      RISKVEIL_CERTIFICATE: join(directory, "certificate.pem"),
      RISKVEIL_TRUST_DIR: join(directory, "trust"),
      RISKVEIL_MEMBER_PORT: String(memberPort),
      RISKVEIL_PEER_PORT: peerUrl.split(":").at(-1) ?? "",
      // No settlement before the test wants one.
      RISKVEIL_SETTLE_WINDOW_MS: "3600000",
      RISKVEIL_ANCHOR_WINDOW_MS: "3600000",
      REDIS_URL: "",
    };
    client = createMemberClient("holder", `http://127.0.0.1:${String(memberPort)}`, () => tokens);
  });
  let tokens: Awaited<ReturnType<typeof obtainTokens>>;

  after(async function () {
    this.timeout(240_000);
    await relayer?.stop();
    provider?.destroy();
    await chain?.stop();
    await database?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("of equal addresses and chain id knows no session of the one before", async () => {
    await found();
    await awaitReceipt(provider, asHolder.datasetRegistry.registerDataset(label("REGULATORY"), [label("A")]));
    const first = { addresses: deployment.addresses, dataset, session: await open(7, DAY) };
    const replayed = request(first.session);
    provider.destroy();
    await chain.stop();

    await found();
    expect(deployment.addresses).to.deep.equal(first.addresses);
    expect(dataset).to.equal(first.dataset);
    await launch();
    tokens = await obtainTokens(join(directory, "tokens.json"), database.url);
    await client.post("data_officer", "/v1/datasets", { label: "REGULATORY", categories: ["A"] });
    await client.post("data_officer", "/v1/datasets/REGULATORY/publish", {});
    await until(async () => ((await ledger.datasetRegistry.getDataset(dataset)).latestEpoch > 0n ? true : undefined));

    expect(said(await evaluate(replayed))).to.equal("404 SESSION_UNKNOWN");
    // Not even after the same opening was made again.
    const session = await open(7, DAY);
    expect(session).to.not.equal(first.session);
    expect(said(await evaluate(replayed))).to.equal("404 SESSION_UNKNOWN");
    expect(await stored()).to.equal(0);
    expect(said(await evaluate(request(session)))).to.equal("200");
  });

  it("gives refund or settlement, by its own clock, and never both", async () => {
    const vault = (member: number): Promise<bigint> => ledger.points.pointsOf(member);
    const holder = Number(await ledger.memberRegistry.memberOf(createOperatorKey(holderKey).address));
    const price = await ledger.incentiveRules.priceOf(dataset);
    const [toHolder, toPool] = await ledger.incentiveRules.split(3n * price);
    const before = { querier: await vault(querierId), holder: await vault(holder) };
    const [paid, unpaid] = [await open(8, DAY), await open(9, DAY)];
    const heads: LaneHeadStruct[][] = [];
    for (const session of [paid, unpaid]) {
      const asked = request(session);
      expect(said(await evaluate(asked))).to.equal("200");
      const { lane, count, transcript, voucher } = asked;
      heads.push([{ lane, count, transcript: toHex(transcript), signature: toHex(voucher) }]);
    }
    // From here on the holder's key is the test's: its relayer does not settle by itself meanwhile.
    await relayer.stop();
    const keeper = (key: Uint8Array): PlatformContracts["queryLedger"] =>
      connectContracts(deployment.addresses, new Wallet(toHex(key), provider)).queryLedger;
    const error = async (sending: Promise<{ readonly hash: string }>): Promise<unknown> => {
      const fault = await awaitReceipt(provider, sending).catch((thrown: unknown) => thrown);
      return isFault(fault) ? fault.values["error"] : "none";
    };
    /** Refund and settlement of one session in one block of this time: which of them took effect. */
    async function race(session: Hex, head: LaneHeadStruct[], time: number): Promise<boolean[]> {
      const gas = { gasLimit: 1_000_000 };
      await provider.send("evm_setAutomine", [false]);
      const sent = [
        await keeper(querierKey).closeSession(session, gas),
        await keeper(holderKey).settle(session, dataset, head, gas),
      ];
      await provider.send("evm_setNextBlockTimestamp", [time]);
      await provider.send("evm_mine", []);
      await provider.send("evm_setAutomine", [true]);
      const receipts = await Promise.all(sent.map(({ hash }) => provider.getTransactionReceipt(hash)));
      return receipts.map((receipt) => receipt?.status === 1);
    }

    expect(await error(keeper(querierKey).closeSession(paid))).to.equal("SessionNotClosable");
    const last = Number(await ledger.queryLedger.settlesUntil(paid));
    expect(await race(paid, heads[0] ?? [], last)).to.deep.equal([false, true]);
    const end = Number(await ledger.queryLedger.settlesUntil(unpaid)) + 1;
    expect(await race(unpaid, heads[1] ?? [], Math.max(end, last + 1))).to.deep.equal([true, false]);
    await awaitReceipt(provider, keeper(querierKey).closeSession(paid));
    for (const [i, session] of [paid, unpaid].entries()) {
      expect(await error(keeper(querierKey).closeSession(session))).to.equal("SessionNotOpen");
      expect(await error(keeper(holderKey).settle(session, dataset, heads[i] ?? []))).to.equal("SessionNotOpen");
    }
    expect(await vault(holder)).to.equal(before.holder + toHolder);
    // Three evaluations, and as much again for their leaves, which were never anchored.
    expect(await vault(querierId)).to.equal(before.querier - 2n * (toHolder + toPool));
  });

  it("ends epochs: their keys answer no more", async () => {
    await launch();
    const epoch = Number(await ledger.platformParameters.currentEpoch());
    const { end } = await ledger.platformParameters.epochBounds(epoch);
    await provider.send("evm_setNextBlockTimestamp", [Number(end) + 8 * DAY]);
    await provider.send("evm_mine", []);
    expect(Number(await ledger.platformParameters.currentEpoch())).to.be.greaterThan(epoch + 1);
    const fresh = connectContracts(deployment.addresses, new Wallet(toHex(querierKey), provider));
    const expiresAt = Number(await ledger.emergency.time()) + DAY;
    await awaitReceipt(provider, fresh.queryLedger.openSession(10, [dataset], [16], expiresAt));
    const session = (await ledger.queryLedger.sessionIdOf(querierId, 10)) as Hex;
    const before = await stored();
    // Until the relayer has seen the leap, what it refuses is the signature.
    const reply = await until(async () => {
      const seen = said(await evaluate({ ...request(session, 1), voucher: random(65) }));
      return ["404 SESSION_UNKNOWN", "403 VOUCHER_SIGNATURE_INVALID"].includes(seen) ? undefined : seen;
    });
    expect(said(await evaluate(request(session, 1)))).to.equal("409 EPOCH_STALE");
    expect(reply).to.equal("409 EPOCH_STALE");
    expect(await stored()).to.equal(before);
  });
});
