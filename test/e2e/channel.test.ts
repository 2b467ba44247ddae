/** The channel between relayers on a whole network: agreed on ahead, through restarts and changes of keys, and cut where it must be. */
import { readFileSync, statSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { isError, NonceManager, Wallet } from "ethers";
import { after, before, describe, it } from "mocha";

import type { Certificate } from "../../protocol/certificates/certificate.ts";
import { revocationListToPem } from "../../protocol/certificates/revocation-list.ts";
import { toBase64Url, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { EvaluateRequest } from "../../protocol/oblivious-lookup/request.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { sign } from "../../protocol/sm/sm2-signature.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import type { Credential } from "../../relayer/services/channel/identity-files.ts";
import { openCertificateAuthority } from "../../scripts/governance/certificate-authority.ts";
import { awaitReceipt } from "../../scripts/network/await-receipt.ts";
import { handCertificate, handTrust, trustDocumentsOf } from "../../scripts/network/identity-documents.ts";
import { PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { admitAttacker, evaluateAt, governance, random, replyOf, said, type Attacker } from "../support/attacker.ts";
import { createChannelCaller } from "../support/channel-caller.ts";
import { revocations } from "../support/identities.ts";
import { NETWORK_START_MS, testNetwork, type AskedSubject, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(1_213));
const HELD: PartyName = "gamma";

describe("the channel between relayers", function () {
  this.timeout(480_000);
  let net: TestNetwork;
  let rules: Awaited<ReturnType<typeof governance>>;
  const down = new Set<PartyName>();

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    rules = await governance(net);
  });

  after(async () => {
    for (const name of down) await net.member(name).up();
    const authority = await openCertificateAuthority(net.network.state.authority);
    await handTrust(net.network.state.party(HELD), await trustDocumentsOf(authority));
  });

  const mined = (sending: Promise<{ readonly hash: string }>) => awaitReceipt(net.provider, sending);
  const agreements = (name: PartyName): number =>
    net.traffic(name).filter(({ request }) => request.start.startsWith("POST /peer/v1/channel ")).length;

  /** What that party's relayer has logged since. */
  function logSince(name: PartyName): () => string {
    const from = statSync(net.member(name).logFile).size;
    return () => readFileSync(net.member(name).logFile).subarray(from).toString("utf8");
  }

  async function answered(name: PartyName, subjects: readonly AskedSubject[], holders?: PartyName[]): Promise<void> {
    const view = await net.ask(name, subjects, holders === undefined ? {} : { holders });
    expect([view.state, view.holders.map(({ state }) => state)]).to.deep.equal([
      "answered",
      view.holders.map(() => "answered"),
    ]);
  }

  it("is agreed on before anybody asks: a query waits for none", async () => {
    await net.wait("sessions of all with all", () => {
      const missing = PARTIES.filter(({ name }) => agreements(name) < PARTIES.length - 1);
      return Promise.resolve(missing.length === 0 ? true : undefined);
    });
    const subjects = await net.authorise("alpha", [newNumber(), newNumber()]);
    const before = PARTIES.map(({ name }) => agreements(name));
    for (const subject of subjects) await answered("alpha", [subject]);
    expect(PARTIES.map(({ name }) => agreements(name))).to.deep.equal(before);
  });

  it("carries every peer request that is answered, each by a tag of its own", () => {
    const tags: (string | undefined)[] = [];
    for (const { name } of PARTIES) {
      for (const { request, response } of net.traffic(name)) {
        if (!/^HTTP\/1\.1 20/.test(response?.start ?? "")) continue;
        if (!/ \/peer\/v1\/(?:evaluate|tables)/.test(request.start)) continue;
        tags.push(request.headers.find(([header]) => header === "riskveil-channel")?.[1]);
        expect(request.headers.map(([header]) => header)).not.to.include("riskveil-signature");
      }
    }
    expect(tags.length).to.be.greaterThan(20);
    for (const tag of tags) expect(tag).to.match(/^[\w-]{70}$/);
    expect(new Set(tags).size).to.equal(tags.length);
  });

  it("is there again after two relayers were restarted, in either order", async () => {
    const [ofAlpha, ofBeta] = [await net.authorise("alpha", [newNumber()]), await net.authorise("beta", [newNumber()])];
    for (const order of [
      ["alpha", "beta"],
      ["beta", "alpha"],
    ] as const) {
      for (const name of order) {
        down.add(name);
        await net.member(name).down("kill");
      }
      for (const name of order) {
        await net.member(name).up();
        down.delete(name);
      }
      await answered("alpha", ofAlpha, ["beta"]);
      await answered("beta", ofBeta, ["alpha"]);
    }
  });

  describe("while a member changes its key", () => {
    let old: Credential;
    let next: Certificate;

    /** Asks on and on, both ways, until told to stop; every query must be answered. */
    function keepAsking(pairs: readonly (readonly [PartyName, readonly AskedSubject[]])[]) {
      let over = false;
      const asked = pairs.map(() => 0);
      const all = Promise.all(
        pairs.map(async ([name, subjects], i) => {
          for (let at = 0; !over; at = (at + 1) % subjects.length) {
            await answered(name, subjects.slice(at, at + 1));
            asked[i] = (asked[i] ?? 0) + 1;
          }
        }),
      );
      // Who fails is heard of at the end.
      all.catch(() => undefined);
      return {
        async goOn(): Promise<void> {
          const before = [...asked];
          await Promise.race([
            all,
            net.wait("more queries", () =>
              Promise.resolve(asked.every((count, i) => count > (before[i] ?? 0) + 1) ? true : undefined),
            ),
          ]);
        },
        async stop(): Promise<void> {
          over = true;
          await all;
        },
      };
    }

    async function rotate(): Promise<void> {
      const { state, deployment } = net.network;
      const keys = net.keys("delta");
      old = (await net.identity("delta")).self;
      const key = await keys.nextIdentityKey();
      // The certificate is there before the chain knows of it: it is taken up when it does.
      const authority = await openCertificateAuthority(state.authority);
      const endpoint = net.member("delta").peerUrl;
      next = await authority.certify({ name: "delta", organisation: "delta", publicKey: key.publicKey, endpoint });
      await handCertificate(state.party("delta"), next);
      const wallet = new Wallet(toHex(await keys.operatorKey()), net.provider);
      const account = new NonceManager(wallet);
      const { identityKeys } = connectContracts(deployment.addresses, account);
      const [x, y] = [toHex(key.publicKey.slice(1, 33)), toHex(key.publicKey.slice(33))];
      const message = Buffer.from((await identityKeys.possessionDigest(wallet.address, x, y)).slice(2), "hex");
      // The relayer uses the account too: whoever finds its nonce taken asks for the next one.
      await net.wait("a nonce of the account", async () => {
        account.reset();
        try {
          await mined(identityKeys.presentKey(x, y, toHex(sign(key, message, random))));
          return true;
        } catch (error) {
          if (isError(error, "NONCE_EXPIRED") || isError(error, "REPLACEMENT_UNDERPRICED")) return undefined;
          throw error;
        }
      });
      const delta = await net.memberId("delta");
      await mined(rules.identityKeys.certifyKey(delta, 1, toHex(next.digest)));
    }

    const failures = (log: string): string[] =>
      log.split("\n").filter((line) => line.includes("the holder refused") || line.includes("no valid answer"));

    it("no request fails: not before, not while both keys are valid, not when the old one is over", async () => {
      const numbers = () => Array.from({ length: 8 }, newNumber);
      const [ofDelta, ofAlpha] = [await net.authorise("delta", numbers()), await net.authorise("alpha", numbers())];
      await net.settled();
      const logs = [logSince("delta"), logSince("alpha")];
      const asking = keepAsking([
        ["delta", ofDelta],
        ["alpha", ofAlpha],
      ]);
      await asking.goOn();
      await rotate();
      await asking.goOn();
      const log = logs[0] ?? expect.fail();
      await net.wait("delta to go over to its new key", () =>
        Promise.resolve(log().includes("another certificate is in use") ? true : undefined),
      );
      const renewed = (): number => log().split('"session agreed"').length - 1;
      await net.wait("delta's sessions to be replaced", () =>
        Promise.resolve(renewed() >= PARTIES.length - 1 ? true : undefined),
      );
      const delta = await net.memberId("delta");
      await mined(rules.identityKeys.revokeKey(delta, 0, toHex(random(32))));
      await net.wait("everybody to know", async () => ((await agreesAs(old, delta)) === "agreed" ? undefined : true));
      await asking.goOn();
      await asking.stop();
      for (const each of logs) expect(failures(each())).to.deep.equal([]);
      await answered("delta", ofDelta.slice(-1));
      await answered("alpha", ofAlpha.slice(-1));
    });

    it("the key that is over opens nothing any more, the new one does", async () => {
      const delta = await net.memberId("delta");
      expect(await agreesAs(old, delta)).to.equal("403 CHANNEL_CERTIFICATE_NOT_REGISTERED");
      const { self } = await net.identity("delta");
      expect(toHex(self.certificate.digest)).to.equal(toHex(next.digest));
      expect(await agreesAs(self, delta)).to.equal("agreed");
    });

    it("a restart finds the new one", async () => {
      await net.member("delta").down("stop");
      down.add("delta");
      await net.member("delta").up();
      down.delete("delta");
      await answered("delta", await net.authorise("delta", [newNumber()]));
      await answered("alpha", await net.authorise("alpha", [newNumber()]), ["delta"]);
    });
  });

  async function agreesAs(credential: Credential, member: number): Promise<string> {
    const { network } = await net.identity("alpha");
    const caller = createChannelCaller({ self: { member, ...credential }, network, trust: await net.trust() });
    const called = { member: await net.memberId(HELD), url: net.member(HELD).peerUrl };
    return await caller.agree(called).then(
      () => "agreed",
      (error: unknown) => (error as Error).message,
    );
  }

  describe("with a member that is not to be trusted any more", () => {
    let mallory: Attacker;
    let session: Hex;

    before(async () => {
      mallory = await admitAttacker(net, "mallory-revoked");
      session = await mallory.openSession([HELD, "beta"]);
    });

    /** One request a lane: the same again is no other, which would be a fork. */
    const requests = new Map<string, EvaluateRequest>();

    /** What the holder says to the request in that lane, or to the agreement that has to come first. */
    async function attempt(holder: PartyName, lane: number): Promise<string> {
      const key = `${holder} ${String(lane)}`;
      const request = requests.get(key) ?? (await mallory.request({ session, holder, lane }));
      requests.set(key, request);
      return evaluateAt(mallory, holder, request).then(said, (error: unknown) => (error as Error).message);
    }

    async function giveList(serials: readonly Hex[], changes: object = {}): Promise<void> {
      const { authority, party } = net.network.state;
      const key = await createKeyStore(authority, random).identityKey();
      const { root } = await openCertificateAuthority(authority);
      const list = revocations({ key, certificate: root }, serials, undefined, changes);
      const file = join(party(HELD).trust, "root-revocations.pem");
      await writeFile(`${file}.new`, revocationListToPem(list.der));
      await rename(`${file}.new`, file);
    }

    it("closes its sessions when a revocation list names it, and opens no new one", async () => {
      expect(await attempt(HELD, 0)).to.equal("200");
      await giveList([mallory.identity.certificate.serial]);
      const before = (await mallory.trace(HELD, session)).requests;
      const refused = await net.wait("the list to be read", async () => {
        const seen = await attempt(HELD, 1);
        return seen === "200" ? undefined : seen;
      });
      expect(refused).to.equal("403 CERTIFICATE_REVOKED");
      const after = (await mallory.trace(HELD, session)).requests;
      expect(after - before).to.be.at.most(1);
      expect(await attempt(HELD, 2)).to.equal("403 CERTIFICATE_REVOKED");
      expect((await mallory.trace(HELD, session)).requests).to.equal(after);
      // Who has not got the list does not know; the others' relayers go on as before.
      expect(await attempt("beta", 0)).to.equal("200");
      await answered("alpha", await net.authorise("alpha", [newNumber()]), [HELD]);
    });

    it("opens none to anybody by a list that has run out, and all again by a new one", async () => {
      const now = Math.floor(Date.now() / 1000);
      await giveList([], { thisUpdate: now - 7_200, nextUpdate: now - 3_600 });
      const stale = await net.wait("the list to be read", async () => {
        const seen = await attempt(HELD, 3);
        return seen === "403 CERTIFICATE_REVOKED" ? undefined : seen;
      });
      expect(stale).to.match(/REVOCATION_LIST_STALE$/);
      const authority = await openCertificateAuthority(net.network.state.authority);
      await handTrust(net.network.state.party(HELD), await trustDocumentsOf(authority));
      await net.wait("the new list to be read", async () => ((await attempt(HELD, 4)) === "200" ? true : undefined));
      await answered("alpha", await net.authorise("alpha", [newNumber()]), [HELD]);
    });

    it("cuts it off everywhere as soon as the chain says that its key is over", async () => {
      for (const holder of [HELD, "beta"] as const) expect(await attempt(holder, 5)).to.equal("200");
      await mined(rules.identityKeys.revokeKey(mallory.id, 0, toHex(random(32))));
      for (const holder of [HELD, "beta"] as const) {
        await net.wait("the holder to know", async () => {
          // Nothing new is asked by this: it was answered before.
          const seen = await attempt(holder, 5);
          return seen === "403 CHANNEL_CERTIFICATE_NOT_REGISTERED" ? true : undefined;
        });
        const before = (await mallory.trace(holder, session)).requests;
        expect(await attempt(holder, 6)).to.equal("403 CHANNEL_CERTIFICATE_NOT_REGISTERED");
        expect((await mallory.trace(holder, session)).requests).to.equal(before);
      }
    });
  });

  it("is kept up under a flood of strangers' hellos, which are limited by address", async () => {
    const ephemeral = toBase64Url(generateKeyPair(random).publicKey);
    const [initiator, responder] = [await net.memberId("alpha"), await net.memberId(HELD)];
    const body = JSON.stringify({ version: 1, initiator, responder, ephemeral });
    const hello = async (): Promise<string> =>
      said(
        await replyOf(
          fetch(`${net.member(HELD).peerUrl}/peer/v1/channel`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body,
          }),
        ),
      );
    const subjects = await net.authorise("alpha", [newNumber()]);
    // However slow the machine: the allowance comes back while it answers.
    const replies: string[] = [];
    const pour = async (): Promise<void> => {
      for (let sent = 0; sent < 4 || (sent < 100 && !replies.includes("429 RATE_LIMITED")); sent++)
        replies.push(await hello());
    };
    const flood = Promise.all(Array.from({ length: 100 }, pour));
    await answered("alpha", subjects, [HELD]);
    await flood;
    expect(new Set(replies)).to.deep.equal(new Set(["200", "429 RATE_LIMITED"]));
    await net.wait("the limit to pass", async () => ((await hello()) === "200" ? true : undefined));
  });
});
