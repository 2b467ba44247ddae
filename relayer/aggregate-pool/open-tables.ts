/** What a step reads. Files stay open until it ends, so that a file put in the place of one changes nothing. */
import { closeSync, fstatSync, openSync } from "node:fs";

import type { AdmittedContribution, Contribution } from "../../protocol/aggregate/contribution.ts";
import type { MergedTable } from "../../protocol/aggregate/merge.ts";
import { rootOf, rowBytes } from "../../protocol/aggregate/row.ts";
import type { Rows } from "../../protocol/aggregate/rows.ts";
import { standardSchema } from "../../protocol/aggregate/schema.ts";
import {
  CONTRIBUTION_HEADER_BYTES,
  decodeContributionHeader,
  decodeMergedTableHeader,
  MERGED_HEADER_BYTES,
  type Headed,
} from "../../protocol/aggregate/table-bytes.ts";
import { bytesEqual } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { readFully } from "../store/atomic-file.ts";
import { rowsInFile } from "./row-file.ts";
import type { ContributionFile } from "./steps.ts";

const { slotCount } = standardSchema;
const size = rowBytes(slotCount);

export interface OpenTables {
  /** As it came. @throws Fault AGGREGATE_TABLE_MALFORMED; its rows AGGREGATE_ROOT_WRONG if they change */
  contribution(file: ContributionFile): Contribution<Rows>;
  /**
   * A file is where contributions are kept only after it was admitted; the root shows that its rows are what they were then.
   * @throws Fault AGGREGATE_ROOT_WRONG
   */
  admitted(file: ContributionFile, edition: number): AdmittedContribution<Rows>;
  /**
   * No root shows which edition a file says it is of: one that says another was changed since it was written.
   * @throws Fault AGGREGATE_TABLE_MALFORMED, MERGE_COMMITMENT_WRONG; its rows MERGE_COMMITMENT_WRONG if they change
   */
  merged(path: string, edition: number): MergedTable<Rows>;
  /** One whose rows are those of the root on chain. @throws Fault MERGE_COMMITMENT_WRONG */
  committed(path: string, edition: number, root: Uint8Array): MergedTable<Rows>;
  /** A file of another kind. */
  open(path: string): number;
  close(): void;
}

export function createOpenTables(): OpenTables {
  const descriptors: number[] = [];

  function open(path: string): number {
    const descriptor = openSync(path, "r");
    descriptors.push(descriptor);
    return descriptor;
  }

  function openTable<H extends Headed<unknown>>(
    path: string,
    start: number,
    decode: (header: Uint8Array, bytes: number, slotCount: number) => H,
    changed: () => Fault,
  ): Omit<H, "count"> & { readonly rows: Rows } {
    const descriptor = open(path);
    const header = new Uint8Array(start);
    const read = readFully(descriptor, header, 0);
    const { count, ...rest } = decode(header.subarray(0, read), fstatSync(descriptor).size, slotCount);
    return { ...rest, rows: rowsInFile({ descriptor, start, size }, count, changed) };
  }

  function contribution({ contributor, path }: ContributionFile): Contribution<Rows> {
    return openTable(path, CONTRIBUTION_HEADER_BYTES, decodeContributionHeader, () => notAsPosted(contributor));
  }

  function merged(path: string, edition: number): MergedTable<Rows> {
    const table = openTable(path, MERGED_HEADER_BYTES, decodeMergedTableHeader, () => notAsMerged(edition));
    if (table.epoch !== edition) throw notAsMerged(edition);
    return table;
  }

  /** The table if its root is that one; whatever else is wrong with it is `otherwise`. */
  function ofRoot<T extends { readonly root: Uint8Array; readonly rows: Rows }>(
    read: () => T,
    root: Uint8Array,
    otherwise: (cause?: unknown) => Fault,
  ): T {
    try {
      const table = read();
      if (bytesEqual(table.root, root) && bytesEqual(rootOf(table.rows, slotCount), root)) return table;
    } catch (error) {
      throw isFault(error) ? otherwise(error) : error;
    }
    throw otherwise();
  }

  return {
    contribution,
    admitted(file, edition) {
      const { contributor, root } = file;
      const otherwise = (cause?: unknown): Fault => notAsPosted(contributor, cause);
      const kept = ofRoot(() => contribution(file), root, otherwise);
      if (kept.contributor !== contributor || kept.epoch !== edition) throw otherwise();
      return kept as AdmittedContribution<Rows>;
    },
    merged,
    committed: (path, edition, root) =>
      ofRoot(
        () => merged(path, edition),
        root,
        (cause) => notAsMerged(edition, cause),
      ),
    open,
    close() {
      for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
    },
  };
}

function notAsMerged(edition: number, cause?: unknown): Fault {
  return new Fault("MERGE_COMMITMENT_WRONG", { edition }, cause);
}

function notAsPosted(contributor: number, cause?: unknown): Fault {
  return new Fault("AGGREGATE_ROOT_WRONG", { contributor }, cause);
}
