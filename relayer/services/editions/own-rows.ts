/**
 * The rows of this member's contribution before they are encrypted, frozen when its making begins: subjects with their
 * values, dummies, and what is known of their evaluations. All of it is secret, and in files under the column cipher; of
 * the files one batch at a time is in memory.
 *
 * A batch is blinded once and kept before it is sent: sent again after a crash it is the same bytes, which nodes count
 * once; its evaluations are kept as soon as they are combined. So a crash costs one batch.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { packRow, standardSchema, type SubjectSummary } from "../../../protocol/aggregate/schema.ts";
import { concatBytes, uint, utf8, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { classFrom } from "../../../protocol/sealed-table/count-class.ts";
import { DUMMY_NONCE_BYTES, dummyInput } from "../../../protocol/sealed-table/entry.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import { readSealedFrames, writeSealedFrames } from "../../store/sealed-frames.ts";

/** Rows evaluated in one request. */
export const BATCH_ROWS = 1_024;

export interface OwnRow {
  /** Input of the evaluation. */
  readonly input: Uint8Array;
  /** By slot; null for a dummy. */
  readonly values: readonly number[] | null;
  /** Known from an earlier making of the same edition. */
  readonly y: Uint8Array | null;
}

export interface Blinded {
  /** One scalar after another. */
  readonly blinds: Uint8Array;
  readonly elements: Uint8Array;
}

/**
 * Subjects, and dummies up to a count class; those of an earlier making are used again, with their evaluations. Takes the
 * summaries out of the map as it goes.
 */
export function* makeRows(
  summaries: Map<string, SubjectSummary>,
  leastRows: number,
  before: Iterable<OwnRow>,
  random: RandomBytes,
): Generator<OwnRow> {
  let dummies = classFrom(summaries.size, leastRows) - summaries.size;
  for (const row of before) {
    const subject = Buffer.from(row.input).toString("utf8");
    const summary = summaries.get(subject);
    if (row.values === null) {
      if (dummies > 0) yield row;
      dummies -= 1;
    } else if (summary) {
      yield { ...row, values: packRow(standardSchema, summary) };
      summaries.delete(subject);
    }
  }
  for (const [subject, summary] of summaries) {
    yield { input: utf8(subject), values: packRow(standardSchema, summary), y: null };
    summaries.delete(subject);
  }
  for (; dummies > 0; dummies -= 1) yield { input: dummyInput(random(DUMMY_NONCE_BYTES)), values: null, y: null };
}

/** Context of the cipher. */
export function ownRowsContext(edition: number, generation: number): string {
  return `editions.own.${String(edition)}.${String(generation)}`;
}

export interface OwnRows {
  exists(): boolean;
  /** @returns how many rows, and how many of them are to be evaluated. */
  write(rows: Iterable<OwnRow>): { readonly rows: number; readonly wanted: number };
  read(): Iterable<OwnRow>;
  /** The blinded elements of a batch if it was ever begun. */
  begun(batch: number): Blinded | undefined;
  begin(batch: number, blinded: Blinded): void;
  /** Evaluations of a batch, one after another. */
  evaluated(batch: number): Uint8Array | undefined;
  keep(batch: number, ys: Uint8Array): void;
  /** All rows with the evaluations that are known by now. */
  known(): Iterable<OwnRow>;
  remove(): void;
}

const Y_BYTES = 64;
const VALUE_BYTES = 4;
const HAS_VALUES = 1;
const HAS_Y = 2;
const standardSlots = [...Array(standardSchema.slotCount).keys()];

export function createOwnRows(directory: string, cipher: ColumnCipher, context: string): OwnRows {
  const listPath = join(directory, "frozen");
  const pathOf = (what: "blinded" | "ys", batch: number): string => join(directory, `${what}-${String(batch)}`);

  function readOne(path: string, name: string): Uint8Array[] | undefined {
    return existsSync(path) ? [...readSealedFrames(path, cipher, `${context}.${name}`)] : undefined;
  }

  function writeFrames(path: string, name: string, frames: Iterable<Uint8Array>): void {
    const file = writeSealedFrames(path, cipher, `${context}.${name}`);
    try {
      for (const frame of frames) file.add(frame);
      file.commit();
    } finally {
      file.abandon();
    }
  }

  function* read(): Generator<OwnRow> {
    if (!existsSync(listPath)) return;
    for (const frame of readSealedFrames(listPath, cipher, `${context}.frozen`)) yield* decodeRows(frame);
  }

  function* known(): Generator<OwnRow> {
    let wanted = 0;
    let ys: Uint8Array | undefined;
    for (const row of read()) {
      if (row.y) {
        yield row;
        continue;
      }
      const at = wanted % BATCH_ROWS;
      if (at === 0) ys = evaluated(wanted / BATCH_ROWS);
      wanted += 1;
      yield ys ? { ...row, y: ys.slice(at * Y_BYTES, (at + 1) * Y_BYTES) } : row;
    }
  }

  function evaluated(batch: number): Uint8Array | undefined {
    return readOne(pathOf("ys", batch), `ys-${String(batch)}`)?.[0];
  }

  return {
    exists: () => existsSync(listPath),
    write(rows) {
      const written = { rows: 0, wanted: 0 };
      const frames = function* (): Generator<Uint8Array> {
        for (const batch of batchesOf(rows)) {
          written.rows += batch.length;
          written.wanted += batch.filter(({ y }) => y === null).length;
          yield encodeRows(batch);
        }
      };
      writeFrames(listPath, "frozen", frames());
      return written;
    },
    read,
    known,
    begun(batch) {
      const [blinds, elements] = readOne(pathOf("blinded", batch), `blinded-${String(batch)}`) ?? [];
      return blinds && elements && { blinds, elements };
    },
    begin(batch, { blinds, elements }) {
      writeFrames(pathOf("blinded", batch), `blinded-${String(batch)}`, [blinds, elements]);
    },
    evaluated,
    keep(batch, ys) {
      writeFrames(pathOf("ys", batch), `ys-${String(batch)}`, [ys]);
      rmSync(pathOf("blinded", batch), { force: true });
    },
    remove() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The rows that are to be evaluated, by batch. */
export function* wantedBatches(rows: Iterable<OwnRow>): Generator<OwnRow[]> {
  const wanted = function* (): Generator<OwnRow> {
    for (const row of rows) if (row.y === null) yield row;
  };
  yield* batchesOf(wanted());
}

function* batchesOf<T>(rows: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Of each row: what follows (1) | length of the input (2) | input | values, 4 bytes a slot, if any | y, if known. */
function encodeRows(rows: readonly OwnRow[]): Uint8Array {
  return concatBytes(
    ...rows.flatMap(({ input, values, y }) => [
      uint((values ? HAS_VALUES : 0) | (y ? HAS_Y : 0), 1),
      uint(input.length, 2),
      input,
      ...(values ?? []).map((value) => uint(value, 4)),
      ...(y ? [y] : []),
    ]),
  );
}

/** One by one: rows that are decoded together live long enough to be kept by the garbage collector. */
function* decodeRows(frame: Uint8Array): Generator<OwnRow> {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let at = 0; at < frame.length;) {
    const what = view.getUint8(at);
    const first = at + 3;
    const end = first + view.getUint16(at + 1);
    const values = what & HAS_VALUES ? standardSlots.map((slot) => view.getUint32(end + slot * VALUE_BYTES)) : null;
    const last = end + (values?.length ?? 0) * VALUE_BYTES;
    at = last + (what & HAS_Y ? Y_BYTES : 0);
    yield { input: frame.slice(first, end), values, y: what & HAS_Y ? frame.slice(last, at) : null };
  }
}
