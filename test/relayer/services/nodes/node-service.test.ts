/** Key rounds between relayers' node services: real chain, real PostgreSQL, real queue, one process. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { concatBytes, toHex, utf8 } from "../../../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import { judgeRound } from "../../../../protocol/key-round/judge-round.ts";
import { KEY_PURPOSES } from "../../../../protocol/key-round/round.ts";
import { encodeKeySet } from "../../../../protocol/threshold/key-set.ts";
import { thresholdOprf } from "../../../../protocol/threshold/threshold-oprf.ts";
import type { ChainView } from "../../../../relayer/chain/chain-view.ts";
import { ROUND_PHASES } from "../../../../relayer/chain/codes.ts";
import { createProvider } from "../../../../relayer/chain/provider.ts";
import { createRoundReader } from "../../../../relayer/services/nodes/read-round.ts";
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

  it("make the keys by themselves, and can use them", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    expect(await nodes.over(round)).to.equal("Completed");

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
    await expectOneMoment(view, round);
    // Nothing of the round is left but the shares.
    await until(async () =>
      (await Promise.all(running.map(({ keys }) => keys.openRounds()))).every(({ length }) => length === 0),
    );
    const files = await readdir(join(running[0]!.keyDir, "node"));
    expect(files.sort()).to.deep.equal(KEY_PURPOSES.map((purpose) => `share-${String(round)}-${purpose}.json`).sort());
  });

  /** As of each block of the round: phase, messages and keys of that block, though the chain's node answers calls out of its newest. */
  async function expectOneMoment(view: ChainView, round: number): Promise<void> {
    const { keyRounds } = platform.contracts;
    const { rpcUrl, chainId } = platform.deployment;
    const ahead = createProvider(rpcUrl, chainId);
    ahead.call = (call) => platform.provider.call({ ...call, blockTag: "latest" });
    const contracts = { ...view.contracts, keyRounds: keyRounds.connect(ahead) };
    const [begun] = await keyRounds.queryFilter(keyRounds.filters.RoundBegun(round));
    const [completed] = await keyRounds.queryFilter(keyRounds.filters.RoundCompleted(round));
    const phases = new Set<bigint>();
    for (let head = begun!.blockNumber; head <= completed!.blockNumber; head++) {
      ahead.getBlockNumber = () => Promise.resolve(head);
      const { info, open, keys } = (await createRoundReader({ ...view, contracts }).read(round))!;
      const facts = await keyRounds.getRound(round, { blockTag: head });
      phases.add(facts.phase);
      expect(info).to.deep.include({
        phase: ROUND_PHASES[Number(facts.phase)],
        phaseEndsAt: Number(facts.phaseEndsAt),
      });
      const posted = await keyRounds.queryFilter(keyRounds.filters.RoundMessagePosted(round), 0, head);
      expect(open.messages.map(({ bytes }) => toHex(bytes))).to.deep.equal(posted.map(({ args }) => args.message));
      expect(toHex(concatBytes(...[...keys.values()].map(encodeKeySet)))).to.equal(
        await keyRounds.keySetsOf(round, { blockTag: head }),
      );
    }
    ahead.destroy();
    expect(phases.size).to.be.at.least(7);
  }

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
