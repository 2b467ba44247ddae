import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { createReserve } from "../../../protocol/paillier/reserve.ts";
import { expectFault, small } from "./fixtures.ts";

const { key } = small;

describe("reserve of randomisers", () => {
  it("hands each out once, in the order they came, whatever the order of puts and takes", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (steps) => {
        const reserve = createReserve(key, 10);
        const handed: bigint[] = [];
        const held: bigint[] = [];
        let next = 2n;
        for (const put of steps) {
          if (put) {
            if (held.length < 10) held.push(next);
            reserve.put(next++);
          } else {
            const power = reserve.take()?.spend();
            expect(power).to.equal(held.shift());
            if (power !== undefined) handed.push(power);
          }
          expect(reserve.size).to.equal(held.length);
          expect(reserve.room).to.equal(10 - held.length);
        }
        expect(new Set(handed).size).to.equal(handed.length);
      }),
    );
  });

  it("is for its key", () => {
    const reserve = createReserve(key, 1);
    reserve.put(7n);
    expect(reserve.take()?.key).to.equal(key);
    expect(reserve.take()).to.equal(undefined);
  });

  it("refuses what it holds, and what came last even if it is gone", () => {
    const reserve = createReserve(key, 5);
    reserve.put(7n);
    reserve.put(8n);
    expectFault(() => reserve.put(7n), "PAILLIER_RANDOMISER_REPEATED");
    reserve.take();
    reserve.take();
    expectFault(() => reserve.put(8n), "PAILLIER_RANDOMISER_REPEATED");
  });

  it("forgets all when it is cleared", () => {
    const reserve = createReserve(key, 5);
    reserve.put(7n);
    reserve.clear();
    expect(reserve.size).to.equal(0);
    expect(reserve.take()).to.equal(undefined);
  });
});
