/** What contributors, aggregator, nodes and queriers of one aggregate have agreed on. */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { Element } from "../group/group.ts";
import type { AggregateSchema } from "./schema.ts";

export interface AggregateTerms {
  readonly schema: AggregateSchema;
  /** Counted from 1; part of every tag and mask. */
  readonly epoch: number;
  /** Y + Z, see `contributionKey`. */
  readonly contributionKey: Element;
  /** k: below so many contributors nothing is merged. */
  readonly leastContributors: number;
  /** Which numbers of rows a table may have, so that its size tells little; `isCountClass` of the sealed tables in service. */
  isRowCount(count: number): boolean;
}

/** Opens every statement that is hashed for a proof: purpose, epoch, key. Fixed length for one purpose. */
export function statementHeader(purpose: string, { epoch, contributionKey }: AggregateTerms): Uint8Array {
  return concatBytes(utf8(`riskveil/aggregate/1/${purpose}`), uint(epoch, 4), contributionKey);
}
