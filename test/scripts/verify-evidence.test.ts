import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { NonceManager, Wallet, type ContractTransactionResponse, type JsonRpcProvider } from "ethers";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex, utf8, type Hex } from "../../protocol/encoding/bytes.ts";
import { sha256 } from "../../protocol/encoding/digest.ts";
import { buildEvidence, type AnswerFacts } from "../../protocol/evidence/build.ts";
import type { EvidencePackage } from "../../protocol/evidence/package.ts";
import { sealDigest } from "../../protocol/evidence/seal.ts";
import { verifyEvidence } from "../../protocol/evidence/verify.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { startChain, type Chain } from "../../scripts/embedded/chain.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { createLedgerFacts } from "../../scripts/evidence/ledger-facts.ts";
import { admitMembers } from "../../scripts/network/admit-members.ts";
import { deployPlatform } from "../../scripts/network/deploy.ts";
import { anchorOf, answer, holder, label, queryId, seal, subject } from "../protocol/evidence/evidence-fixture.ts";
import { querierKey } from "../protocol/oblivious-lookup/lookup-fixture.ts";
import { applicant, newStaff, TEST_DELAY } from "../support/staff.ts";

const script = join(import.meta.dirname, "../../scripts/verify-evidence.ts");
const staff = newStaff();
const log = (): void => undefined;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
}

