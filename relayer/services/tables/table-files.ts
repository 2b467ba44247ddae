/**
 * Where sealed tables lie on disk. A table is two files without headers: `.table`, the entries of one size in order of
 * their tags, exactly what is served to peers; `.tree`, all levels of its Merkle tree, leaves first, 32 bytes a node.
 * Everything else about a table (root, count, size) is in the database and on chain.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";

import type { Hex } from "../../../protocol/encoding/bytes.ts";

export interface TableFiles {
  readonly table: string;
  readonly tree: string;
}

export interface TableShape {
  readonly entryCount: number;
  /** Bytes of one entry. */
  readonly entrySize: number;
}

export function tableBytes({ entryCount, entrySize }: TableShape): number {
  return entryCount * entrySize;
}

/** Own tables; `name` is the id of the row in the database, so a file without a row is an orphan. */
export function publishedFiles(dataDir: string, name: string): TableFiles {
  return filesAt(join(publishedDirectory(dataDir), name));
}

export function publishedDirectory(dataDir: string): string {
  return join(dataDir, "tables", "published");
}

/** Scratch of sealings that run; whatever is there when a relayer starts was left by a crash. */
export function sealingDirectory(dataDir: string): string {
  return join(dataDir, "tables", "sealing");
}

export function mirroredFiles(dataDir: string, dataset: Hex, epoch: number, revision: number): TableFiles {
  return filesAt(join(mirrorDirectory(dataDir, dataset), `${String(epoch)}-${String(revision)}`));
}

/** A download that is not complete; named by the root, so that bytes of another table are never continued. */
export function partialFile(dataDir: string, dataset: Hex, epoch: number, revision: number, root: Hex): string {
  return join(mirrorDirectory(dataDir, dataset), `${String(epoch)}-${String(revision)}-${root.slice(2, 18)}.part`);
}

export function mirrorDirectory(dataDir: string, dataset: Hex): string {
  return join(dataDir, "tables", "mirror", dataset.slice(2));
}

export function removeTable(files: TableFiles): void {
  rmSync(files.table, { force: true });
  rmSync(files.tree, { force: true });
}

function filesAt(stem: string): TableFiles {
  return { table: `${stem}.table`, tree: `${stem}.tree` };
}
