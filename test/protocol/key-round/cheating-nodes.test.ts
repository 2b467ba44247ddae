/** Key rounds in which any t - 1 members do whatever they like. */
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import type { Scalar } from "../../../protocol/group/group.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { judgeRound, type RoundVerdict } from "../../../protocol/key-round/judge-round.ts";
import { keyShares } from "../../../protocol/key-round/participate.ts";
import { KEY_PURPOSES, POSTING_PHASES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { KeyShare } from "../../../protocol/threshold/key-set.ts";
import { hex } from "../oprf/fixtures.ts";
import { runs, secretOf } from "../threshold/ceremony.ts";
import { simulateRound, type SimulatedRound } from "./simulated-round.ts";
import { cheatOf, nameOf, type Plan } from "./tactics.ts";

const MEMBERS = [11, 12, 14, 17, 20];

const plan: fc.Arbitrary<Plan> = fc.array(
  fc.record({ choice: fc.nat(1_000), noise: fc.uint8Array({ minLength: 32, maxLength: 32 }) }),
  { minLength: POSTING_PHASES.length, maxLength: POSTING_PHASES.length },
);
const somePurposes = fc.subarray([...KEY_PURPOSES], { minLength: 1 });
/** Which of so many members are corrupt. */
const corrupt = (members: readonly number[], most: number): fc.Arbitrary<number[]> =>
  fc.subarray([...members], { minLength: 1, maxLength: most });

type Shares = ReadonlyMap<number, ReadonlyMap<KeyPurpose, KeyShare>>;

/** All honest receivers agree on keys that work, and no honest dealer is blamed. */
function expectHonestWin(round: SimulatedRound, liars: readonly number[]): { verdict: RoundVerdict; shares: Shares } {
  const { open, participants } = round;
  const { nodes, dealers, threshold } = open.round;
  expect(open.round.phase).to.equal("Completed");
  const verdict = judgeRound(open);
  const honest = nodes.filter((member) => !liars.includes(member));
  const shares = new Map(honest.map((member) => [member, keyShares(open, participants.get(member)!)]));
  for (const { purpose, keys, excluded, exposed } of verdict.purposes) {
    for (const { member } of [...excluded, ...exposed]) expect(liars).to.include(member);
    const blameless = dealers.filter((member) => !liars.includes(member));
    expect(verdict.purposes.find((each) => each.purpose === purpose)!.qualified).to.include.members(blameless);
    const held = honest.map((member) => shares.get(member)!.get(purpose)!);
    for (const share of held) {
      expect(hex(ristretto255.multiplyBase(share.secret))).to.equal(hex(keys!.publicShares[share.index - 1]!));
    }
    for (const some of [held.slice(0, threshold), held.slice(-threshold)]) {
      expect(hex(ristretto255.multiplyBase(secretOf(some) as Scalar))).to.equal(hex(keys!.publicKey));
    }
  }
  const confirmed = open.messages.filter(({ phase, member }) => phase === "Confirming" && honest.includes(member));
  expect(confirmed.length).to.equal(honest.length);
  for (const { bytes } of confirmed) expect(hex(bytes)).to.equal(hex(verdict.keySets!));
  return { verdict, shares };
}

const cheatsOf = (liars: readonly number[], plans: readonly Plan[], other: SimulatedRound) =>
  new Map(liars.map((member, index) => [member, cheatOf(plans[index]!, other)]));

const toText = (liars: readonly number[], plans: readonly Plan[]): string =>
  liars.map((member, index) => `${String(member)} { ${nameOf(plans[index]!)} }`).join("; ");

function withReason(text: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(text, { cause: error });
  }
}

describe("a key round with t - 1 corrupt members", function () {
  this.timeout(600_000);

  it("gives all honest ones shares of the same keys, and blames none of them", () => {
    const others = new Map<string, SimulatedRound>();
    fc.assert(
      fc.property(
        fc.constantFrom([3, 2] as const, [5, 3] as const, [5, 2] as const).chain(([count, threshold]) =>
          fc.record({
            ...{ threshold: fc.constant(threshold), nodes: fc.constant(MEMBERS.slice(0, count)) },
            liars: corrupt(MEMBERS.slice(0, count), threshold - 1),
          }),
        ),
        somePurposes,
        fc.tuple(plan, plan),
        ({ threshold, nodes, liars }, purposes, plans) => {
          const facts = { threshold, nodes, purposes };
          const key = JSON.stringify(facts);
          const other = others.get(key) ?? simulateRound({ ...facts, number: 2 });
          others.set(key, other);
          const round = simulateRound({ ...facts, cheats: cheatsOf(liars, plans, other) });
          withReason(toText(liars, plans), () => expectHonestWin(round, liars));
        },
      ),
      { numRuns: runs(12) },
    );
  });

  it("shares the same keys anew, whoever lies among old nodes and new ones", () => {
    const first = simulateRound({ threshold: 3, purposes: ["evaluation", "layer"] });
    const made = expectHonestWin(first, []);
    const keys = new Map(made.verdict.purposes.map(({ purpose, keys: each }) => [purpose, each!]));
    const basis = { number: 1, dealers: MEMBERS, keys, shares: made.shares };
    const facts = { number: 2, threshold: 2, nodes: [14, 20, 30], purposes: ["evaluation", "layer"] as const, basis };
    const other = simulateRound({ ...facts, number: 3 });
    fc.assert(
      fc.property(
        // Two of five dealers (t = 3), and one of three receivers (t = 2).
        corrupt(MEMBERS, 2).filter((liars) => liars.filter((member) => facts.nodes.includes(member)).length <= 1),
        fc.boolean(),
        fc.tuple(plan, plan, plan),
        (among, newOne, plans) => {
          const receivers = among.some((member) => facts.nodes.includes(member));
          const liars = newOne && !receivers ? [...among, 30] : among;
          const round = simulateRound({ ...facts, cheats: cheatsOf(liars, plans, other) });
          withReason(toText(liars, plans), () => {
            const { verdict } = expectHonestWin(round, liars);
            for (const { purpose, keys: after } of verdict.purposes) {
              expect(hex(after!.publicKey)).to.equal(hex(keys.get(purpose)!.publicKey));
            }
          });
        },
      ),
      { numRuns: runs(12) },
    );
  });
});
