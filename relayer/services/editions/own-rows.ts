/**
 * The rows of this member's contribution before they are encrypted, frozen when its making begins: subjects with their
 * values, dummies, and what is known of their evaluations. All of it is secret, and in files under the column cipher.
 *
 * A batch is blinded once and kept before it is sent: sent again after a crash it is the same bytes, which nodes count
 * once; its evaluations are kept as soon as they are combined. So a crash costs one batch.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { packRow, standardSchema, type SubjectSummary } from "../../../protocol/aggregate/schema.ts";
import { concatBytes, fromBase64Url, toBase64Url, utf8, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
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

/** Subjects, and dummies up to a count class; those of an earlier making are used again, with their evaluations. */
export function makeRows(
  summaries: ReadonlyMap<string, SubjectSummary>,
  leastRows: number,
  before: readonly OwnRow[],
  random: RandomBytes,
): OwnRow[] {
  const known = new Map(before.map(({ input, y }) => [Buffer.from(input).toString("latin1"), y]));
  const subjects = [...summaries].map(([subject, summary]): OwnRow => {
    const input = utf8(subject);
    const y = known.get(Buffer.from(input).toString("latin1")) ?? null;
    return { input, values: packRow(standardSchema, summary), y };
  });
  const count = classFrom(subjects.length, leastRows) - subjects.length;
  const dummies = before.filter(({ values }) => values === null).slice(0, count);
  while (dummies.length < count) dummies.push({ input: dummyInput(random(DUMMY_NONCE_BYTES)), values: null, y: null });
  return [...subjects, ...dummies];
}

/** Context of the cipher. */
export function ownRowsContext(edition: number, generation: number): string {
  return `editions.own.${String(edition)}.${String(generation)}`;
}

export interface OwnRows {
  exists(): boolean;
  write(rows: readonly OwnRow[]): void;
  read(): OwnRow[];
  /** The blinded elements of a batch if it was ever begun. */
  begun(batch: number): Blinded | undefined;
  begin(batch: number, blinded: Blinded): void;
  /** Evaluations of a batch, one after another. */
  evaluated(batch: number): Uint8Array | undefined;
  keep(batch: number, ys: Uint8Array): void;
  /** All rows with the evaluations that are known by now. */
  known(): OwnRow[];
  remove(): void;
}

const Y_BYTES = 64;

export function createOwnRows(directory: string, cipher: ColumnCipher, context: string): OwnRows {
  const listPath = join(directory, "rows");
  const pathOf = (what: "blinded" | "ys", batch: number): string => join(directory, `${what}-${String(batch)}`);

  function readOne(path: string, name: string): Uint8Array[] | undefined {
    return existsSync(path) ? readSealedFrames(path, cipher, `${context}.${name}`) : undefined;
  }

  function writeFrames(path: string, name: string, frames: readonly Uint8Array[]): void {
    const file = writeSealedFrames(path, cipher, `${context}.${name}`);
    try {
      for (const frame of frames) file.add(frame);
      file.commit();
    } finally {
      file.abandon();
    }
  }

  function read(): OwnRow[] {
    return (readOne(listPath, "rows") ?? []).flatMap((frame) => decodeRows(frame));
  }

  function evaluated(batch: number): Uint8Array | undefined {
    return readOne(pathOf("ys", batch), `ys-${String(batch)}`)?.[0];
  }

  return {
    exists: () => existsSync(listPath),
    write(rows) {
      const frames = batchesOf(rows).map(encodeRows);
      writeFrames(listPath, "rows", frames);
    },
    read,
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
    known() {
      const rows = read();
      const fresh = wantedBatches(rows).flatMap((batch, number) => {
        const ys = evaluated(number);
        return batch.map((row, at): OwnRow => (ys ? { ...row, y: ys.slice(at * Y_BYTES, (at + 1) * Y_BYTES) } : row));
      });
      let next = 0;
      return rows.map((row) => (row.y ? row : (fresh[next++] ?? row)));
    },
    remove() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The rows that are to be evaluated, by batch. */
export function wantedBatches(rows: readonly OwnRow[]): OwnRow[][] {
  return batchesOf(rows.filter(({ y }) => y === null));
}

/** What the encryption takes: evaluations, subjects' first, and the subjects' values. */
export function encryptionInput(rows: readonly OwnRow[]): { readonly ys: Uint8Array; readonly values: Uint32Array } {
  const subjects = rows.filter(({ values }) => values !== null);
  const dummies = rows.filter(({ values }) => values === null);
  const ys = [...subjects, ...dummies].map(({ y }) => y);
  if (!ys.every((y) => y !== null)) throw new RangeError("not all rows are evaluated");
  return { ys: concatBytes(...ys), values: Uint32Array.from(subjects.flatMap(({ values }) => values ?? [])) };
}

function batchesOf<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, batch) =>
    rows.slice(batch * BATCH_ROWS, (batch + 1) * BATCH_ROWS),
  );
}

function encodeRows(rows: readonly OwnRow[]): Uint8Array {
  return utf8(JSON.stringify(rows.map(({ input, values, y }) => [toBase64Url(input), values, y && toBase64Url(y)])));
}

function decodeRows(frame: Uint8Array): OwnRow[] {
  const rows = JSON.parse(Buffer.from(frame).toString("utf8")) as [string, number[] | null, string | null][];
  return rows.map(([input, values, y]) => ({
    input: fromBase64Url(input),
    values,
    y: y === null ? y : fromBase64Url(y),
  }));
}
