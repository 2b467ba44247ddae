/** Scalars and points for property tests, zero and the identity among them. */
import fc from "fast-check";

import type { Point, Residue } from "../../../protocol/group/group.ts";
import { multiplyGenerator } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { hex } from "../oprf/fixtures.ts";

export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

export const integer = (scalar: Uint8Array): bigint => BigInt(`0x${hex(scalar.slice().reverse())}`);

const wide = fc.uint8Array({ minLength: 64, maxLength: 64 });

export const residues: fc.Arbitrary<Residue> = fc.oneof(
  {
    weight: 4,
    arbitrary: wide.map((bytes): Residue => ristretto255.randomScalar(() => Uint8Array.from([1, ...bytes.slice(1)]))),
  },
  { weight: 1, arbitrary: fc.constantFrom(residueOf(0), residueOf(1)) },
);

export const points: fc.Arbitrary<Point> = residues.map(multiplyGenerator);
