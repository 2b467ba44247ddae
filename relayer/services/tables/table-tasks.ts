/** What the table threads are asked and answer: plain data, so that it can travel between threads. */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { FaultValues } from "../../../protocol/errors/fault.ts";
import type { PayloadBytes } from "../../../protocol/sealed-table/payload.ts";
import type { TableFiles, TableShape } from "./table-files.ts";

/** Keys and parameters of one sealing; goes to a thread once. */
export interface SealingSetup {
  readonly suite: number;
  readonly secretKey: Uint8Array;
  readonly dataset: Uint8Array;
  readonly epoch: number;
  readonly payloadBytes: PayloadBytes;
  readonly dummySeed: Uint8Array;
  /** Where this thread puts the entries it sealed. */
  readonly spillPath: string;
}

/** A subject on its way into a table: evaluation input and encoded records, not padded yet. */
export interface SubjectContent {
  readonly input: Uint8Array;
  readonly content: Uint8Array;
}

export type TableTask =
  | { readonly kind: "open-sealer"; readonly setup: SealingSetup }
  | { readonly kind: "seal-subjects"; readonly subjects: readonly SubjectContent[] }
  | { readonly kind: "seal-dummies"; readonly start: number; readonly end: number }
  /** How many of the entries sealed so far have tags that the earlier table has not. */
  | { readonly kind: "count-added"; readonly tablePath: string; readonly shape: TableShape }
  /** Ends the sealing of this thread. */
  | { readonly kind: "close-sealer" }
  | {
      readonly kind: "assemble";
      readonly spills: readonly { readonly path: string; readonly entries: number }[];
      readonly files: TableFiles;
      readonly entrySize: number;
    }
  | { readonly kind: "build-tree"; readonly files: TableFiles; readonly shape: TableShape };

export interface TableTaskResult {
  /** For "count-added", and for "close-sealer" the entries of the spill. */
  readonly count?: number;
  /** For "assemble" and "build-tree". */
  readonly root?: Uint8Array;
}

export interface TableRequest {
  readonly id: number;
  readonly task: TableTask;
}

export type TableReply = { readonly id: number } & (
  | { readonly result: TableTaskResult }
  | { readonly fault: { readonly code: FaultCode; readonly values: FaultValues } }
  | { readonly failure: string }
);
