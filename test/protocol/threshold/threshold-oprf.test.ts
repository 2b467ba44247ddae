import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { Element, Scalar } from "../../../protocol/group/group.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { ristretto255Sha512 as suite } from "../../../protocol/oprf/oprf.ts";
import { createPartialEvaluation, liarsOf } from "../../../protocol/threshold/partials.ts";
import { thresholdOprf } from "../../../protocol/threshold/threshold-oprf.ts";
import { BAD_ENCODINGS, bytes, expectFault, faultOf, hex, IDENTITY, random } from "../oprf/fixtures.ts";
import { generateKey, reshare, runs, secretOf, trustedKey } from "./ceremony.ts";

const key = trustedKey({ threshold: 3, nodes: 5 });
const secret = secretOf(key.shares.slice(0, 3)) as Scalar;
const answer = (node: number, blinded: readonly Element[]) => ({
  from: node,
  bytes: thresholdOprf.evaluate(key.keys, key.shares[node - 1]!, blinded, random),
});
const blindings = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const input = utf8(`subject:${String(index)}`);
    const blind = suite.randomScalar(random);
    return { input, blind, element: suite.blind(input, blind) };
  });
const asked = blindings(3);
const blinded = asked.map(({ element }) => element);
const expected = asked.map(({ input }) => hex(suite.evaluate(secret, input)));
const outputs = (elements: readonly Element[]) =>
  asked.map(({ input, blind }, index) => hex(suite.finalize(input, blind, elements[index]!)));

