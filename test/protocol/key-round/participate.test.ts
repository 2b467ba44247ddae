import { expect } from "chai";
import { describe, it } from "mocha";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import type { Scalar } from "../../../protocol/group/group.ts";
import { judgeRound, type RoundVerdict } from "../../../protocol/key-round/judge-round.ts";
import { encodeDealing, encodeLists, readDealing, readLists } from "../../../protocol/key-round/messages.ts";
import { keyShares, nextMessage } from "../../../protocol/key-round/participate.ts";
import { KEY_PURPOSES, POSTING_PHASES } from "../../../protocol/key-round/round.ts";
import { openRound } from "../../../protocol/key-round/ceremonies.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { encodeKeySet } from "../../../protocol/threshold/key-set.ts";
import { hex, random } from "../oprf/fixtures.ts";
import { changed, secretOf } from "../threshold/ceremony.ts";
import { PLACE, simulateRound, type Cheat, type SimulatedOptions, type SimulatedRound } from "./simulated-round.ts";

const NODES = [11, 12, 14, 17, 20];
const KEYS: number = KEY_PURPOSES.length;
/** Lists of each purpose, all empty. */
const NOTHING = encodeLists(KEY_PURPOSES.map(() => []));

/** Shares of all who are not cheats, which must be those of the keys that everybody computes. */
function expectKeys(round: SimulatedRound, without: readonly number[] = []): RoundVerdict {
  expect(round.open.round.phase).to.equal("Completed");
  const verdict = judgeRound(round.open);
  const holders = round.open.round.nodes.filter((member) => !without.includes(member));
  const shares = new Map(holders.map((member) => [member, keyShares(round.open, round.participants.get(member)!)]));
  for (const { purpose, keys, failure } of verdict.purposes) {
    expect(failure).to.equal(undefined);
    if (keys === undefined) expect.fail();
    const held = holders.map((member) => shares.get(member)!.get(purpose)!);
    for (const share of held) {
      expect(hex(ristretto255.multiplyBase(share.secret))).to.equal(hex(keys.publicShares[share.index - 1]!));
    }
    const { threshold } = round.open.round;
    for (const some of [held.slice(0, threshold), held.slice(-threshold)]) {
      expect(hex(ristretto255.multiplyBase(secretOf(some) as Scalar))).to.equal(hex(keys.publicKey));
    }
  }
  const confirmed = round.open.messages.filter(({ phase }) => phase === "Confirming");
  const honest = confirmed.filter(({ member }) => holders.includes(member));
  for (const { bytes } of honest) expect(hex(bytes)).to.equal(hex(verdict.keySets!));
  return verdict;
}

const cheating = (cheats: Record<number, Cheat>, options: SimulatedOptions = {}): SimulatedRound =>
  simulateRound({
    ...options,
    cheats: new Map(Object.entries(cheats).map(([member, cheat]) => [Number(member), cheat])),
  });

/** Honest but in one phase. */
const only =
  (wanted: (typeof POSTING_PHASES)[number], say: Cheat): Cheat =>
  (facts) =>
    facts.phase === wanted ? say(facts) : facts.honest;

const silent: Cheat = () => undefined;

