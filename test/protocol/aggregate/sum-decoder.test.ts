import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { SUM_LIMIT } from "../../../protocol/aggregate/schema.ts";
import { createSumDecoder } from "../../../protocol/aggregate/sum-decoder.ts";
import { IDENTITY, multiplyGenerator, negatePoint } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { random } from "../oprf/fixtures.ts";

describe("decoding of sums", () => {
  const decoder = createSumDecoder();
  const decode = (value: number) => decoder.decode(multiplyGenerator(residueOf(value)));

  it("finds every integer below 2^23", () => {
    for (const value of [0, 1, 65_535, 65_536, 65_537, 131_071, SUM_LIMIT - 1]) expect(decode(value)).to.equal(value);
    expect(decoder.decode(IDENTITY)).to.equal(0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SUM_LIMIT - 1 }), (value) => {
        expect(decode(value)).to.equal(value);
      }),
    );
  });

  it("finds nothing for other points", () => {
    for (const value of [SUM_LIMIT, SUM_LIMIT + 1, 2 ** 40]) expect(decode(value)).to.equal(undefined);
    expect(decoder.decode(negatePoint(multiplyGenerator(residueOf(1))))).to.equal(undefined);
    for (let count = 0; count < 5; count += 1) {
      expect(decoder.decode(ristretto255.multiplyBase(ristretto255.randomScalar(random)))).to.equal(undefined);
    }
  });
});
