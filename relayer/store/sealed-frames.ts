/**
 * Files of secrets that are too large for a column: frames of the column cipher, each bound to the file and to its place,
 * the last one to their number, so that a frame that is missing, moved or added is noticed.
 *
 * On disk, for each frame: length (4) | sealed.
 */
import { readFileSync } from "node:fs";

import { concatBytes, uint } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { openAtomicFile, writeFully } from "./atomic-file.ts";
import type { ColumnCipher } from "./column-cipher.ts";

const LENGTH_BYTES = 4;

export interface SealedFrames {
  add(frame: Uint8Array): void;
  /** Ends the file and puts it into its place. */
  commit(): void;
  /** Leaves nothing behind. Does nothing after {@link commit}. */
  abandon(): void;
}

/** @param context names what the file is, as for a column. */
export function writeSealedFrames(path: string, cipher: ColumnCipher, context: string): SealedFrames {
  const file = openAtomicFile(path);
  let position = 0;
  let count = 0;
  const put = (sealed: Uint8Array): void => {
    const bytes = concatBytes(uint(sealed.length, LENGTH_BYTES), sealed);
    writeFully(file.descriptor, bytes, position);
    position += bytes.length;
  };
  return {
    add(frame) {
      put(cipher.seal(frame, placeOf(context, count)));
      count += 1;
    },
    commit() {
      put(cipher.seal(new Uint8Array(0), endOf(context, count)));
      file.commit();
    },
    abandon: file.abandon,
  };
}

/** @throws Fault COLUMN_NOT_AUTHENTIC, and Node's ENOENT */
export function readSealedFrames(path: string, cipher: ColumnCipher, context: string): Uint8Array[] {
  const bytes = new Uint8Array(readFileSync(path));
  const view = new DataView(bytes.buffer);
  const sealed: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + view.getUint32(at) : Infinity;
    if (end > bytes.length) throw new Fault("COLUMN_NOT_AUTHENTIC");
    sealed.push(bytes.subarray(start, end));
    at = end;
  }
  const last = sealed.pop();
  if (!last) throw new Fault("COLUMN_NOT_AUTHENTIC");
  cipher.open(last, endOf(context, sealed.length));
  return sealed.map((each, index) => cipher.open(each, placeOf(context, index)));
}

function placeOf(context: string, index: number): string {
  return `${context}.${String(index)}`;
}

function endOf(context: string, count: number): string {
  return `${context}.end.${String(count)}`;
}
