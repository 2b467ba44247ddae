/** Key rounds in which nodes are killed, silent, doubled or late: real chain, real PostgreSQL, real queue, one process. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { after, before, describe, it } from "mocha";

import { KEY_PURPOSES } from "../../../../protocol/key-round/round.ts";
import { judgeRound } from "../../../../protocol/key-round/judge-round.ts";
import type { ChainView } from "../../../../relayer/chain/chain-view.ts";
import { createRoundReports } from "../../../../relayer/services/nodes/round-report.ts";
import { createKeyNodes, random, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "../../../support/platform.ts";

describe("algorithm nodes in a round that is disturbed", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let others: KeyNode[];
  let disturbed: TestMember;

  before(async () => {
    platform = await startTestPlatform(5);
    nodes = createKeyNodes(platform);
    await nodes.appoint(platform.firms);
    disturbed = platform.firms[4]!;
    others = [];
    for (const firm of platform.firms.slice(0, 4)) others.push(await nodes.start(firm));
  });
  after(async () => {
    await nodes.close();
    await platform.stop();
  });

  const messagesOf = async (round: number, member: TestMember): Promise<string[]> => {
    const { keyRounds } = platform.contracts;
    const posted = await keyRounds.queryFilter(keyRounds.filters.RoundMessagePosted(round, undefined, member.id));
    return posted.map(({ args }) =>
      keyRounds.interface.encodeFunctionData("post", [args.round, args.phase, args.message]),
    );
  };

  async function expectShares(node: KeyNode, round: number): Promise<void> {
    for (const purpose of KEY_PURPOSES) {
      const missing = `${node.member.name} has no share for ${purpose}`;
      await until(async () => (await node.service.find(round, purpose)) !== undefined || missing);
    }
    await until(async () => (await node.keys.openRounds()).length === 0);
  }

  it("says after each restart what it was about to say when it was cut off", async () => {
    const cutOff = new Map<string, string>();
    const start = (): Promise<KeyNode> =>
      nodes.start(disturbed, {
        tamper(call) {
          if (call.kind !== "post-round" || cutOff.has(call.key)) return call;
          cutOff.set(call.key, call.data);
          throw new Error("killed");
        },
      });
    let node = await start();
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    const ended = nodes.over(round);
    let finished = false;
    ended.finally(() => (finished = true)).catch(() => undefined);
    for (let restarts = 0; !finished; restarts = cutOff.size) {
      await until(() => finished || cutOff.size > restarts, 60);
      await node.stop();
      node = await start();
    }
    expect(await ended).to.equal("Completed");
    await expectShares(node, round);
    const said = await messagesOf(round, disturbed);
    // Of the phases that were held, and the confirmation at the latest after the others completed the round.
    expect(said.length).to.be.at.least(5);
    for (const data of said) expect([...cutOff.values()]).to.include(data);

    // Killed while it erased them, after the overwriting.
    writeFileSync(join(node.keyDir, "node", `round-${String(round)}.json`), random(150), { mode: 0o600 });
    await until(async () => (await node.keys.openRounds()).length === 0);
    await expectShares(node, round);
    await node.stop();
  });

  it("goes on without one that never speaks, after each deadline, and names it", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    expect(await nodes.over(round, [disturbed])).to.equal("Completed");
    for (const node of others) await expectShares(node, round);
    const { open } = (await others[0]!.service.reader.read(round))!;
    const { joined, purposes } = judgeRound(open);
    expect(joined).to.deep.equal(others.map(({ member }) => member.id));
    for (const { excluded, exposed } of purposes) {
      expect([excluded, exposed]).to.deep.equal([[{ member: disturbed.id, reason: "DEALING_MISSING" }], []]);
    }
    const late = await nodes.start(disturbed);
    await late.service.run();
    expect(await late.service.find(round, "query")).to.equal(undefined);
    expect(await late.keys.openRounds()).to.deep.equal([]);
    await late.stop();
  });

  it("ends when it is called off: what was half made is erased, and nobody is named for what was not said yet", async () => {
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    const { keyRounds } = platform.contracts;
    // One does not speak, so the phase goes on.
    for (const { member } of others) await until(() => keyRounds.hasPosted(round, 1, member.id));
    await platform.mined(platform.governance.keyRounds.callOff(round, encodeBytes32String("WRONG_THRESHOLD")));
    expect(await nodes.over(round)).to.equal("Failed");
    for (const { keys } of others) await until(async () => (await keys.openRounds()).length === 0);
    const { reader } = others[0]!.service;
    const report = await createRoundReports(others[0]!.chain.view, reader).report(round);
    expect(report).to.deep.include({ phase: "Failed", agreed: null });
    expect(report.calledOff).to.deep.equal({ phase: "Joining", reason: "WRONG_THRESHOLD" });
    expect(report.phases.map(({ phase }) => phase)).to.deep.equal(["Joining"]);
    expect(report.keys.flatMap(({ excluded, exposed, failure }) => [...excluded, ...exposed, failure])).to.deep.equal(
      KEY_PURPOSES.map(() => null),
    );
    const before = await messagesOf(round, others[0]!.member);
    for (const { service } of others) await service.run();
    expect(await messagesOf(round, others[0]!.member)).to.deep.equal(before);
  });

  it("of two processes of one relayer says everything once", async () => {
    const pair = [await nodes.start(disturbed), await nodes.start(disturbed)];
    const round = await nodes.begin(platform.firms, { threshold: 3 });
    const ended = nodes.over(round);
    let finished = false;
    ended.finally(() => (finished = true)).catch(() => undefined);
    while (!finished) {
      await Promise.all(pair.map(({ service }) => service.run()));
      await Promise.all(pair.map(({ service }) => service.report()));
    }
    expect(await ended).to.equal("Completed");
    for (const node of pair) await expectShares(node, round);
    const { db } = pair[0]!.database;
    await until(
      async () => (await db.selectFrom("chain_intents").where("state", "=", "queued").execute()).length === 0,
    );
    const intents = await db
      .selectFrom("chain_intents")
      .select(["key", "state"])
      .where("key", "like", `round:${String(round)}:%`)
      .execute();
    expect(intents.filter(({ state }) => state !== "mined")).to.deep.equal([]);
    expect(new Set(await messagesOf(round, disturbed)).size).to.equal(intents.length);
    const { algorithmNodes } = platform.contracts;
    const reports = await algorithmNodes.queryFilter(algorithmNodes.filters.NodeHeartbeat(disturbed.id));
    expect(reports.length).to.equal(1);
    for (const node of pair) await node.stop();
  });

  it("gets its shares though what is cached of the chain is old", async () => {
    const node = await nodes.start(disturbed, { view: (view) => lagging(view, 1_500) });
    for (let time = 0; time < 3; time++) {
      const round = await nodes.begin(platform.firms, { threshold: 3, purposes: ["evaluation", "query"] });
      expect(await nodes.over(round)).to.equal("Completed");
      for (const purpose of ["evaluation", "query"] as const) {
        await until(async () => (await node.service.find(round, purpose)) !== undefined);
      }
    }
    await node.stop();
  });
});

/** Tells of the joint computation what was true up to so long ago. */
function lagging(view: ChainView, ms: number): ChainView {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
  const computation = Object.fromEntries(
    Object.entries(view.computation).map(([name, ask]: [string, (...args: unknown[]) => Promise<unknown>]) => [
      name,
      async (...args: unknown[]) => {
        const key = `${name} ${JSON.stringify(args)}`;
        const known = kept.get(key);
        if (known !== undefined && performance.now() - known.at < ms) return await known.answer;
        const answer = ask(...args);
        kept.set(key, { at: performance.now(), answer });
        return await answer;
      },
    ]),
  ) as unknown as ChainView["computation"];
  return { ...view, computation };
}
