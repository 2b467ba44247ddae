/** Where the files of an edition lie. What is in its final place was verified; what is on its way has another name. */
import { join } from "node:path";

import type { TableFiles } from "../tables/table-files.ts";

export function editionsDirectory(dataDir: string): string {
  return join(dataDir, "editions");
}

export function editionDirectory(dataDir: string, edition: number): string {
  return join(editionsDirectory(dataDir), String(edition));
}

/** Own rows on their way to a contribution; each time that the basis changes, a directory of its own. */
export function ownDirectory(dataDir: string, edition: number, generation: number): string {
  return join(editionDirectory(dataDir, edition), `own-${String(generation)}`);
}

/** A contribution, this member's own or one that was admitted. */
export function contributionFile(dataDir: string, edition: number, contributor: number): string {
  return join(editionDirectory(dataDir, edition), "contributions", `${String(contributor)}.table`);
}

/** What the aggregator made, or a node pulled. */
export function mergedFile(dataDir: string, edition: number): string {
  return join(editionDirectory(dataDir, edition), "merged.table");
}

export function sharesFile(dataDir: string, edition: number, attempt: number, node: number): string {
  return join(editionDirectory(dataDir, edition), `shares-${String(attempt)}-${String(node)}`);
}

/** The table that this node computed. */
export function strippedFiles(dataDir: string, edition: number, attempt: number): TableFiles {
  return filesAt(join(editionDirectory(dataDir, edition), `stripped-${String(attempt)}`));
}

/** The published table. */
export function consortiumFiles(dataDir: string, edition: number): TableFiles {
  return filesAt(join(editionDirectory(dataDir, edition), "consortium"));
}

function filesAt(stem: string): TableFiles {
  return { table: `${stem}.table`, tree: `${stem}.tree` };
}
