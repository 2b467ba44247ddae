import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { churnUnit, firstRevision, nextRevision } from "../../../protocol/sealed-table/churn.ts";
import { isCountClass } from "../../../protocol/sealed-table/count-class.ts";

const step = fc.record({
  added: fc.integer({ min: 0, max: 3000 }),
  removedShare: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("the dummies of revisions", () => {
  it("fill the first table to its class", () => {
    expect(firstRevision(10_000)).to.deep.equal({
      entryCount: 10_240,
      subjects: 10_000,
      dummies: { start: 0, end: 240 },
    });
    expect(firstRevision(0).entryCount).to.equal(1024);
  });

  it("leave a reserve: a table of nothing but subjects could hide no change", () => {
    expect(firstRevision(1024).entryCount).to.equal(1280);
    expect(firstRevision(10_240).entryCount).to.equal(12_288);
  });

  it("show the same churn for no change, one new subject, or one gone", () => {
    const first = firstRevision(10_000);
    const shown = [
      [10_000, 0],
      [10_001, 1],
      [9_999, 0],
      [10_000, 100],
      [10_060, 110],
    ].map(([subjects = 0, added = 0]) => {
      const next = nextRevision(first, subjects, added);
      const removed = 10_000 - (subjects - added);
      const come = added + next.dummies.end - first.dummies.end;
      const go = removed + next.dummies.start - first.dummies.start;
      return [next.entryCount, come, go];
    });
    expect(new Set(shown.map(String))).to.deep.equal(new Set(["10240,160,160"]));
  });

  it("through any history keep counts in class, dummies in reserve, and show only multiples of a 64th", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), fc.array(step, { maxLength: 8 }), (subjects, steps) => {
        let shape = firstRevision(subjects);
        for (const { added, removedShare } of steps) {
          const removed = Math.floor(shape.subjects * removedShare);
          const next = nextRevision(shape, shape.subjects + added - removed, added);
          const alive = next.dummies.end - next.dummies.start;
          expect(isCountClass(next.entryCount)).to.equal(true);
          expect(next.subjects + alive).to.equal(next.entryCount);
          expect(alive).to.be.at.least(churnUnit(next.entryCount));
          expect(next.dummies.start).to.be.within(shape.dummies.start, shape.dummies.end);
          expect(next.dummies.end).to.be.at.least(shape.dummies.end);
          const go = removed + next.dummies.start - shape.dummies.start;
          const come = added + next.dummies.end - shape.dummies.end;
          expect(go).to.be.greaterThan(0);
          expect(go % churnUnit(shape.entryCount)).to.equal(0);
          expect(come - go).to.equal(next.entryCount - shape.entryCount);
          shape = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuse figures that cannot be", () => {
    const first = firstRevision(5);
    expect(() => nextRevision(first, 5, 6)).to.throw(RangeError);
    expect(() => nextRevision(first, 9, 3)).to.throw(RangeError);
  });
});
