/** Key rounds between relayers' node services: real chain, real PostgreSQL, real queue, one process. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import { judgeRound } from "../../../../protocol/key-round/judge-round.ts";
import { KEY_PURPOSES } from "../../../../protocol/key-round/round.ts";
import { createRoundReader } from "../../../../relayer/services/nodes/read-round.ts";
import { thresholdOprf } from "../../../../protocol/threshold/threshold-oprf.ts";
import { utf8 } from "../../../../protocol/encoding/bytes.ts";
import { createKeyNodes, random, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestPlatform } from "../../../support/platform.ts";

describe("algorithm nodes", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let running: KeyNode[];

  before(async () => {
    platform = await startTestPlatform(5);
    nodes = createKeyNodes(platform);
    await nodes.appoint(platform.firms);
    running = [];
    for (const firm of platform.firms) running.push(await nodes.start(firm));
  });
  after(async () => {
    await nodes.close();
    await platform.stop();
  });

  it("make the keys by themselves, in seconds, and can use them", async () => {
    const began = performance.now();
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    expect(await nodes.over(round)).to.equal("Completed");
    expect(performance.now() - began).to.be.below(30_000);

    for (const purpose of KEY_PURPOSES) {
      await until(async () =>
        (await Promise.all(running.map(({ service }) => service.find(round, purpose)))).every(Boolean),
      );
      const found = await Promise.all(running.map(({ service }) => service.find(round, purpose)));
      const input = ristretto255.hashToElement(utf8("somebody"), utf8("test"));
      const answers = found.slice(0, 3).map((each) => ({
        from: each!.share.index,
        bytes: thresholdOprf.evaluate(each!.keys, each!.share, [input], random),
      }));
      expect(thresholdOprf.combine(found[4]!.keys, [input], answers).liars).to.deep.equal([]);
    }
    // However few blocks the chain tells of at once.
    const { view } = running[0]!.chain;
    const whole = (await running[0]!.service.reader.read(round))!.open;
    const parts = (await createRoundReader(view, 2).read(round))!.open;
    // Confirmations that come when the round is over may be left out.
    expect(parts.messages).to.deep.equal(whole.messages.slice(0, parts.messages.length));
    expect(judgeRound(parts)).to.deep.equal(judgeRound(whole));
    expect(await createRoundReader(view).read(round + 1)).to.equal(undefined);
    // Nothing of the round is left but the shares.
    await until(async () =>
      (await Promise.all(running.map(({ keys }) => keys.openRounds()))).every(({ length }) => length === 0),
    );
    const files = await readdir(join(running[0]!.keyDir, "node"));
    expect(files.sort()).to.deep.equal(KEY_PURPOSES.map((purpose) => `share-${String(round)}-${purpose}.json`).sort());
  });

  it("make the same keys again when the chain comes back from before the round's end", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 3, purposes: ["query"] });
    await platform.snapshot();
    expect(await nodes.over(round)).to.equal("Completed");
    const keys = await platform.contracts.keyRounds.keySetsOf(round);
    for (const { service } of running) await until(async () => (await service.find(round, "query")) !== undefined);
    await until(
      async () => (await Promise.all(running.map(({ keys: kept }) => kept.openRounds()))).flat().length === 0,
    );

    await platform.crash();
    expect(await platform.contracts.keyRounds.keySetsOf(round)).to.equal("0x");
    expect(await nodes.over(round)).to.equal("Completed");
    expect(await platform.contracts.keyRounds.keySetsOf(round)).to.equal(keys);
    for (const { service } of running) await until(async () => (await service.find(round, "query")) !== undefined);
  });
});
