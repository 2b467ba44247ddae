import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { withCheckpoint, type Checkpoint } from "../../../relayer/chain/checkpoints.ts";

const at = (number: number): Checkpoint => ({ number, hash: `0x${number.toString(16)}` });

describe("checkpoints", () => {
  it("stay few, ascending, newest last; going back n blocks finds one not further back than 2n + 1 steps", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.nat(), (gaps, choice) => {
        let kept: Checkpoint[] = [];
        let number = 0;
        const widest = Math.max(...gaps);
        for (const gap of gaps) kept = withCheckpoint(kept, at((number += gap)));
        expect(kept.at(-1)).deep.equal(at(number));
        expect(kept.length).most(2 + Math.log2(number + 1));
        expect(kept.map((c) => c.number)).deep.equal(kept.map((c) => c.number).sort((a, b) => a - b));
        const back = choice % (number + 1);
        const found = kept.findLast((c) => c.number <= number - back)?.number ?? 0;
        expect(number - found).most(4 * back + 4 * widest);
      }),
    );
  });

  it("forget what lies on or after the newest: it was of a ledger that is gone", () => {
    expect(withCheckpoint([at(3), at(7), at(9)], at(7))).deep.equal([at(3), at(7)]);
  });
});
