/** Key rounds in which members lie on chain; whoever reads the chain names them. Real chain, real PostgreSQL, real queue. */
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import { judgeRound, type RoundVerdict } from "../../../../protocol/key-round/judge-round.ts";
import { encodeDealing, encodeLists, readDealing, readLists } from "../../../../protocol/key-round/messages.ts";
import { KEY_PURPOSES } from "../../../../protocol/key-round/round.ts";
import { ROUND_PHASES } from "../../../../relayer/chain/codes.ts";
import type { OutboxCall } from "../../../../relayer/chain/outbox.ts";
import { changed } from "../../../protocol/threshold/ceremony.ts";
import { createKeyNodes, random, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestPlatform } from "../../../support/platform.ts";

type Lie = (message: Uint8Array) => Uint8Array;

describe("algorithm nodes that lie", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let running: KeyNode[];
  /** By member and phase; what the others do is honest. */
  const lies = new Map<string, Lie>();

  const lie = (member: number, phase: (typeof ROUND_PHASES)[number], say: Lie): void => {
    lies.set(`${String(member)} ${phase}`, say);
  };
  function tamper(member: number, call: OutboxCall): OutboxCall {
    if (call.kind !== "post-round") return call;
    const { interface: rounds } = platform.contracts.keyRounds;
    const [round, phase, message] = rounds.decodeFunctionData("post", call.data) as unknown as [bigint, bigint, Hex];
    const say = lies.get(`${String(member)} ${ROUND_PHASES[Number(phase)] ?? ""}`);
    if (say === undefined) return call;
    const data = rounds.encodeFunctionData("post", [round, phase, toHex(say(fromHex(message)))]) as Hex;
    return { ...call, data };
  }

  before(async () => {
    platform = await startTestPlatform(5);
    nodes = createKeyNodes(platform);
    await nodes.appoint(platform.firms);
    running = [];
    for (const firm of platform.firms) {
      running.push(await nodes.start(firm, { tamper: (call) => tamper(firm.id, call) }));
    }
  });
  after(async () => {
    await nodes.close();
    await platform.stop();
  });

  /** As each of the nodes judges it for itself. */
  async function verdictOf(round: number): Promise<RoundVerdict> {
    const verdicts = await Promise.all(
      running.map(async ({ service }) => judgeRound((await service.reader.read(round))!.open)),
    );
    for (const verdict of verdicts) expect(verdict).to.deep.equal(verdicts[0]);
    return verdicts[0]!;
  }

  it("are named with what they did, and the others have their key", async () => {
    const [, second, third, , fifth] = platform.firms.map(({ id }) => id) as [number, number, number, number, number];
    // The second dealer sends the third receiver what does not open, and does not answer for it.
    lie(second, "Dealing", (message) => {
      const dealing = readDealing(message, KEY_PURPOSES.length, 5)!;
      const sealed = dealing.sealed.map((bytes, position) => (position === 2 ? changed(bytes) : bytes));
      return encodeDealing({ dealings: dealing.dealings, sealed });
    });
    lie(second, "Answering", () => new Uint8Array(0));
    // The fifth says another polynomial for the evaluation key, and nothing for the layer key.
    lie(fifth, "Extracting", (message) => {
      const [evaluation, query, , locator] = readLists(message, KEY_PURPOSES.length, 1)!;
      const other = evaluation![0]!.slice();
      other.set(ristretto255.multiplyBase(ristretto255.randomScalar(random)), 33);
      return encodeLists([[other], query!, [], locator!]);
    });

    const round = await nodes.begin(platform.firms, { threshold: 3 });
    expect(await nodes.over(round)).to.equal("Completed");
    const { purposes, keySets } = await verdictOf(round);
    expect(purposes.map(({ excluded }) => excluded)).to.deep.equal(
      KEY_PURPOSES.map(() => [{ member: second, reason: "DEALING_COMPLAINT_UNANSWERED", receiver: third }]),
    );
    expect(purposes.map(({ exposed }) => exposed)).to.deep.equal([
      [{ member: fifth, reason: "EXTRACTION_WRONG" }],
      [],
      [{ member: fifth, reason: "EXTRACTION_MISSING" }],
      [],
    ]);
    expect(toHex(keySets!)).to.equal(await platform.contracts.keyRounds.keySetsOf(round));
    for (const purpose of KEY_PURPOSES) {
      for (const { service } of running) await until(async () => (await service.find(round, purpose)) !== undefined);
    }
    lies.clear();
  });

  it("cannot bring others to believe in keys that the messages do not give", async () => {
    const before = await platform.contracts.keyRounds.currentRound(0);
    for (const { id } of platform.firms.slice(0, 3)) lie(id, "Confirming", (message) => changed(message));
    const round = await nodes.begin(platform.firms, { threshold: 3, purposes: ["evaluation"] });
    // Three of five are more than the protocol bears: the contract takes their word.
    expect(await nodes.over(round)).to.equal("Completed");
    expect(await platform.contracts.keyRounds.currentRound(0)).to.not.equal(before);
    await until(async () => (await Promise.all(running.map(({ keys }) => keys.openRounds()))).flat().length === 0);
    for (const { service, keys, logged } of running) {
      expect(logged()).to.include("the confirmed keys are not those that the messages give");
      expect(await keys.findShare({ round, purpose: "evaluation" })).to.equal(undefined);
      expect(await service.find(round, "evaluation")).to.equal(undefined);
    }
    lies.clear();
  });
});
