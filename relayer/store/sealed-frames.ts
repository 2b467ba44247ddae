/**
 * Files of secrets that are too large for a column: frames of the column cipher, each bound to the file and to its place,
 * the last one to their number, so that a frame that is missing, moved or added is noticed.
 *
 * On disk, for each frame: length (4) | sealed.
 */
import { closeSync, fstatSync, openSync } from "node:fs";

import { concatBytes, uint } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { openAtomicFile, readFully, writeFully } from "./atomic-file.ts";
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

/**
 * One frame after another: each is authentic when it is given, and that none was missing is known when the last was.
 * @throws Fault COLUMN_NOT_AUTHENTIC, and Node's ENOENT
 */
export function* readSealedFrames(path: string, cipher: ColumnCipher, context: string): Generator<Uint8Array> {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const take = (position: number, length: number): Uint8Array => {
      if (position + length > size) throw new Fault("COLUMN_NOT_AUTHENTIC");
      const bytes = new Uint8Array(length);
      if (readFully(descriptor, bytes, position) < length) throw new Fault("COLUMN_NOT_AUTHENTIC");
      return bytes;
    };
    for (let [at, index] = [0, 0]; ; index += 1) {
      const length = new DataView(take(at, LENGTH_BYTES).buffer).getUint32(0);
      const sealed = take(at + LENGTH_BYTES, length);
      at += LENGTH_BYTES + length;
      if (at === size) {
        cipher.open(sealed, endOf(context, index));
        return;
      }
      yield cipher.open(sealed, placeOf(context, index));
    }
  } finally {
    closeSync(descriptor);
  }
}

function placeOf(context: string, index: number): string {
  return `${context}.${String(index)}`;
}

function endOf(context: string, count: number): string {
  return `${context}.end.${String(count)}`;
}