describe("threshold oblivious evaluation", () => {
  it("gives what the one key gives, from any t of n nodes in any order", () => {
    const all = [1, 2, 3, 4, 5].map((node) => answer(node, blinded));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3, maxLength: 5 }), (answers) => {
        const { elements, liars } = thresholdOprf.combine(key.keys, blinded, answers);
        expect(liars).to.deep.equal([]);
        expect(outputs(elements)).to.deep.equal(expected);
      }),
      { numRuns: 10 },
    );
  });

  it("works under a key that was generated without a dealer", () => {
    const generated = generateKey({ threshold: 2, nodes: 3 });
    const [one, , three] = [...generated.shares.values()];
    const answers = [one!, three!].map((share) => ({
      from: share.index,
      bytes: thresholdOprf.evaluate(generated.keys, share, blinded, random),
    }));
    const { elements } = thresholdOprf.combine(generated.keys, blinded, answers);
    const whole = secretOf([one!, three!]) as Scalar;
    expect(outputs(elements)).to.deep.equal(asked.map(({ input }) => hex(suite.evaluate(whole, input))));
  });

  it("names every liar and answers while t good nodes remain", () => {
    const other = trustedKey({ threshold: 3, nodes: 5 });
    const lies: [string, (node: number) => Uint8Array][] = [
      ["PARTIAL_MALFORMED", () => new Uint8Array(0)],
      ["PARTIAL_MALFORMED", () => random(3 * 32 + 64)],
      ["PARTIAL_MALFORMED", (node) => answer(node, blinded).bytes.slice(1)],
      ["PARTIAL_MALFORMED", (node) => Uint8Array.from([...IDENTITY, ...answer(node, blinded).bytes.slice(32)])],
      ["PARTIAL_MALFORMED", (node) => answer(node, blinded).bytes.fill(255, -64)],
      ...BAD_ENCODINGS.slice(0, 4).map(([, encoding]): [string, (node: number) => Uint8Array] => [
        "PARTIAL_MALFORMED",
        (node) => Uint8Array.from([...bytes(encoding), ...answer(node, blinded).bytes.slice(32)]),
      ]),
      ["PARTIAL_PROOF_INVALID", (node) => answer((node % 5) + 1, blinded).bytes],
      ["PARTIAL_PROOF_INVALID", (node) => thresholdOprf.evaluate(other.keys, other.shares[node - 1]!, blinded, random)],
      ["PARTIAL_PROOF_INVALID", (node) => answer(node, [...blinded].reverse()).bytes],
      [
        "PARTIAL_PROOF_INVALID",
        (node) =>
          answer(
            node,
            blindings(3).map(({ element }) => element),
          ).bytes,
      ],
      [
        "PARTIAL_PROOF_INVALID",
        (node) => createPartialEvaluation("another purpose").evaluate(key.keys, key.shares[node - 1]!, blinded, random),
      ],
    ];
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...lies),
        fc.constantFrom(...lies),
        (cheaters, one, other) => {
          const told = new Map(cheaters.map((node, position) => [node, position === 0 ? one : other]));
          const answers = [1, 2, 3, 4, 5].map((node) => {
            const lie = told.get(node);
            return lie ? { from: node, bytes: lie[1](node) } : answer(node, blinded);
          });
          const { elements, liars } = thresholdOprf.combine(key.keys, blinded, answers);
          const named = [...told].map(([node, [reason]]) => ({ node, reason })).sort((a, b) => a.node - b.node);
          expect(liars).to.deep.equal(named);
          expect(outputs(elements)).to.deep.equal(expected);
        },
      ),
      { numRuns: runs(25) },
    );
  });

  it("goes on after a resharing to other nodes, and takes the old shares' answers for lies", () => {
    const fresh = reshare(key, { threshold: 2, nodes: 4 });
    const answers = [2, 4].map((node) => ({
      from: node,
      bytes: thresholdOprf.evaluate(fresh.keys, fresh.shares[node - 1]!, blinded, random),
    }));
    const { elements, liars } = thresholdOprf.combine(fresh.keys, blinded, [answer(1, blinded), ...answers]);
    expect(liars).to.deep.equal([{ node: 1, reason: "PARTIAL_PROOF_INVALID" }]);
    expect(outputs(elements)).to.deep.equal(expected);
    expectFault(() => thresholdOprf.evaluate(fresh.keys, key.shares[0]!, blinded, random), "KEY_SHARE_WRONG");
  });

  it("says how many are missing when too few are good", () => {
    const bad = { from: 4, bytes: new Uint8Array(7) };
    const good = answer(1, blinded);
    const fault = faultOf(() => thresholdOprf.combine(key.keys, blinded, [good, bad, { ...good, from: 9 }]));
    expect(fault.code).to.equal("PARTIALS_TOO_FEW");
    const reasons = "PARTIAL_MALFORMED,PARTIAL_NODE_UNKNOWN";
    expect(fault.values).to.deep.equal({ good: 1, missing: 2, liars: "4,9", reasons });
    expect(liarsOf(fault)).to.deep.equal([
      { node: 4, reason: "PARTIAL_MALFORMED" },
      { node: 9, reason: "PARTIAL_NODE_UNKNOWN" },
    ]);
    const none = faultOf(() => thresholdOprf.combine(key.keys, blinded, []));
    expect([none.values["missing"], liarsOf(none)]).to.deep.equal([3, []]);
  });

  it("does not count one node twice", () => {
    const answers = [answer(1, blinded), answer(1, blinded), answer(2, blinded), answer(2, blinded)];
    expectFault(() => thresholdOprf.combine(key.keys, blinded, answers), "PARTIALS_TOO_FEW");
  });

  it("holds a node to its first answer", () => {
    const bad = { from: 1, bytes: new Uint8Array(3) };
    const { liars } = thresholdOprf.combine(key.keys, blinded, [
      bad,
      ...[1, 2, 3, 4].map((node) => answer(node, blinded)),
    ]);
    expect(liars).to.deep.equal([{ node: 1, reason: "PARTIAL_MALFORMED" }]);
  });

  it("refuses elements and batches that no honest querier sends", () => {
    const share = key.shares[0]!;
    expectFault(() => thresholdOprf.evaluate(key.keys, share, [], random), "ELEMENTS_LENGTH");
    expectFault(() => thresholdOprf.evaluate(key.keys, share, [IDENTITY], random), "ELEMENT_IDENTITY");
    expectFault(
      () => thresholdOprf.evaluate(key.keys, share, [bytes(BAD_ENCODINGS[0]![1]) as Element], random),
      "ELEMENT_NOT_CANONICAL",
    );
    expectFault(() => thresholdOprf.evaluate(key.keys, { ...share, index: 2 }, blinded, random), "KEY_SHARE_WRONG");
    expectFault(() => thresholdOprf.evaluate(key.keys, { ...share, index: 6 }, blinded, random), "KEY_SHARE_WRONG");
    expectFault(
      () => thresholdOprf.evaluate(key.keys, share, Array<Element>(65_536).fill(blinded[0]!), random),
      "ELEMENTS_LENGTH",
    );
  });

  it("shows a node nothing of the input: the same subject gives fresh uniform elements", () => {
    const input = utf8("subject:one");
    const seen = Array.from({ length: 20 }, () => hex(suite.blind(input, ristretto255.randomScalar(random))));
    expect(new Set(seen).size).to.equal(20);
  });
});
