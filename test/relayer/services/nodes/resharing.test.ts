/** Shares that move to other nodes and are erased where they have served. Real chain, real PostgreSQL, real queue. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { toHex, utf8 } from "../../../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import { KEY_PURPOSES, type KeyPurpose } from "../../../../protocol/key-round/round.ts";
import { thresholdOprf } from "../../../../protocol/threshold/threshold-oprf.ts";
import { createKeyNodes, random, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestPlatform } from "../../../support/platform.ts";

const DAY = 86_400;
const input = ristretto255.hashToElement(utf8("somebody"), utf8("test"));

describe("a key that is shared anew", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let running: KeyNode[];
  let first: number;

  before(async () => {
    platform = await startTestPlatform(6);
    nodes = createKeyNodes(platform);
    await nodes.appoint(platform.firms);
    running = [];
    for (const firm of platform.firms) running.push(await nodes.start(firm));
    first = await nodes.begin(platform.firms.slice(0, 5), { threshold: 3 });
    expect(await nodes.over(first)).to.equal("Completed");
    for (const node of running.slice(0, 5)) await expectHeld(node, sharesOf(first));
  });
  after(async () => {
    await nodes.close();
    await platform.stop();
  });

  const sharesOf = (round: number, purposes: readonly KeyPurpose[] = KEY_PURPOSES): string[] =>
    purposes.map((purpose) => `share-${String(round)}-${purpose}.json`);
  /** Nothing else is in its directory. */
  const expectHeld = (node: KeyNode, files: readonly string[]): Promise<void> =>
    until(async () => {
      const found = await readdir(join(node.keyDir, "node")).catch(() => []);
      return found.sort().join() === [...files].sort().join() || `${node.member.name} holds ${found.join()}`;
    });
  /** What these answer under a key, put together. */
  async function evaluated(by: readonly KeyNode[], round: number, purpose: KeyPurpose): Promise<string> {
    const found = await Promise.all(by.map(({ service }) => service.find(round, purpose)));
    const answers = found.map((each) => ({
      from: each!.share.index,
      bytes: thresholdOprf.evaluate(each!.keys, each!.share, [input], random),
    }));
    const { elements, liars } = thresholdOprf.combine(found[0]!.keys, [input], answers);
    expect(liars).to.deep.equal([]);
    return toHex(elements[0]!);
  }

  it("is the same key in other hands; the old shares are erased, but the layer's and the places' stay while an edition uses them", async () => {
    const { consortiumTables } = platform.governance;
    const terms = { period: DAY, collecting: DAY, stage: DAY, leastContributors: 3, leastRows: 4 };
    await platform.mined(consortiumTables.setTerms({ ...terms, aggregator: platform.association.id }));
    await platform.mined(platform.actingAs(platform.firms[0]!).consortiumTables.open());

    const before = await evaluated(running.slice(0, 3), first, "evaluation");
    const receivers = platform.firms.slice(3);
    const second = await nodes.begin(receivers, { threshold: 2, basis: first });
    expect(await nodes.over(second)).to.equal("Completed");
    for (const purpose of KEY_PURPOSES) {
      for (const node of running.slice(3)) {
        await until(async () => (await node.service.find(second, purpose)) !== undefined);
      }
      const [old, fresh] = await Promise.all(
        [first, second].map((round) => running[3]!.chain.view.computation.keySet(round, purpose)),
      );
      expect(toHex(fresh!.publicKey)).to.equal(toHex(old!.publicKey));
      expect(fresh!.publicShares.map(toHex)).to.not.include.members(old!.publicShares.map(toHex));
    }
    expect(await evaluated([running[3]!, running[5]!], second, "evaluation")).to.equal(before);

    // The layer comes off, and places are made, in the round that the edition was opened with; all else is asked of the new nodes.
    const layer = sharesOf(first, ["layer", "locator"]);
    for (const node of running.slice(0, 3)) await expectHeld(node, layer);
    for (const node of running.slice(3, 5)) await expectHeld(node, [...layer, ...sharesOf(second)]);
    await expectHeld(running[5]!, sharesOf(second));
    await platform.provider.send("evm_increaseTime", [DAY + 1]);
    await platform.provider.send("evm_mine", []);
    await platform.mined(platform.actingAs(platform.firms[0]!).consortiumTables.close(1));
    for (const node of running.slice(0, 3)) await expectHeld(node, []);
    for (const node of running.slice(3)) await expectHeld(node, sharesOf(second));
    expect(await running[0]!.service.find(first, "evaluation")).to.equal(undefined);
    expect(await running[4]!.service.find(first, "evaluation")).to.equal(undefined);
  });

  it("of one purpose leaves the others with the nodes that have them", async () => {
    const basis = Number(await platform.contracts.keyRounds.currentRound(1));
    const query = await nodes.begin(platform.firms.slice(0, 3), { threshold: 2, purposes: ["query"], basis });
    expect(await nodes.over(query)).to.equal("Completed");
    for (const node of running.slice(0, 3)) await expectHeld(node, sharesOf(query, ["query"]));
    for (const node of running.slice(3)) await expectHeld(node, sharesOf(basis, ["evaluation", "layer", "locator"]));
  });

  it("fails without enough of the old shares, and everything stays as it was", async () => {
    const basis = Number(await platform.contracts.keyRounds.currentRound(0));
    // Two of three old nodes are not there; two are needed.
    const gone = running.slice(3, 5);
    for (const node of gone) await node.stop();
    const round = await nodes.begin(platform.firms.slice(0, 3), { threshold: 2, purposes: ["evaluation"], basis });
    expect(await nodes.over(round, [platform.firms[3]!, platform.firms[4]!])).to.equal("Failed");
    expect(Number(await platform.contracts.keyRounds.currentRound(0))).to.equal(basis);
    await expectHeld(running[5]!, sharesOf(basis, ["evaluation", "layer", "locator"]));
    for (const { member } of gone) {
      const again = await nodes.start(member);
      expect(await again.service.find(basis, "evaluation")).to.not.equal(undefined);
    }
  });
});
