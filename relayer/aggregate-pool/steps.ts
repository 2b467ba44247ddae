/**
 * The steps of an edition, each from files to a file, as plain data that travels between threads. Tables are in the
 * formats of protocol/aggregate/table-bytes.ts; the consortium table is its rows alone, with a tree beside it, as sealed
 * tables are.
 */
import type { StripKeys, StripSecrets } from "../../protocol/aggregate/strip.ts";
import type { FaultCode } from "../../protocol/errors/catalogue.ts";
import type { FaultValues } from "../../protocol/errors/fault.ts";
import type { Liar } from "../../protocol/threshold/partials.ts";
import type { ColumnKeys } from "../keys/key-store.ts";
import type { TableFiles } from "../services/tables/table-files.ts";

export interface StepTerms {
  readonly edition: number;
  /** Y + Z. */
  readonly contributionKey: Uint8Array;
  readonly leastContributors: number;
  readonly leastRows: number;
}

/** A contribution as the chain has it, and where its file is. */
export interface ContributionFile {
  readonly contributor: number;
  readonly root: Uint8Array;
  readonly proof: Uint8Array;
  readonly path: string;
}

export interface SharesFile {
  /** Its index in the layer key's round. */
  readonly index: number;
  readonly path: string;
}

/** A contributor's own rows, all evaluated, under the column cipher. */
export interface OwnRowsPlace {
  readonly directory: string;
  readonly context: string;
  readonly keys: ColumnKeys;
  /** How many. */
  readonly rows: number;
}

/** A contributor's own table. */
export interface EncryptStep {
  readonly kind: "encrypt";
  readonly terms: StepTerms;
  readonly contributor: number;
  readonly own: OwnRowsPlace;
  readonly seed: Uint8Array;
  readonly path: string;
}

/** Throws what is wrong with a contribution that was pulled. */
export interface AdmitStep {
  readonly kind: "admit";
  readonly terms: StepTerms;
  readonly contribution: ContributionFile;
}

/** Of contributions that were admitted. */
export interface MergeStep {
  readonly kind: "merge";
  readonly terms: StepTerms;
  readonly contributions: readonly ContributionFile[];
  readonly seed: Uint8Array;
  readonly path: string;
}

/** Checks a merge against its contributions and makes this node's shares of it. */
export interface ShareStep {
  readonly kind: "share";
  readonly terms: StepTerms;
  readonly contributions: readonly ContributionFile[];
  readonly merged: string;
  readonly mergedRoot: Uint8Array;
  /** Keccak-256, from the chain. */
  readonly mergeProofDigest: Uint8Array;
  readonly keys: StripKeys;
  /** Indices. */
  readonly set: readonly number[];
  readonly secrets: StripSecrets;
  readonly path: string;
}

/** The table that everybody computes from the shares, or who of the set lied. */
export interface StripStep {
  readonly kind: "strip";
  readonly terms: StepTerms;
  readonly merged: string;
  readonly mergedRoot: Uint8Array;
  readonly keys: StripKeys;
  readonly set: readonly number[];
  readonly shares: readonly SharesFile[];
  /** Indices of whose shares the proofs need not be checked. */
  readonly trusted: readonly number[];
  readonly files: TableFiles;
}

export type Step = EncryptStep | AdmitStep | MergeStep | ShareStep | StripStep;

export interface MadeTable {
  readonly root: Uint8Array;
  readonly rows: number;
  readonly proof: Uint8Array;
}

export type StripResult = { readonly root: Uint8Array } | { readonly liars: readonly Liar[] };

export type StepResult<S extends Step> = S extends EncryptStep | MergeStep
  ? MadeTable
  : S extends StripStep
    ? StripResult
    : undefined;

export type StepReply =
  | { readonly result: unknown }
  | { readonly fault: { readonly code: FaultCode; readonly values: FaultValues } }
  | { readonly failure: string };
