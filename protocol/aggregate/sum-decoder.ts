/**
 * The integer m below 2^23 of a point m G, by baby steps and giant steps (Shanks 1971): a table of i G for i below 2^16
 * and at most 128 additions. The table has 65,536 entries of a 48-bit key and an integer, about 4 MB, and costs as many
 * additions to build: make one decoder a process. Time depends on the value, which is the caller's own to read.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import type { Point } from "../group/group.ts";
import { addPoints, IDENTITY, multiplyGenerator, subtractPoints } from "../group/points.ts";
import { residueOf } from "../group/residues.ts";
import { SUM_LIMIT } from "./schema.ts";

export interface SumDecoder {
  /** Undefined if the point is no multiple of G from 0 to 2^23 - 1. */
  decode(point: Point): number | undefined;
}

const TABLE_ENTRIES = 2 ** 16;

export function createSumDecoder(entries: number = TABLE_ENTRIES): SumDecoder {
  const generator = multiplyGenerator(residueOf(1));
  const steps = new Map<number, number>();
  let point: Point = IDENTITY;
  for (let value = 0; value < entries; value += 1) {
    steps.set(shortKey(point), value);
    point = addPoints(point, generator);
  }
  const giantStep = point;
  return {
    decode(sum) {
      let rest = sum;
      for (let passed = 0; passed < SUM_LIMIT; passed += entries) {
        const step = steps.get(shortKey(rest));
        // A key of 48 bits may be another point's.
        if (step !== undefined && bytesEqual(multiplyGenerator(residueOf(passed + step)), sum)) return passed + step;
        rest = subtractPoints(rest, giantStep);
      }
      return undefined;
    },
  };
}

function shortKey(point: Point): number {
  return Buffer.from(point.buffer, point.byteOffset, point.length).readUIntBE(0, 6);
}
