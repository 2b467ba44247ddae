/**
 * What the thread of a step does. Synchronous. Tables stay in their files: in memory is a buffer for each, and of the rows
 * that are sorted their tags (`row-sorter.ts`).
 */
import { bytesEqual, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { Element } from "../../protocol/group/group.ts";
import { admitContribution, contributeThrough, type SubjectRows } from "../../protocol/aggregate/contribution.ts";
import { distinctTags, mergeInto, verifyMerge, type MergedTable } from "../../protocol/aggregate/merge.ts";
import { rowBytes } from "../../protocol/aggregate/row.ts";
import type { Rows } from "../../protocol/aggregate/rows.ts";
import { emptyRow, standardSchema } from "../../protocol/aggregate/schema.ts";
import { eachStripShare, stripInto } from "../../protocol/aggregate/strip.ts";
import {
  CONTRIBUTION_HEADER_BYTES,
  contributionHeader,
  MERGED_HEADER_BYTES,
  mergedTableHeader,
} from "../../protocol/aggregate/table-bytes.ts";
import type { AggregateTerms } from "../../protocol/aggregate/terms.ts";
import { classFrom, isClassFrom } from "../../protocol/sealed-table/count-class.ts";
import { createOwnRows } from "../services/editions/own-rows.ts";
import { buildTreeFile } from "../services/tables/build-tree.ts";
import { openAtomicFile, writeFully } from "../store/atomic-file.ts";
import { createColumnCipher } from "../store/column-cipher.ts";
import { createOpenTables, type OpenTables } from "./open-tables.ts";
import { keepInFile, type RowRegion } from "./row-file.ts";
import { sortInFile } from "./row-sorter.ts";
import { readShares, writeShares } from "./shares-files.ts";
import type {
  AdmitStep,
  EncryptStep,
  MadeTable,
  MergeStep,
  OwnRowsPlace,
  ShareStep,
  Step,
  StepTerms,
  StripResult,
  StripStep,
} from "./steps.ts";

const { slotCount } = standardSchema;
const SIZE = rowBytes(slotCount);

export function runStep(step: Step, random: RandomBytes): MadeTable | StripResult | undefined {
  const tables = createOpenTables();
  try {
    switch (step.kind) {
      case "encrypt":
        return encrypt(step, random);
      case "admit":
        admit(step, tables);
        return undefined;
      case "merge":
        return merge(step, tables, random);
      case "share":
        share(step, tables, random);
        return undefined;
      case "strip":
        return strip(step, tables);
    }
  } finally {
    tables.close();
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

function encrypt({ terms, contributor, own, seed, path }: EncryptStep, random: RandomBytes): MadeTable {
  return makeTable(path, CONTRIBUTION_HEADER_BYTES, contributionHeader, (region) => {
    const sorter = sortInFile(region, `${path}.unsorted`, changed);
    try {
      return contributeThrough(sorter, termsOf(terms), contributor, subjectsOf(own, random), seed, random);
    } finally {
      sorter.close();
    }
  });
}

/** They are opened and read again at each pass. */
function subjectsOf({ directory, context, keys, rows }: OwnRowsPlace, random: RandomBytes): SubjectRows {
  const own = createOwnRows(directory, createColumnCipher(keys, random), context);
  const empty = emptyRow(standardSchema);
  return {
    length: rows,
    *[Symbol.iterator]() {
      for (const { y, values } of own.known()) {
        if (!y) throw new RangeError("not all rows are evaluated");
        yield { y, values: values ?? empty };
      }
    },
  };
}

function admit({ terms, contribution }: AdmitStep, tables: OpenTables): void {
  const { contributor, root, proof } = contribution;
  const read = tables.contribution(contribution);
  if (read.contributor !== contributor) throw new Fault("AGGREGATE_ROOT_WRONG", { contributor });
  if (!bytesEqual(read.proof, proof)) throw new Fault("AGGREGATE_PROOF_INVALID", { contributor });
  admitContribution(termsOf(terms), read, root);
}

function merge({ terms, contributions, seed, path }: MergeStep, tables: OpenTables, random: RandomBytes): MadeTable {
  const admitted = contributions.map((file) => tables.admitted(file, terms.edition));
  const count = classFrom(distinctTags(admitted), terms.leastRows);
  return makeTable(path, MERGED_HEADER_BYTES, mergedTableHeader, (region) =>
    mergeInto(keepInFile(region, changed), termsOf(terms), admitted, count, seed, random),
  );
}

/** `make` writes the rows to the region; the header follows from them. */
function makeTable<T extends Pick<MergedTable<Rows>, "root" | "rows" | "proof">>(
  path: string,
  headerBytes: number,
  headerOf: (table: T) => Uint8Array,
  make: (region: RowRegion) => T,
): MadeTable {
  const file = openAtomicFile(path);
  try {
    const made = make({ descriptor: file.descriptor, start: headerBytes, size: SIZE });
    writeFully(file.descriptor, headerOf(made), 0);
    file.commit();
    return { root: made.root, rows: made.rows.length, proof: made.proof };
  } finally {
    file.abandon();
  }
}

/** Of a file that is being made. */
function changed(): Fault {
  return new Fault("EDITION_STEP_FAILED", { reason: "somebody writes to its files" });
}

function share(step: ShareStep, tables: OpenTables, random: RandomBytes): void {
  const { terms, keys, set, secrets } = step;
  const merged = tables.merged(step.merged, terms.edition);
  if (!bytesEqual(merged.root, step.mergedRoot) || !bytesEqual(keccak256(merged.proof), step.mergeProofDigest)) {
    throw new Fault("MERGE_COMMITMENT_WRONG", { edition: terms.edition });
  }
  const admitted = step.contributions.map((file) => tables.admitted(file, terms.edition));
  const verified = verifyMerge(termsOf(terms), admitted, merged);
  writeShares(step.path, eachStripShare(keys, set, secrets, verified, random));
}

function strip(step: StripStep, tables: OpenTables): StripResult {
  const { terms, keys, set, shares, trusted, files } = step;
  const merged = tables.committed(step.merged, terms.edition, step.mergedRoot);
  const file = openAtomicFile(files.table);
  const region = { descriptor: file.descriptor, start: 0, size: SIZE };
  const sorter = sortInFile(region, `${files.table}.unsorted`, changed);
  try {
    const opened = shares.map(({ index, path }) => ({ index, descriptor: tables.open(path) }));
    const answers = readShares(opened, merged.rows.length);
    const { table, liars } = stripInto(sorter, termsOf(terms), keys, set, merged, answers, new Set(trusted));
    if (!table) return { liars };
    file.commit();
    return { root: buildTreeFile(files.table, files.tree, { entryCount: table.rows.length, entrySize: SIZE }) };
  } finally {
    sorter.close();
    file.abandon();
  }
}
