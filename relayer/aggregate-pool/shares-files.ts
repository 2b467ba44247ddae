/** Strip shares in files: written as they are made, and read chunk by chunk from all nodes of the set side by side. */
import { fstatSync } from "node:fs";

import { encodeStripShares, stripShareRanges, type ShareRange } from "../../protocol/aggregate/strip-bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import type { Posted } from "../../protocol/threshold/message.ts";
import { openAtomicFile, readFully, writeFully } from "../store/atomic-file.ts";

const LENGTH_BYTES = 4;

export function writeShares(path: string, shares: Iterable<Uint8Array>): void {
  const file = openAtomicFile(path);
  try {
    let position = 0;
    for (const share of shares) {
      const bytes = encodeStripShares([share]);
      writeFully(file.descriptor, bytes, position);
      position += bytes.length;
    }
    file.commit();
  } finally {
    file.abandon();
  }
}

export interface OpenShares {
  /** The node's, in the layer key's round. */
  readonly index: number;
  readonly descriptor: number;
}

/** By chunk of the merged table's rows. A file that is no list of shares is as good as none. */
export function* readShares(files: readonly OpenShares[], rows: number): Generator<readonly Posted[]> {
  const byNode = files.map((file) => ({ ...file, ranges: rangesOf(file.descriptor, rows) }));
  const chunks = Math.max(...byNode.map(({ ranges }) => ranges.length));
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    yield byNode.flatMap(({ index, descriptor, ranges }) => {
      const range = ranges[chunk];
      return range ? [{ from: index, bytes: bytesAt(descriptor, range) }] : [];
    });
  }
}

function rangesOf(descriptor: number, rows: number): readonly ShareRange[] {
  try {
    return stripShareRanges(fstatSync(descriptor).size, rows, (start) =>
      bytesAt(descriptor, { start, end: start + LENGTH_BYTES }),
    );
  } catch (error) {
    if (isFault(error)) return [];
    throw error;
  }
}

function bytesAt(descriptor: number, { start, end }: ShareRange): Uint8Array {
  const bytes = new Uint8Array(end - start);
  const read = readFully(descriptor, bytes, start);
  if (read < bytes.length) throw new Fault("AGGREGATE_TABLE_MALFORMED", { bytes: start + read });
  return bytes;
}
