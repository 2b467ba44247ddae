/** What the thread of a step does. Synchronous; a table and what it is made of are in memory, about 650 bytes a row and firm. */
import { readFileSync } from "node:fs";

import { bytesEqual, concatBytes, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../protocol/encoding/digest.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import type { Element } from "../../protocol/group/group.ts";
import {
  admitContribution,
  contribute,
  type AdmittedContribution,
  type Contribution,
} from "../../protocol/aggregate/contribution.ts";
import { distinctTags, mergeContributions, verifyMerge, type MergedTable } from "../../protocol/aggregate/merge.ts";
import { rootOf } from "../../protocol/aggregate/row.ts";
import { standardSchema } from "../../protocol/aggregate/schema.ts";
import { decodeStripShares, encodeStripShares } from "../../protocol/aggregate/strip-bytes.ts";
import { stripOrAccuse, stripShares } from "../../protocol/aggregate/strip.ts";
import {
  decodeContribution,
  decodeMergedTable,
  encodeContribution,
  encodeMergedTable,
} from "../../protocol/aggregate/table-bytes.ts";
import type { AggregateTerms } from "../../protocol/aggregate/terms.ts";
import { classFrom, isClassFrom } from "../../protocol/sealed-table/count-class.ts";
import { buildTreeFile } from "../services/tables/build-tree.ts";
import { openAtomicFile, writeFully } from "../store/atomic-file.ts";
import type {
  AdmitStep,
  ContributionFile,
  EncryptStep,
  MadeTable,
  MergeStep,
  ShareStep,
  Step,
  StepTerms,
  StripResult,
  StripStep,
} from "./steps.ts";

const { slotCount } = standardSchema;
const Y_BYTES = 64;

export function runStep(step: Step, random: RandomBytes): MadeTable | StripResult | undefined {
  switch (step.kind) {
    case "encrypt":
      return encrypt(step, random);
    case "admit":
      admit(step);
      return undefined;
    case "merge":
      return merge(step, random);
    case "share":
      share(step, random);
      return undefined;
    case "strip":
      return strip(step);
  }
}

export function termsOf({ edition, contributionKey, leastContributors, leastRows }: StepTerms): AggregateTerms {
  return {
    schema: standardSchema,
    epoch: edition,
    contributionKey: contributionKey as Element,
    leastContributors,
    isRowCount: (count) => isClassFrom(count, leastRows),
  };
}

function encrypt({ terms, contributor, ys, values, seed, path }: EncryptStep, random: RandomBytes): MadeTable {
  const all = Array.from({ length: ys.length / Y_BYTES }, (_, row) => ys.slice(row * Y_BYTES, (row + 1) * Y_BYTES));
  const subjects = values.length / slotCount;
  const rows = all.slice(0, subjects).map((y, row) => ({
    y,
    values: [...values.subarray(row * slotCount, (row + 1) * slotCount)],
  }));
  const made = contribute(termsOf(terms), contributor, rows, all.slice(subjects), seed, random);
  write(path, encodeContribution(made));
  return { root: made.root, rows: made.rows.length, proof: made.proof };
}

function admit({ terms, contribution }: AdmitStep): void {
  const { contributor, root, proof } = contribution;
  const read = readContribution(contribution);
  if (read.contributor !== contributor) throw new Fault("AGGREGATE_ROOT_WRONG", { contributor });
  if (!bytesEqual(read.proof, proof)) throw new Fault("AGGREGATE_PROOF_INVALID", { contributor });
  admitContribution(termsOf(terms), read, root);
}

function merge({ terms, contributions, seed, path }: MergeStep, random: RandomBytes): MadeTable {
  const admitted = contributions.map(readAdmitted);
  const rows = classFrom(distinctTags(admitted), terms.leastRows);
  const made = mergeContributions(termsOf(terms), admitted, rows, seed, random);
  write(path, encodeMergedTable(made));
  return { root: made.root, rows, proof: made.proof };
}

function share(step: ShareStep, random: RandomBytes): void {
  const { terms, keys, set, secrets } = step;
  const merged = readMerged(step.merged);
  if (!bytesEqual(merged.root, step.mergedRoot) || !bytesEqual(keccak256(merged.proof), step.mergeProofDigest)) {
    throw new Fault("MERGE_COMMITMENT_WRONG", { edition: terms.edition });
  }
  const verified = verifyMerge(termsOf(terms), step.contributions.map(readAdmitted), merged);
  write(step.path, encodeStripShares(stripShares(keys, set, secrets, verified, random)));
}

function strip({ terms, merged: path, keys, set, shares, trusted, files }: StripStep): StripResult {
  const merged = readMerged(path);
  const byNode = shares.map((each) => ({ from: each.index, shares: readShares(each.path) }));
  const chunks = Math.max(...byNode.map((each) => each.shares.length));
  const answers = Array.from({ length: chunks }, (_, chunk) =>
    byNode.flatMap(({ from, shares: given }) => {
      const bytes = given[chunk];
      return bytes ? [{ from, bytes }] : [];
    }),
  );
  const { table, liars } = stripOrAccuse(termsOf(terms), keys, set, merged, answers, new Set(trusted));
  if (!table) return { liars };
  write(files.table, concatBytes(...table.rows));
  const shape = { entryCount: table.rows.length, entrySize: table.rows[0]?.length ?? 0 };
  return { root: buildTreeFile(files.table, files.tree, shape) };
}

/** One that is no list of shares is as good as none. */
function readShares(path: string): readonly Uint8Array[] {
  try {
    return decodeStripShares(new Uint8Array(readFileSync(path)));
  } catch (error) {
    if (isFault(error)) return [];
    throw error;
  }
}

function readContribution({ path }: ContributionFile): Contribution {
  return decodeContribution(readFileSync(path), slotCount);
}

/**
 * A file is where contributions are kept only after it was admitted; the root shows that it is what it was then.
 * @throws Fault AGGREGATE_ROOT_WRONG
 */
function readAdmitted(file: ContributionFile): AdmittedContribution {
  const { contributor, root } = file;
  const contribution = readKept(file);
  const same = bytesEqual(contribution.root, root) && bytesEqual(rootOf(contribution.rows, slotCount), root);
  if (!same || contribution.contributor !== contributor) throw new Fault("AGGREGATE_ROOT_WRONG", { contributor });
  return contribution as AdmittedContribution;
}

/** What is no table any more is not the one that was admitted. @throws Fault AGGREGATE_ROOT_WRONG */
function readKept(file: ContributionFile): Contribution {
  try {
    return readContribution(file);
  } catch (error) {
    if (isFault(error)) throw new Fault("AGGREGATE_ROOT_WRONG", { contributor: file.contributor }, error);
    throw error;
  }
}

function readMerged(path: string): MergedTable {
  return decodeMergedTable(readFileSync(path), slotCount);
}

function write(path: string, bytes: Uint8Array): void {
  const file = openAtomicFile(path);
  try {
    writeFully(file.descriptor, bytes, 0);
    file.commit();
  } finally {
    file.abandon();
  }
}
