/**
 * The heavy steps around keys that several nodes share, as plain data in and out: a node's part, the putting together of
 * parts, and the reading of sums.
 */
import { concatBytes, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { decryptionShares, readSums, requestDecryption, uncover, unblindRow } from "../../protocol/aggregate/query.ts";
import { decodeRow, type Row } from "../../protocol/aggregate/row.ts";
import type { AggregateSums } from "../../protocol/aggregate/schema.ts";
import { standardSchema } from "../../protocol/aggregate/schema.ts";
import { createSumDecoder, type SumDecoder } from "../../protocol/aggregate/sum-decoder.ts";
import { isFault } from "../../protocol/errors/fault.ts";
import type { FaultCode } from "../../protocol/errors/catalogue.ts";
import type { Element, Scalar } from "../../protocol/group/group.ts";
import { ristretto255 } from "../../protocol/group/ristretto255.ts";
import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import type { KeyShare, PublicKeySet } from "../../protocol/threshold/key-set.ts";
import type { Posted } from "../../protocol/threshold/message.ts";
import type { Liar } from "../../protocol/threshold/partials.ts";
import { thresholdOprf } from "../../protocol/threshold/threshold-oprf.ts";

/** Which proof context a shared key is used under; rows are located by an evaluation too, under a key of its own. */
export type SharedUse = "evaluation" | "decryption";

export interface PartialTask {
  readonly kind: "partial";
  readonly use: SharedUse;
  readonly keys: PublicKeySet;
  readonly share: KeyShare;
  readonly elements: Uint8Array;
}
export interface PartialResult {
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

export interface CombineTask {
  readonly kind: "combine";
  readonly use: SharedUse;
  readonly keys: PublicKeySet;
  readonly elements: Uint8Array;
  /** By index of the node: its elements, then its proof. */
  readonly answers: readonly Posted[];
}
export interface CombineResult {
  readonly elements: Uint8Array;
  readonly liars: readonly Liar[];
}

export interface UnblindTask {
  readonly kind: "unblind";
  readonly inputs: readonly Uint8Array[];
  /** One scalar after another. */
  readonly blinds: Uint8Array;
  readonly evaluated: Uint8Array;
}
export interface UnblindResult {
  /** Evaluations, one after another. */
  readonly outputs: Uint8Array;
}

export interface SumTask {
  readonly kind: "sums";
  readonly edition: number;
  readonly queryKey: Uint8Array;
  readonly contributionKey: Uint8Array;
  readonly rows: readonly {
    readonly row: Uint8Array;
    readonly y: Uint8Array;
    /** Of its tag, under the locator key: 64 bytes. */
    readonly location: Uint8Array;
    /** By slot, one after another. */
    readonly blinds: Uint8Array;
    readonly combined: Uint8Array;
  }[];
}
export interface SumResult {
  /** A row that cannot be read is the contributors' or the aggregator's fault. */
  readonly sums: readonly (AggregateSums | { readonly unreadable: FaultCode })[];
}

export interface MaskTask {
  readonly kind: "mask";
  /** Of each document its row, or that there is none: both cost the same. */
  readonly rows: readonly (Uint8Array | null)[];
}
export interface MaskResult {
  /** Scalars, as many as a row has slots for each document. */
  readonly blinds: Uint8Array;
  readonly elements: Uint8Array;
}

export type AggregateTask = PartialTask | CombineTask | UnblindTask | MaskTask | SumTask;
export type AggregateResult<T extends AggregateTask> = T extends PartialTask
  ? PartialResult
  : T extends CombineTask
    ? CombineResult
    : T extends UnblindTask
      ? UnblindResult
      : T extends MaskTask
        ? MaskResult
        : SumResult;

/** In elements; a first reading of sums builds a table for a second, which no thread that serves requests waits for. */
export function aggregateTaskSize(task: AggregateTask): number {
  if (task.kind === "sums") return Infinity;
  if (task.kind === "unblind") return task.inputs.length;
  if (task.kind === "mask") return task.rows.length * standardSchema.slotCount;
  const elements = task.elements.length / ristretto255.elementBytes;
  return task.kind === "partial" ? elements : elements * task.answers.length;
}

export function runAggregateTask(
  task: AggregateTask,
  random: RandomBytes,
): PartialResult | CombineResult | UnblindResult | MaskResult | SumResult {
  if (task.kind === "partial") return partial(task, random);
  if (task.kind === "combine") return combine(task);
  if (task.kind === "unblind") return unblind(task);
  if (task.kind === "mask") return mask(task, random);
  return sums(task);
}

function partial({ use, keys, share, elements }: PartialTask, random: RandomBytes): PartialResult {
  const inputs = ristretto255Sha512.decodeElements(elements);
  const answer = evaluatorOf(use).evaluate(keys, share, inputs, random);
  const end = inputs.length * ristretto255.elementBytes;
  return { evaluated: answer.slice(0, end), proof: answer.slice(end) };
}

function combine({ use, keys, elements, answers }: CombineTask): CombineResult {
  const inputs = ristretto255Sha512.decodeElements(elements);
  const { elements: combined, liars } = evaluatorOf(use).combine(keys, inputs, answers);
  return { elements: concatBytes(...combined), liars };
}

function unblind({ inputs, blinds, evaluated }: UnblindTask): UnblindResult {
  const elements = ristretto255Sha512.decodeElements(evaluated);
  const outputs = inputs.map((input, index) =>
    ristretto255Sha512.finalize(input, scalarAt(blinds, index), elements[index] as Element),
  );
  return { outputs: concatBytes(...outputs) };
}

function mask({ rows }: MaskTask, random: RandomBytes): MaskResult {
  const requests = rows.map((bytes) => requestDecryption(standardSchema, soundRow(bytes), random));
  return {
    blinds: concatBytes(...requests.flatMap(({ blinds }) => blinds)),
    elements: concatBytes(...requests.flatMap(({ elements }) => elements)),
  };
}

/** A row that no node should have let through is asked for like one that is not there: who sees the request learns nothing. */
function soundRow(bytes: Uint8Array | null): Row | undefined {
  try {
    return bytes === null ? undefined : decodeRow(bytes, standardSchema.slotCount);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/**
 * A quarter of a second to make and 1 MB. Counts and the amounts of a few institutions lie within it or a few steps beyond; the
 * largest sum takes 512 steps of 0.03 ms.
 */
const DECODER_ENTRIES = 2 ** 14;

let decoder: SumDecoder | undefined;

function sums({ edition, queryKey, contributionKey, rows }: SumTask): SumResult {
  decoder ??= createSumDecoder(DECODER_ENTRIES);
  const decode = decoder;
  const terms = {
    schema: standardSchema,
    epoch: edition,
    contributionKey: contributionKey as Element,
    leastContributors: 1,
    isRowCount: () => true,
  };
  return {
    sums: rows.map(({ row: bytes, y, location, blinds, combined }) => {
      try {
        const row = decodeRow(bytes, standardSchema.slotCount);
        const request = {
          blinds: Array.from({ length: standardSchema.slotCount }, (_, slot) => scalarAt(blinds, slot)),
          elements: [],
        };
        const points = unblindRow(queryKey as Element, row, request, ristretto255Sha512.decodeElements(combined));
        return readSums(terms, decode, y, uncover(location, edition, points));
      } catch (error) {
        if (isFault(error)) return { unreadable: error.code };
        throw error;
      }
    }),
  };
}

function evaluatorOf(use: SharedUse) {
  return use === "evaluation" ? thresholdOprf : decryptionShares;
}

function scalarAt(scalars: Uint8Array, index: number): Scalar {
  const { scalarBytes } = ristretto255Sha512;
  return ristretto255Sha512.decodeScalar(scalars.slice(index * scalarBytes, (index + 1) * scalarBytes));
}
