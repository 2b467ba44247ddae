/** Peer requests by those who may not, over channels that are none, and members that are suspended. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toBase64Url, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { isFault } from "../../protocol/errors/fault.ts";
import { encodeRequest } from "../../protocol/oblivious-lookup/request.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { REQUEST_HEADER } from "../../protocol/channel/request-tag.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import {
  admitAttacker,
  EVALUATE,
  evaluateAt,
  governance,
  random,
  replyOf,
  said,
  type Attacker,
} from "../support/attacker.ts";
import { createChannelCaller, type Called, type CallerOptions, type ChannelCaller } from "../support/channel-caller.ts";
import { certified, revocations, testAuthority } from "../support/identities.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(31_337));
const HELD: PartyName = "gamma";

describe("a hostile peer", function () {
  this.timeout(240_000);
  let net: TestNetwork;
  let mallory: Attacker;
  let path: string;
  let held: Called;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    mallory = await admitAttacker(net, "mallory-the-peer");
    path = `/peer/v1/tables/${await mallory.dataset(HELD)}/1/1`;
    held = await mallory.called(HELD);
  });

  /** A tag as it should be, but for what is asked to be otherwise. */
  function headers(change: { readonly path?: string; readonly method?: string; readonly secondsAgo?: number } = {}) {
    const { method = "GET", secondsAgo = 0 } = change;
    const at = Math.floor(Date.now() / 1000) - secondsAgo;
    return mallory.channel.headers(held, { method, path: change.path ?? path }, at);
  }

  async function download(sent: Readonly<Record<string, string>>, target = path): Promise<string> {
    return said(await replyOf(fetch(held.url + target, { headers: sent })));
  }

  const post = async (target: string, message: unknown): Promise<string> => {
    const body = typeof message === "string" ? message : JSON.stringify(message);
    return said(
      await replyOf(
        fetch(held.url + target, { method: "POST", headers: { "content-type": "application/json" }, body }),
      ),
    );
  };

  /** Why an agreement with the holder fails; "agreed" if it does not. */
  async function agreement(change: Partial<CallerOptions> & { readonly caller?: ChannelCaller } = {}): Promise<string> {
    const { chainId, addresses } = net.network.deployment;
    const network = { chainId, memberRegistry: addresses.memberRegistry };
    const caller = createChannelCaller({ self: mallory.identity, network, trust: await net.trust(), ...change });
    try {
      await caller.agree(held);
      return "agreed";
    } catch (error) {
      return isFault(error) ? error.code : (error as Error).message;
    }
  }

  it("agrees on nothing with a certificate that is not its own, not on chain, of nobody trusted, or of another network", async () => {
    expect(await agreement()).to.equal("agreed");
    const { chainId, addresses } = net.network.deployment;
    const stranger = certified(testAuthority(), "stranger");
    const alpha = await net.identity("alpha");
    // Alpha's certificate is public, and so is its number.
    for (const [what, self, code] of [
      ["a stranger", { ...mallory.identity, ...stranger }, "403 CHANNEL_CERTIFICATE_NOT_REGISTERED"],
      [
        "as alpha, by its own certificate",
        { ...mallory.identity, member: alpha.self.member },
        "403 CHANNEL_CERTIFICATE_NOT_REGISTERED",
      ],
      [
        "as alpha, by alpha's certificate",
        { ...alpha.self, key: mallory.identity.key },
        "401 CHANNEL_SIGNATURE_INVALID",
      ],
      [
        "by alpha's certificate",
        { ...mallory.identity, certificate: alpha.self.certificate },
        "403 CHANNEL_CERTIFICATE_NOT_REGISTERED",
      ],
      ["as nobody", { ...mallory.identity, member: 4_000 }, "403 CHANNEL_PEER_NOT_ACTIVE"],
      ["as the holder itself", { ...mallory.identity, member: held.member }, "CHANNEL_PARTIES_WRONG"],
    ] as const) {
      expect(await agreement({ self }), what).to.equal(code);
    }
    for (const network of [
      { chainId: chainId + 1, memberRegistry: addresses.memberRegistry },
      { chainId, memberRegistry: addresses.queryLedger },
    ]) {
      expect(await agreement({ network })).to.equal("CHANNEL_CONFIRMATION_INVALID");
    }
  });

  it("takes the holder's word for nothing: not with a root that did not certify it, nor with a list that is old", async () => {
    const other = testAuthority();
    const trusting = { trustList: [other.certificate], crls: [revocations(other)] };
    expect(await agreement({ trust: trusting })).to.equal("CERTIFICATE_ISSUER_UNKNOWN");
    const { trustList } = await net.trust();
    expect(await agreement({ trust: { trustList, crls: [] } })).to.equal("REVOCATION_LIST_MISSING");
  });

  it("gets no answer to what is no message of an agreement, nor to one that is not for here", async () => {
    const ephemeral = toBase64Url(generateKeyPair(random).publicKey);
    const hello = { version: 1, initiator: mallory.id, responder: held.member, ephemeral };
    const offCurve = toBase64Url(new Uint8Array(65).fill(4));
    for (const [what, message, code] of [
      ["nothing", "", "400 BODY_MALFORMED"],
      ["an array", "[]", "400 REQUEST_INVALID"],
      ["no fields", {}, "400 CHANNEL_MESSAGE_MALFORMED"],
      ["another version", { ...hello, version: 2 }, "400 CHANNEL_MESSAGE_MALFORMED"],
      ["one field more", { ...hello, admin: true }, "400 CHANNEL_MESSAGE_MALFORMED"],
      ["no point", { ...hello, ephemeral: offCurve }, "400 SM2_PUBLIC_KEY_INVALID"],
      ["a point that is too short", { ...hello, ephemeral: ephemeral.slice(4) }, "400 CHANNEL_MESSAGE_MALFORMED"],
      ["another recipient", { ...hello, responder: held.member + 1 }, "400 CHANNEL_PARTIES_WRONG"],
      ["a number that is none", { ...hello, initiator: -1 }, "400 CHANNEL_MESSAGE_MALFORMED"],
      ["too much", { ...hello, ephemeral: "A".repeat(20_000) }, "413 BODY_TOO_LARGE"],
    ] as const) {
      expect(await post("/peer/v1/channel", message), what).to.equal(code);
    }
    const made = {
      handshake: random(32),
      certificate: mallory.identity.certificate.der,
      signature: random(64),
      mac: random(32),
    };
    const confirmation = Object.fromEntries(Object.entries(made).map(([name, bytes]) => [name, toBase64Url(bytes)]));
    expect(await post("/peer/v1/channel/confirm", { version: 1, ...confirmation })).to.equal(
      "401 CHANNEL_HANDSHAKE_UNKNOWN",
    );
    const large = { version: 1, ...confirmation, certificate: "A".repeat(6_000) };
    expect(await post("/peer/v1/channel/confirm", large)).to.equal("400 CHANNEL_MESSAGE_MALFORMED");
  });

  it("downloads nothing without a tag, or by one for something else", async () => {
    expect(await download({})).to.equal("401 CHANNEL_TAG_MALFORMED");
    const tag = (await headers())[REQUEST_HEADER] ?? "";
    for (const bad of [tag.slice(1), `${tag}A`, `${tag}, ${tag}`, "+".repeat(70), "A".repeat(2_000)]) {
      expect(await download({ [REQUEST_HEADER]: bad })).to.equal("401 CHANNEL_TAG_MALFORMED");
    }
    const bytes = Buffer.from(tag, "base64url");
    for (const [at, code] of [
      [0, "401 CHANNEL_SESSION_UNKNOWN"],
      [8, "401 CHANNEL_REQUEST_INVALID"],
      [39, "401 CHANNEL_REQUEST_INVALID"],
      [45, "401 CHANNEL_REQUEST_INVALID"],
      [51, "401 CHANNEL_REQUEST_INVALID"],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await download({ [REQUEST_HEADER]: changed.toString("base64url") }), String(at)).to.equal(code);
    }
    expect(await download(await headers({ path: `${path}0` }))).to.equal("401 CHANNEL_REQUEST_INVALID");
    expect(await download(await headers({ method: "POST" }))).to.equal("401 CHANNEL_REQUEST_INVALID");
    // A query string is part of what is authenticated.
    expect(await download(await headers(), `${path}?x`)).to.equal("401 CHANNEL_REQUEST_INVALID");
    // Another holder knows nothing of this session.
    const elsewhere = fetch(net.member("beta").peerUrl + path, { headers: await headers() });
    expect(said(await replyOf(elsewhere))).to.equal("401 CHANNEL_SESSION_UNKNOWN");
  });

  it("downloads nothing by an old tag, one of the future, or one that was used", async () => {
    expect(await download(await headers({ secondsAgo: 120 }))).to.equal("401 CHANNEL_CLOCK_SKEW");
    expect(await download(await headers({ secondsAgo: -120 }))).to.equal("401 CHANNEL_CLOCK_SKEW");
    const used = await headers();
    expect(await download(used)).to.equal("200");
    expect(await download(used)).to.equal("401 CHANNEL_REPLAYED");
  });

  it("has nothing evaluated without a channel, over another member's voucher, or with another body under its tag", async () => {
    const session: Hex = await mallory.openSession([HELD]);
    const body = JSON.stringify(encodeRequest(await mallory.request({ session, holder: HELD })));
    const request = { method: "POST", path: EVALUATE, body };
    const evaluate = async (sent: Record<string, string>, text = body): Promise<string> => {
      const all = { "content-type": "application/json", ...sent };
      return said(await replyOf(fetch(held.url + EVALUATE, { method: "POST", headers: all, body: text })));
    };
    expect(await evaluate({})).to.equal("401 CHANNEL_TAG_MALFORMED");
    const sent = await mallory.channel.headers(held, request);
    expect(await evaluate(sent, body.replace('"lane":0', '"lane":1'))).to.equal("401 CHANNEL_REQUEST_INVALID");
    // Another member, over its own channel, with a voucher that is good.
    const thief = await admitAttacker(net, "mallory-the-thief");
    expect(said(await evaluateAt(thief, HELD, body))).to.equal("403 VOUCHER_OF_ANOTHER_MEMBER");
    expect((await mallory.trace(HELD, session)).requests).to.equal(0);
    expect(await evaluate(sent)).to.equal("200");
    expect(await evaluate(sent)).to.equal("401 CHANNEL_REPLAYED");
    // Nor the answer that was paid for.
    expect(said(await evaluateAt(thief, HELD, body))).to.equal("403 VOUCHER_OF_ANOTHER_MEMBER");
    expect((await mallory.trace(HELD, session)).requests).to.equal(1);
  });

  it("finds no table that is not one, and no file that is", async () => {
    const dataset = await mallory.dataset(HELD);
    const missing = [`${dataset}/1/999`, `${dataset}/999/1`, `${toHex(random(32))}/1/1`, `${dataset}/2147483647/1`];
    for (const each of missing) {
      const target = `/peer/v1/tables/${each}`;
      expect(await download(await headers({ path: target }), target), each).to.equal("404 TABLE_NOT_FOUND");
    }
    for (const each of [
      `${dataset}/0/1`,
      `${dataset}/1/99999999999`,
      `${dataset.toUpperCase()}/1/1`,
      `${dataset}/1/..%2f1`,
    ]) {
      const target = `/peer/v1/tables/${each}`;
      expect(await download(await headers({ path: target }), target), each).to.equal("400 REQUEST_INVALID");
    }
    expect(await download({ ...(await headers()), range: "bytes=99999999999-" })).to.equal("416 TABLE_RANGE_INVALID");
  });

  describe("who is suspended", () => {
    let rules: Awaited<ReturnType<typeof governance>>;
    const suspended = new Set<number>();

    async function suspend(id: number): Promise<void> {
      await mallory.mined(rules.memberRegistry.suspend(id, toHex(random(32))));
      suspended.add(id);
    }

    before(async () => {
      rules = await governance(net);
    });

    after(async () => {
      for (const id of suspended) await mallory.mined(rules.memberRegistry.reinstate(id));
      // Whoever comes next finds everybody knowing it.
      await net.wait("reinstatement", async () => {
        for (const { client } of net.network.members) {
          const { items } = (await client.get("admin", "/v1/members")) as { items: { id: number; status: string }[] };
          if (items.some(({ id, status }) => suspended.has(id) && status !== "Active")) return undefined;
        }
        return true;
      });
    });

    it("downloads nothing any more", async () => {
      await suspend(mallory.id);
      const reply = await net.wait("the holder to know", async () => {
        const seen = await download(await headers());
        return seen === "200" ? undefined : seen;
      });
      expect(reply).to.equal("403 CHANNEL_PEER_NOT_ACTIVE");
      expect(await agreement()).to.equal("403 CHANNEL_PEER_NOT_ACTIVE");
      await mallory.mined(rules.memberRegistry.reinstate(mallory.id));
      suspended.delete(mallory.id);
      await net.wait("the holder to know", async () =>
        (await download(await headers())) === "200" ? true : undefined,
      );
    });

    it("is asked no more, answers no more, and asks no more", async () => {
      const session: Hex = await mallory.openSession([HELD]);
      const request = await mallory.request({ session, holder: HELD });
      const subjects = await net.authorise("delta", [newNumber()]);
      await suspend(held.member);
      const reply = await net.wait(`${HELD} to know`, async () => {
        const unpaid = { ...request, voucher: random(65) };
        const seen = said(await evaluateAt(mallory, HELD, unpaid));
        return seen === "403 VOUCHER_SIGNATURE_INVALID" ? undefined : seen;
      });
      expect(reply).to.equal("403 MEMBER_SUSPENDED");
      expect(said(await evaluateAt(mallory, HELD, request))).to.equal("403 MEMBER_SUSPENDED");
      expect((await mallory.trace(HELD, session)).requests).to.equal(0);

      const only = await net.wait("delta to know", async () => {
        const seen = said(
          await replyOf(
            net.call("delta", "credit_officer", "/v1/queries", {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ subjects, purpose: "CREDIT_GRANTING", holders: [HELD] }),
            }),
          ),
        );
        return seen === "202" ? undefined : seen;
      });
      expect(only).to.equal("404 HOLDER_UNKNOWN");
      const view = await net.ask("delta", subjects);
      expect([view.state, view.holders.map(({ holder: name }) => name).includes(HELD)]).to.deep.equal([
        "answered",
        false,
      ]);
    });
  });
});