describe("a participant of a key round", () => {
  it("makes the four keys in the phases that nobody's complaint adds to", () => {
    const round = simulateRound();
    const verdict = expectKeys(round);
    expect(verdict.joined).to.deep.equal(NODES);
    for (const { qualified, excluded, exposed } of verdict.purposes) {
      expect([qualified, excluded, exposed]).to.deep.equal([NODES, [], []]);
    }
    const keys = verdict.purposes.map(({ keys: made }) => hex(made!.publicKey));
    expect(new Set(keys).size).to.equal(KEYS);
    const phases = new Set(round.open.messages.map(({ phase }) => phase));
    expect([...phases]).to.deep.equal(["Joining", "Dealing", "Complaining", "Extracting", "Disputing", "Confirming"]);
  });

  it("says the same again after a restart, in every phase", () => {
    const round = cheating({
      12: only("Dealing", badShareFor(14)),
      20: only("Extracting", () => NOTHING),
    });
    for (const phase of POSTING_PHASES) {
      for (const [, participant] of round.participants) {
        const first = nextMessage(round.during(phase), participant);
        expect(first).to.not.equal(undefined);
        expect(nextMessage(round.during(phase), participant)).to.deep.equal(first);
      }
    }
  });

  it("goes on without nodes that never speak", () => {
    const verdict = expectKeys(cheating({ 12: silent, 17: silent }), [12, 17]);
    expect(verdict.joined).to.deep.equal([11, 14, 20]);
    expect(verdict.purposes[0]!.excluded).to.deep.equal([
      { member: 12, reason: "DEALING_MISSING" },
      { member: 17, reason: "DEALING_MISSING" },
    ]);
  });

  it("sends nothing to who did not join, and does not hear its complaint", () => {
    const complaining: Cheat = ({ phase, honest, open }) => {
      if (phase === "Joining") return undefined;
      if (phase !== "Complaining") return honest;
      const { ceremony } = open.ceremonies[0]!.sharing;
      return encodeLists([[new Uint8Array([2, ...ceremony, 1])], [], []]);
    };
    const round = cheating({ 12: complaining });
    const verdict = expectKeys(round, [12]);
    expect(verdict.joined).to.deep.equal([11, 14, 17, 20]);
    const answers = round.open.messages.filter(({ phase }) => phase === "Answering");
    expect(answers.map(({ bytes }) => bytes.length)).to.deep.equal([0, 0, 0, 0, 0]);
    for (const { qualified } of verdict.purposes) expect(qualified).to.deep.equal(NODES);
  });

  it("has a dealer answer for a share that did not arrive, and keeps it if it does", () => {
    const verdict = expectKeys(cheating({ 12: only("Dealing", badShareFor(14)) }));
    for (const { qualified } of verdict.purposes) expect(qualified).to.deep.equal(NODES);
  });

  it("names a dealer that does not answer, and whose complaint it was", () => {
    const liar: Cheat = (facts) => {
      if (facts.phase === "Dealing") return badShareFor(14)(facts);
      return facts.phase === "Answering" ? new Uint8Array(0) : facts.honest;
    };
    const verdict = expectKeys(cheating({ 12: liar }));
    for (const { excluded, qualified } of verdict.purposes) {
      expect(excluded).to.deep.equal([{ member: 12, reason: "DEALING_COMPLAINT_UNANSWERED", receiver: 14 }]);
      expect(qualified).to.deep.equal([11, 14, 17, 20]);
    }
  });

  it("reconstructs the part of a dealer whose extraction is wrong, missing or unreadable", () => {
    const wrong: Cheat = only("Extracting", ({ honest }) => {
      const lists = readLists(honest!, KEYS, 1)!;
      return encodeLists([[flipScalar(lists[0]![0]!)], lists[1]!, [], lists[3]!]);
    });
    const verdict = expectKeys(cheating({ 12: wrong, 17: only("Extracting", () => random(40)) }));
    expect(verdict.purposes.map(({ exposed }) => exposed)).to.deep.equal([
      [
        { member: 12, reason: "EXTRACTION_WRONG" },
        { member: 17, reason: "EXTRACTION_MISSING" },
      ],
      [{ member: 17, reason: "EXTRACTION_MISSING" }],
      [
        { member: 12, reason: "EXTRACTION_MISSING" },
        { member: 17, reason: "EXTRACTION_MISSING" },
      ],
      [{ member: 17, reason: "EXTRACTION_MISSING" }],
    ]);
    const quiet = expectKeys(cheating({ 12: only("Extracting", silent) }));
    expect(quiet.purposes[2]!.exposed).to.deep.equal([{ member: 12, reason: "EXTRACTION_MISSING" }]);
  });

  it("is not confused by messages of another round", () => {
    const other = simulateRound({ number: 2 });
    const replay: Cheat = ({ phase }) =>
      other.open.messages.find((each) => each.phase === phase && each.member === 12)?.bytes;
    const verdict = expectKeys(cheating({ 12: replay }), [12]);
    expect(verdict.purposes[1]!.excluded).to.deep.equal([{ member: 12, reason: "DEALING_MALFORMED" }]);
  });

  it("cannot be made to take one dealer's sealed share for another's", () => {
    const copy: Cheat = only("Dealing", ({ honest, open }) => {
      const own = readDealing(honest!, KEYS, 5)!;
      const victims = open.messages.find(({ phase, member }) => phase === "Dealing" && member === 11)!.bytes;
      return encodeDealing({ dealings: own.dealings, sealed: readDealing(victims, KEYS, 5)!.sealed });
    });
    const verdict = expectKeys(cheating({ 12: copy }));
    // All but itself complain: too many to be told from lies.
    expect(verdict.purposes[0]!.excluded).to.deep.equal([{ member: 12, reason: "DEALING_COMPLAINTS_TOO_MANY" }]);
  });

  it("makes no key where too few can be trusted, and says why", () => {
    const round = cheating({ 11: silent, 12: silent, 14: silent });
    expect(round.open.round.phase).to.equal("Failed");
    for (const { failure, keys } of judgeRound(round.open).purposes) {
      expect([failure, keys]).to.deep.equal(["DEALINGS_TOO_FEW", undefined]);
    }
  });

  it("without the secrets it had, neither complains nor answers nor extracts", () => {
    const round = cheating({ 12: only("Dealing", badShareFor(14)) });
    const lost = { ...round.participants.get(12)!, secrets: simulateRound().participants.get(12)!.secrets };
    for (const phase of ["Complaining", "Answering", "Disputing"] as const) {
      expect(nextMessage(round.during(phase), lost)!.bytes.length).to.equal(0);
    }
    expect(hex(nextMessage(round.during("Extracting"), lost)!.bytes)).to.equal(hex(NOTHING));
    expect(keyShares(round.open, lost).size).to.equal(0);
  });

  it("says no more than the chain takes in the largest round", () => {
    const nodes = Array.from({ length: 32 }, (_, index) => index + 1);
    const fixed = { number: 1, threshold: 16, purposes: KEY_PURPOSES, basis: 0, nodes, dealers: nodes };
    const joining = nodes.map((member) => ({ member, pair: generateKeyPair(random) }));
    const joined = joining.map(({ member, pair }) => ({ phase: "Joining" as const, member, bytes: pair.publicKey }));
    const open = openRound(PLACE, { ...fixed, phase: "Dealing" }, joined, new Map());
    const secrets = { seed: random(32), joining: joining[0]!.pair };
    const { bytes } = nextMessage(open, { member: 1, secrets, held: new Map() })!;
    expect(readDealing(bytes, KEYS, 32)!.sealed.every(({ length }) => length > 0)).to.equal(true);
    expect(bytes.length).to.be.below(24 * 1024);
  });

  it("shares keys anew among other nodes, under the same public keys", () => {
    const first = simulateRound();
    const before = expectKeys(first);
    const keys = new Map(before.purposes.map(({ purpose, keys: made }) => [purpose, made!]));
    const shares = new Map(NODES.map((member) => [member, keyShares(first.open, first.participants.get(member)!)]));
    const basis = { number: 1, dealers: NODES, keys, shares };
    for (const purposes of [KEY_PURPOSES, ["query"] as const]) {
      const liar: Cheat = only("Dealing", badShareFor(30, purposes.length, 3));
      const second = cheating(
        { 11: silent, 12: liar },
        { number: 2, nodes: [14, 20, 30], threshold: 2, purposes, basis },
      );
      const after = expectKeys(second);
      for (const { purpose, keys: made, excluded } of after.purposes) {
        expect(hex(made!.publicKey)).to.equal(hex(keys.get(purpose)!.publicKey));
        expect(bytesEqual(encodeKeySet(made!), encodeKeySet(keys.get(purpose)!))).to.equal(false);
        expect(excluded).to.deep.equal([{ member: 11, reason: "DEALING_MISSING" }]);
      }
    }
  });
});

/** A dealing in which the sealed share of that member (of NODES, or the last of few) is garbage. */
function badShareFor(member: number, purposes = KEYS, receivers = 5): Cheat {
  return ({ honest, open }) => {
    const dealing = readDealing(honest!, purposes, receivers)!;
    const at = open.round.nodes.indexOf(member);
    const sealed = dealing.sealed.map((bytes, position) => (position === at ? changed(bytes) : bytes));
    return encodeDealing({ dealings: dealing.dealings, sealed });
  };
}

/** Another point in the place of the first commitment. */
function flipScalar(extraction: Uint8Array): Uint8Array {
  const copy = extraction.slice();
  copy.set(ristretto255.multiplyBase(ristretto255.randomScalar(random)), 33);
  return copy;
}
