/** Downloads of tables by those who may not, and members that are suspended. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import { signPeerRequest } from "../../relayer/http/peer/request-signature.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { admitAttacker, evaluateAt, governance, random, replyOf, said, type Attacker } from "../support/attacker.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(31_337));
const HELD: PartyName = "gamma";

describe("a hostile peer", function () {
  this.timeout(60_000);
  let net: TestNetwork;
  let mallory: Attacker;
  let path: string;
  let holder: number;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    mallory = await admitAttacker(net, "mallory-the-peer");
    path = `/peer/v1/tables/${await mallory.dataset(HELD)}/1/1`;
    holder = await net.memberId(HELD);
  });

  interface Signing {
    readonly by?: OperatorKey;
    readonly path?: string;
    readonly recipient?: number;
    readonly secondsAgo?: number;
    readonly chainId?: number;
  }

  function headers({ by = mallory.operator, recipient = holder, secondsAgo = 0, ...rest }: Signing = {}) {
    const { chainId, addresses } = net.network.deployment;
    return signPeerRequest(
      {
        operator: by,
        network: { chainId: rest.chainId ?? chainId, memberRegistry: addresses.memberRegistry },
        clock: () => new Date(Date.now() - secondsAgo * 1_000),
        random,
      },
      { method: "GET", path: rest.path ?? path, body: new Uint8Array() },
      recipient,
    );
  }

  async function download(sent: Readonly<Record<string, string>>, target = path): Promise<string> {
    return said(await replyOf(fetch(net.member(HELD).peerUrl + target, { headers: sent })));
  }

  it("downloads nothing unsigned, or signed for something else", async () => {
    expect(await download({})).to.equal("401 PEER_SIGNATURE_INVALID");
    const good = headers();
    for (const name of Object.keys(good)) {
      const { [name]: _left, ...rest } = good;
      expect(await download(rest), name).to.equal("401 PEER_SIGNATURE_INVALID");
    }
    expect(await download(headers({ path: `${path}0` }))).to.equal("401 PEER_SIGNATURE_INVALID");
    expect(await download(headers({ recipient: holder + 1 }))).to.equal("401 PEER_SIGNATURE_INVALID");
    expect(await download(headers({ chainId: 1 }))).to.equal("401 PEER_SIGNATURE_INVALID");
    expect(await download({ ...headers(), "riskveil-operator": (await net.operator("alpha")).address })).to.equal(
      "401 PEER_SIGNATURE_INVALID",
    );
    // A query string is part of what is signed.
    expect(await download(headers(), `${path}?x`)).to.equal("401 PEER_SIGNATURE_INVALID");
  });

  it("downloads nothing as a stranger, by an old signature, or by one that was used", async () => {
    expect(await download(headers({ by: createOperatorKey(random(32)) }))).to.equal("403 PEER_NOT_ACTIVE");
    expect(await download(headers({ secondsAgo: 120 }))).to.equal("401 PEER_CLOCK_SKEW");
    expect(await download(headers({ secondsAgo: -120 }))).to.equal("401 PEER_CLOCK_SKEW");
    const used = headers();
    expect(await download(used)).to.equal("200");
    expect(await download(used)).to.equal("401 PEER_REPLAYED");
  });

  it("finds no table that is not one, and no file that is", async () => {
    const dataset = await mallory.dataset(HELD);
    const missing = [`${dataset}/1/999`, `${dataset}/999/1`, `${toHex(random(32))}/1/1`, `${dataset}/2147483647/1`];
    for (const each of missing) {
      const target = `/peer/v1/tables/${each}`;
      expect(await download(headers({ path: target }), target), each).to.equal("404 TABLE_NOT_FOUND");
    }
    for (const each of [
      `${dataset}/0/1`,
      `${dataset}/1/99999999999`,
      `${dataset.toUpperCase()}/1/1`,
      `${dataset}/1/..%2f1`,
    ]) {
      const target = `/peer/v1/tables/${each}`;
      expect(await download(headers({ path: target }), target), each).to.equal("400 REQUEST_INVALID");
    }
    expect(await download({ ...headers(), range: "bytes=99999999999-" })).to.equal("416 TABLE_RANGE_INVALID");
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
        const seen = await download(headers());
        return seen === "200" ? undefined : seen;
      });
      expect(reply).to.equal("403 PEER_NOT_ACTIVE");
      await mallory.mined(rules.memberRegistry.reinstate(mallory.id));
      suspended.delete(mallory.id);
      await net.wait("the holder to know", async () => ((await download(headers())) === "200" ? true : undefined));
    });

    it("is asked no more, answers no more, and asks no more", async () => {
      const session: Hex = await mallory.openSession([HELD]);
      const request = await mallory.request({ session, holder: HELD });
      const subjects = await net.authorise("delta", [newNumber()]);
      await suspend(holder);
      const reply = await net.wait(`${HELD} to know`, async () => {
        const unpaid = { ...request, voucher: random(65) };
        const seen = said(await evaluateAt(net, HELD, unpaid));
        return seen === "403 VOUCHER_SIGNATURE_INVALID" ? undefined : seen;
      });
      expect(reply).to.equal("403 MEMBER_SUSPENDED");
      expect(said(await evaluateAt(net, HELD, request))).to.equal("403 MEMBER_SUSPENDED");
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