/** Who publishes, asks, answers and anchors here are this test's own transactions: no relayer takes part. */
describe("verify-evidence against a real chain", () => {
  let directory: string;
  let chain: Chain;
  let provider: JsonRpcProvider;
  let deployment: Deployment;
  let pkg: EvidencePackage;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-evidence-"));
    chain = await startChain({ stateDir: join(directory, "chain"), port: await freePort(), log });
    const { rpcUrl, chainId } = chain;
    const outDir = join(directory, "platform");
    deployment = await deployPlatform({
      ...{ rpcUrl, chainId, outDir, log },
      ...{ staff: staff.accounts, membersDelay: TEST_DELAY },
    });
    provider = createProvider(rpcUrl, chainId);
    pkg = await askAndAnchor();
  });

  after(async () => {
    provider.destroy();
    await chain.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function contractsFor(key: Uint8Array): PlatformContracts {
    return connectContracts(deployment.addresses, new NonceManager(new Wallet(toHex(key), provider)));
  }

  /** Two holders publish, a third member asks both about one subject, anchors the leaf and seals the package. */
  async function askAndAnchor(): Promise<EvidencePackage> {
    const addresses = Object.fromEntries(
      Object.entries(deployment.addresses).map(([name, address]) => [name, address.toLowerCase() as Hex]),
    ) as Deployment["addresses"];
    const ledger = { chainId: chain.chainId, ledger: addresses.queryLedger };
    const reading = connectContracts(deployment.addresses, provider);
    const keys = [querierKey, sha256(utf8("holder 2")), sha256(utf8("holder 3"))];
    const members = keys.map((operatorKey, i) => applicant({ name: `firm-${i}`, kind: "SecuritiesFirm", operatorKey }));
    await admitMembers({ deployment, staffKeys: staff.keys, members, log });
    const epoch = Number(await reading.platformParameters.currentEpoch());
    const holders = [2, 3].map((member, i) => holder(member, 1 + i, { epoch, revision: 1 }, addresses.datasetRegistry));

    const querier = contractsFor(querierKey);
    const nonce = 5n;
    const session = await reading.queryLedger.sessionIdOf(1, nonce);
    const answers: AnswerFacts[] = holders.map((each, i) => answer(each, fromHex(session), i * 2, i === 0, ledger));
    const publications: (() => Promise<Mined>)[] = [];
    for (const [i, each] of holders.entries()) {
      const { datasetRegistry } = contractsFor(each.key);
      publications.push(() => {
        const next = { epoch, revision: 2, root: sha256(each.key), publicKey: each.epochKey.publicKey, suite: 1 + i };
        const size = { schema: 1, entryCount: 1024, entrySize: 1024 + 48 };
        return mined(
          datasetRegistry.publish(toHex(each.dataset), { ...next, ...size, statisticsDigest: sha256(each.key) }),
        );
      });
      await mined(datasetRegistry.registerDataset(label, [toHex(padded("B"))]));
      const id = await reading.datasetRegistry.datasetIdOf(each.member, label);
      expect(toHex(each.dataset)).to.equal(id);
      const { root, publicKey, suite } = answers[i] ?? expect.fail();
      const publication = {
        ...{ epoch, revision: 1, root, publicKey, suite, schema: 1, entryCount: 1024, entrySize: 1024 + 48 },
        statisticsDigest: sha256(root),
      };
      await mined(datasetRegistry.publish(id, publication));
    }
    await mined(querier.datasetRegistry.registerDataset(label, [toHex(padded("B"))]));
    const own = await reading.datasetRegistry.datasetIdOf(1, label);
    await mined(querier.datasetRegistry.fileNilReport(own, epoch, sha256(querierKey)));
    const opened = holders.map((each) => toHex(each.dataset)).sort();
    const now = Number((await provider.getBlock("latest"))?.timestamp);
    await mined(querier.queryLedger.openSession(nonce, opened, [16, 16], now + 3_600));

    // The first holder commits to a newer table before the anchor, the second after it.
    await publications[0]?.();
    const place = anchorOf(answers, 9);
    const leaves = Array.from({ length: 16 }, (_, i) => toHex(i === 9 ? place.leaf : sha256(place.leaf, utf8(`${i}`))));
    const anchored = await mined(querier.queryLedger.anchor(session, 0, leaves));
    const logIndex = anchored.logs.find(({ address }) => address.toLowerCase() === addresses.queryLedger)?.index;
    await publications[1]?.();
    const { hash, blockNumber } = anchored;
    const block = await provider.getBlock(blockNumber);
    const moment = new Date((block?.timestamp ?? 0) * 1_000);
    const facts = {
      chain: { chainId: chain.chainId, ...addresses, instanceSalt: fromHex(await reading.queryLedger.instanceSalt()) },
      query: { id: queryId, querier: 1, purpose: "CREDIT_GRANTING" as const, requestedAt: moment, subject },
      ...{ answers, unanswered: [] },
      anchors: [{ ...place, transactionHash: hash as Hex, blockNumber, logIndex: logIndex ?? -1 }],
    };
    return buildEvidence(facts, moment, seal);
  }

  async function verify(content: unknown, ...options: string[]): Promise<Outcome> {
    return verifyAt(chain.rpcUrl, content, options);
  }

  async function verifyAt(url: string, content: unknown, options: string[], LANG = "C"): Promise<Outcome> {
    const file = join(directory, "package.json");
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
    return new Promise((resolve) => {
      const { PATH } = process.env;
      execFile(process.execPath, [script, file, "--rpc", url, ...options], { env: { PATH, LANG } }, (error, stdout) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout });
      });
    });
  }

  it("verifies a hit and a miss with the file and the RPC URL alone", async () => {
    const { code, stdout } = await verify(pkg);
    expect(stdout)
      .to.match(/VERIFIED\n$/)
      .and.to.include("hit (2 records)")
      .and.to.include("miss");
    expect(stdout).not.to.include("E00000001");
    expect(code).to.equal(0);
    const chinese = await verifyAt(chain.rpcUrl, pkg, [], "zh_CN.UTF-8");
    expect(chinese.stdout).to.match(/验证通过\n$/);
  });

  it("says which table each answer is from, and that one holder had a newer one when the leaf was anchored", async () => {
    const { times } = await verifyEvidence(pkg, createLedgerFacts(provider, pkg.chain));
    const block = await provider.getBlock(pkg.anchors[0]?.blockNumber ?? 0);
    const [first, second] = times.answers;
    expect(first).to.include({ dataset: pkg.answers[0]?.dataset, revision: 1, anchoredAt: block?.timestamp });
    expect(first?.newer).to.include({ epoch: first?.epoch, revision: 2 });
    expect(second?.newer).to.equal(undefined);
    expect(first?.committedAt).to.be.at.most(first?.newer?.committedAt ?? 0);
    const { stdout } = await verify(pkg);
    expect(stdout.match(/NOTE: before the leaf was anchored/g)).to.have.length(1);
    expect(stdout).to.include("(bound by its seal only)");
  });

  it("refutes a requestedAt that the chain excludes", async () => {
    const early = structuredClone(pkg);
    early.query.requestedAt = new Date(Date.parse(pkg.query.requestedAt) - 86_400_000).toISOString();
    early.seal = toHex(seal(sealDigest(early)));
    const report = await verifyEvidence(early, createLedgerFacts(provider, pkg.chain));
    expect(report.firstFailure).to.include({ name: "ASKED_TIME", reason: "ASKED_BEFORE_SESSION" });
  });

  it("takes the reader's own contract addresses, and refutes a package of others", async () => {
    const { queryLedger, datasetRegistry, memberRegistry } = deployment.addresses;
    const pins = ["--ledger", queryLedger, "--datasets", datasetRegistry, "--members", memberRegistry];
    const trusted = await verify(pkg, ...pins, "--json");
    expect(trusted.code).to.equal(0);
    expect(JSON.parse(trusted.stdout)).to.include({ verdict: "verified", pinned: true });
    const other = await verify(pkg, "--ledger", deployment.addresses.points, "--json");
    expect(other.code).to.equal(1);
    expect((JSON.parse(other.stdout) as { firstFailure: object }).firstFailure).to.deep.equal({
      ...{ name: "CHAIN", status: "failed", reason: "OTHER_CONTRACTS" },
    });
  });

  it("refutes what is not on this chain, naming the check", async () => {
    const changes: [string, (changed: EvidencePackage) => void][] = [
      ["SESSION", (changed) => (changed.answers[0]!.session = toHex(sha256(querierKey)))],
      ["DATASET", (changed) => (changed.answers[0]!.holder = 3)],
      ["DATASET", (changed) => (changed.answers[0]!.dataset = toHex(sha256(querierKey)))],
      ["COMMITMENT", (changed) => (changed.answers[0]!.revision = 2)],
      ["COMMITMENT", (changed) => (changed.answers[0]!.epoch = 9)],
      ["RECEIPT", (changed) => (changed.answers[0]!.response.receipt = changed.seal)],
      ["ANCHOR", (changed) => (changed.anchors[0]!.position = 8)],
      ["ANCHOR", (changed) => (changed.anchors[0]!.transactionHash = toHex(sha256(querierKey)))],
      ["ANCHOR", (changed) => (changed.anchors[0]!.logIndex += 1)],
      ["SEAL", (changed) => (changed.sealedAt = "2001-01-01T00:00:00.000Z")],
      ["CHAIN", (changed) => (changed.chain.chainId += 1)],
      ["CHAIN", (changed) => (changed.chain.queryLedger = changed.chain.datasetRegistry)],
    ];
    for (const [name, change] of changes) {
      const changed = structuredClone(pkg);
      change(changed);
      const report = await verifyEvidence(changed, createLedgerFacts(provider, changed.chain));
      const failed = report.checks.filter(({ status }) => status === "failed").map((check) => check.name);
      expect(report.verdict).to.equal("refuted");
      expect(failed).to.include(name);
    }
  });

  it("refutes a changed package, one with an unknown field and what is no JSON", async () => {
    const { code, stdout } = await verify({ ...pkg, answers: pkg.answers.toReversed() });
    expect(stdout).to.include("first failure: SEAL");
    expect(code).to.equal(1);
    expect((await verify({ ...pkg, extra: 1 })).code).to.equal(1);
    expect((await verify("no json")).code).to.equal(1);
  });

  it("refutes it on another chain with the same id", async () => {
    const other = await startChain({ stateDir: join(directory, "other"), port: await freePort(), log });
    try {
      const { code, stdout } = await verifyAt(other.rpcUrl, pkg, []);
      expect(stdout).to.include("first failure: CHAIN");
      expect(code).to.equal(1);
    } finally {
      await other.stop();
    }
  });

  it("says that it could not find out where the chain does not answer or the call is wrong", async () => {
    const silent = await verifyAt(`http://127.0.0.1:${await freePort()}`, pkg, []);
    expect(silent.stdout).to.include("UNDETERMINED");
    expect(silent.code).to.equal(2);
    expect((await verifyAt("not a url", pkg, [])).code).to.equal(2);
    expect((await verify(pkg, "--ledger", "0x12")).code).to.equal(2);
    expect((await verify(pkg, "--unknown")).code).to.equal(2);
  });
});

type Mined = NonNullable<Awaited<ReturnType<ContractTransactionResponse["wait"]>>>;

async function mined(sending: Promise<ContractTransactionResponse>): Promise<Mined> {
  return (await (await sending).wait()) ?? expect.fail("not mined");
}

/** bytes32, ASCII padded on the right. */
function padded(text: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => utf8(text)[i] ?? 0);
}
