import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import type { Residue } from "../../../protocol/group/group.ts";
import {
  addResidues,
  decodeResidue,
  innerProduct,
  invertResidue,
  multiplyResidues,
  residueOf,
  subtractResidues,
  ZERO,
} from "../../../protocol/group/residues.ts";
import { expectFault, hex, ORDER } from "../oprf/fixtures.ts";
import { integer, L, residues } from "./arbitraries.ts";

const modulo = (value: bigint): bigint => ((value % L) + L) % L;

describe("integers modulo the order", () => {
  it("compute as bigints do", () => {
    fc.assert(
      fc.property(residues, residues, residues, (a, b, c) => {
        expect(integer(addResidues(a, b))).to.equal(modulo(integer(a) + integer(b)));
        expect(integer(subtractResidues(a, b))).to.equal(modulo(integer(a) - integer(b)));
        expect(integer(multiplyResidues(a, b))).to.equal(modulo(integer(a) * integer(b)));
        expect(integer(innerProduct([a, b], [c, a]))).to.equal(
          modulo(integer(a) * integer(c) + integer(b) * integer(a)),
        );
        if (integer(a) !== 0n) expect(modulo(integer(invertResidue(a)) * integer(a))).to.equal(1n);
      }),
    );
    expect(integer(innerProduct([], []))).to.equal(0n);
  });

  it("encode small integers", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(integer(residueOf(value))).to.equal(BigInt(value));
      }),
    );
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => residueOf(bad)).to.throw(RangeError);
  });

  it("decode below the order only, zero included", () => {
    expect(hex(decodeResidue(ZERO.slice()))).to.equal(hex(ZERO));
    for (const bad of [ORDER, new Uint8Array(32).fill(255), new Uint8Array(31), new Uint8Array(33)]) {
      expectFault(() => decodeResidue(bad), "SCALAR_INVALID");
    }
    expectFault(() => invertResidue(ZERO), "SCALAR_INVALID");
    expect(() => addResidues(new Uint8Array(64) as Residue, ZERO)).to.throw(RangeError);
    expect(() => innerProduct([ZERO], [])).to.throw(RangeError);
  });
});
