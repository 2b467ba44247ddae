import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  exponentProofHolds,
  proveExponent,
  sumExponents,
  sumPointsOf,
} from "../../../protocol/aggregate/batched-proof.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { Point, Residue } from "../../../protocol/group/group.ts";
import { addPoints, multiplyGenerator, multiplyPoint, negatePoint } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { random } from "../oprf/fixtures.ts";

const key = ristretto255.multiplyBase(ristretto255.randomScalar(random));
const statement = utf8("statement");
const exponents = (count: number) => Array.from({ length: count }, () => ristretto255.randomScalar(random));
type Pair = readonly [Point, Point];
const pairs = (of: readonly Residue[]): Pair[] => of.map((x) => [multiplyGenerator(x), multiplyPoint(x, key)]);

function prove(of: readonly Residue[], withKey: boolean, about = statement): Uint8Array {
  const sum = sumExponents(about);
  for (const each of of) sum.add(each);
  return proveExponent(about, sum.total(), withKey ? key : undefined, random);
}

function holds(of: readonly Pair[], withKey: boolean, proof: Uint8Array, about = statement): boolean {
  const sum = sumPointsOf(about);
  for (const [a, b] of of) sum.add(a, withKey ? b : undefined);
  return exponentProofHolds(about, sum.total(), withKey ? key : undefined, proof);
}

describe("one proof about many exponents", () => {
  const known = exponents(5);
  const good = pairs(known);
  const shift = multiplyGenerator(residueOf(1));

  for (const withKey of [false, true]) {
    const proof = prove(known, withKey);
    const name = withKey ? "to two bases" : "to one base";

    it(`holds for what it is about, ${name}`, () => {
      expect(holds(good, withKey, proof)).to.equal(true);
      expect(holds([], withKey, prove([], withKey))).to.equal(true);
    });

    it(`fails with any statement altered, left out, doubled or exchanged, ${name}`, () => {
      for (const index of [0, 2, 4]) {
        const [a, b] = good[index]!;
        expect(holds(good.with(index, [addPoints(a, shift), b]), withKey, proof)).to.equal(false);
        if (withKey) expect(holds(good.with(index, [a, addPoints(b, shift)]), withKey, proof)).to.equal(false);
        expect(holds(good.toSpliced(index, 1), withKey, proof)).to.equal(false);
        expect(holds([...good, good[index]!], withKey, proof)).to.equal(false);
        expect(holds(good.with(index, good[(index + 1) % 5]!), withKey, proof)).to.equal(false);
      }
      expect(holds([...good].reverse(), withKey, proof)).to.equal(false);
    });

    it(`fails under another statement, and with any bit flipped, ${name}`, () => {
      expect(holds(good, withKey, proof, utf8("another"))).to.equal(false);
      fc.assert(
        fc.property(fc.nat({ max: 63 }), fc.nat({ max: 7 }), (position, bit) => {
          const flipped = proof.slice();
          flipped[position]! ^= 1 << bit;
          expect(holds(good, withKey, flipped)).to.equal(false);
        }),
        { numRuns: 20 },
      );
      for (const junk of [new Uint8Array(0), new Uint8Array(63), new Uint8Array(64), new Uint8Array(64).fill(255)]) {
        expect(holds(good, withKey, junk)).to.equal(false);
      }
    });
  }

  it("does not let two shifts cancel", () => {
    const [first, second] = [good[0]!, good[1]!];
    const shifted = good
      .with(0, [first[0], addPoints(first[1], shift)])
      .with(1, [second[0], addPoints(second[1], negatePoint(shift))]);
    expect(holds(shifted, true, prove(known, true))).to.equal(false);
  });

  it("of one base does not pass as one of two, nor the other way", () => {
    expect(holds(good, true, prove(known, false))).to.equal(false);
    expect(holds(good, false, prove(known, true))).to.equal(false);
  });
});
