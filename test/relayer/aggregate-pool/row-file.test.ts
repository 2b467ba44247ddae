import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";
import { after, describe, it } from "mocha";

import { Fault } from "../../../protocol/errors/fault.ts";
import { keepInFile, rowsInFile } from "../../../relayer/aggregate-pool/row-file.ts";
import { sortInFile } from "../../../relayer/aggregate-pool/row-sorter.ts";
import { sortInMemory } from "../../../protocol/aggregate/rows.ts";
import { expectFault, hex, random } from "../../protocol/oprf/fixtures.ts";

const changed = (): Fault => new Fault("MERGE_COMMITMENT_WRONG", { edition: 1 });

describe("rows in a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-rows-"));
  let files = 0;

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function inFile<T>(use: (descriptor: number, path: string) => T): T {
    const path = join(directory, String(files++));
    const descriptor = openSync(path, "w+");
    try {
      return use(descriptor, path);
    } finally {
      closeSync(descriptor);
    }
  }

  it("are those that were kept there, at every pass", () => {
    const shape = fc.record({ count: fc.nat(300), size: fc.integer({ min: 1, max: 40_000 }), start: fc.nat(100) });
    fc.assert(
      fc.property(shape, ({ count, size, start }) => {
        inFile((descriptor) => {
          const given = Array.from({ length: Math.min(count, Math.ceil(500_000 / size)) }, () => random(size));
          const keeper = keepInFile({ descriptor, start, size }, changed);
          for (const row of given) keeper.add(row);
          const rows = keeper.kept();
          expect(rows.length).to.equal(given.length);
          for (let pass = 0; pass < 2; pass += 1) {
            let at = 0;
            for (const row of rows) if (!Buffer.from(row).equals(given[at++]!)) expect.fail("another row");
            expect(at).to.equal(given.length);
          }
        });
      }),
      { numRuns: 20 },
    );
  });

  it("throw at the end of a pass that is not of the bytes of the first", () => {
    inFile((descriptor) => {
      const region = { descriptor, start: 7, size: 100 };
      const keeper = keepInFile(region, changed);
      for (let count = 0; count < 2_000; count += 1) keeper.add(random(100));
      const rows = keeper.kept();
      const before = Array.from(rows, hex);
      // A pass that stops early says nothing, and is no first whole one.
      for (const _ of rowsInFile(region, 2_000, changed)) break;
      writeSync(descriptor, random(1), 0, 1, 7 + 100 * 1_500);
      writeSync(descriptor, random(32), 0, 32, 7 + 100 * 1_500);
      expectFault(() => [...rows], "MERGE_COMMITMENT_WRONG");
      writeSync(descriptor, Buffer.from(before.join(""), "hex"), 0, undefined, 7);
      expect(Array.from(rows, hex)).to.deep.equal(before);
      ftruncateSync(descriptor, 150_000);
      expectFault(() => [...rows], "MERGE_COMMITMENT_WRONG");
    });
  });

  it("are sorted as in memory, each with its place", () => {
    fc.assert(
      fc.property(fc.nat(700), (count) => {
        inFile((descriptor, path) => {
          const sorter = sortInFile({ descriptor, start: 11, size: 200 }, `${path}.unsorted`, changed);
          const memory = sortInMemory();
          for (let row = 0; row < count; row += 1) {
            const bytes = random(200);
            sorter.add(bytes);
            memory.add(bytes);
          }
          const [onDisk, expected] = [sorter.sorted(), memory.sorted()];
          expect(Array.from(onDisk.rows, hex)).to.deep.equal(expected.rows.map(hex));
          for (let row = 0; row < count; row += 1) expect(onDisk.placeOf(row)).to.equal(expected.placeOf(row));
          sorter.close();
        });
      }),
      { numRuns: 10 },
    );
  });
});
