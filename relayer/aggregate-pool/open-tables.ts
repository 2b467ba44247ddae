/** The tables that a step reads. Their files stay open until it ends, so that a file put in their place changes nothing. */
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
   * A file is where contributions are kept only after it was admitted; the root shows that it is what it was then.
   * @throws Fault AGGREGATE_ROOT_WRONG
   */
  admitted(file: ContributionFile): AdmittedContribution<Rows>;
  /** @throws Fault AGGREGATE_TABLE_MALFORMED; its rows MERGE_COMMITMENT_WRONG if they change */
  merged(path: string, edition: number): MergedTable<Rows>;
  close(): void;
}

export function createOpenTables(): OpenTables {
  const descriptors: number[] = [];

  function open<H extends Headed<unknown>>(
    path: string,
    start: number,
    decode: (header: Uint8Array, bytes: number, slotCount: number) => H,
    changed: () => Fault,
  ): Omit<H, "count"> & { readonly rows: Rows } {
    const descriptor = openSync(path, "r");
    descriptors.push(descriptor);
    const header = new Uint8Array(start);
    const read = readFully(descriptor, header, 0);
    const { count, ...rest } = decode(header.subarray(0, read), fstatSync(descriptor).size, slotCount);
    return { ...rest, rows: rowsInFile({ descriptor, start, size }, count, changed) };
  }

  function contribution({ contributor, path }: ContributionFile): Contribution<Rows> {
    return open(path, CONTRIBUTION_HEADER_BYTES, decodeContributionHeader, () => notAsPosted(contributor));
  }

  return {
    contribution,
    admitted(file) {
      const { contributor, root } = file;
      let kept: Contribution<Rows>;
      try {
        kept = contribution(file);
      } catch (error) {
        if (isFault(error)) throw notAsPosted(contributor, error);
        throw error;
      }
      const same = bytesEqual(kept.root, root) && bytesEqual(rootOf(kept.rows, slotCount), root);
      if (!same || kept.contributor !== contributor) throw notAsPosted(contributor);
      return kept as AdmittedContribution<Rows>;
    },
    merged: (path, edition) =>
      open(path, MERGED_HEADER_BYTES, decodeMergedTableHeader, () => new Fault("MERGE_COMMITMENT_WRONG", { edition })),
    close() {
      for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
    },
  };
}

function notAsPosted(contributor: number, cause?: unknown): Fault {
  return new Fault("AGGREGATE_ROOT_WRONG", { contributor }, cause);
}
