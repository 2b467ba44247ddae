/**
 * The published consortium tables on this member's disk: pulled from any node of the set that made them, kept only if they
 * are what the chain says, the newest two. Lookups answer out of a verified one; files that rotted are fetched anew.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { rowBytes } from "../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { bytesEqual, fromHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { Tag } from "../../../protocol/sealed-table/table-id.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { flushDirectory } from "../../store/atomic-file.ts";
import { tableBytes, type TableShape } from "../tables/table-files.ts";
import { openTableReader, type TableReader } from "../tables/table-reader.ts";
import { runTableTask } from "../tables/table-thread.ts";
import type { ConsortiumMirror, ConsortiumRow } from "./consortium-mirror.ts";
import type { EditionContext } from "./edition-context.ts";
import { consortiumFiles, strippedFiles } from "./edition-files.ts";
import type { EditionStore, MirroredEdition } from "./edition-store.ts";
import { fetchPublished } from "./fetch-published.ts";

/** Editions kept on disk. */
export const KEPT_EDITIONS = 2;

export interface EditionMirrors extends ConsortiumMirror {
  /** Brings the newest published table here if it is not. @returns whether it is here */
  refresh(): Promise<boolean>;
  /** Forgets one whose files go. */
  drop(edition: number): Promise<void>;
  close(): Promise<void>;
}

export function createEditionMirrors(ctx: EditionContext, store: EditionStore): EditionMirrors {
  const { dataDir } = ctx.config;
  const readers = new Map<number, Promise<TableReader>>();

  async function refresh(): Promise<boolean> {
    const number = await ctx.chain.computation.latestPublished();
    const edition = await ctx.chain.computation.edition(number);
    // What is cached of an edition may be from before it was published: against no root, every table would be another.
    if (edition?.status !== "Published") return false;
    const known = (await store.mirrors()).find((mirror) => mirror.edition === number);
    if (known?.root === edition.tableRoot && existsSync(consortiumFiles(dataDir, number).tree)) return true;
    if (!(await takeOwn(edition)) && !(await fetchFromSet(edition))) return false;
    await forget(number);
    await store.keepMirror({ edition: number, root: edition.tableRoot, rows: edition.mergedRows });
    ctx.log.info({ edition: number, rows: edition.mergedRows }, "consortium table mirrored");
    return true;
  }

  /** A node of the set has computed it. */
  async function takeOwn(edition: EditionInfo): Promise<boolean> {
    const { table } = strippedFiles(dataDir, edition.number, edition.attempt);
    if (!existsSync(table)) return false;
    const files = consortiumFiles(dataDir, edition.number);
    const partial = `${files.table}.own`;
    mkdirSync(dirname(partial), { recursive: true, mode: 0o700 });
    copyFileSync(table, partial);
    try {
      await build(edition, partial);
    } catch (error) {
      if (!isFault(error)) throw error;
      rmSync(partial, { force: true });
      return false;
    }
    renameSync(partial, files.table);
    flushDirectory(dirname(files.table));
    return true;
  }

  async function fetchFromSet(edition: EditionInfo): Promise<boolean> {
    const { number, stripSet } = edition;
    const published = {
      ...{ edition, file: consortiumFiles(dataDir, number).table, bytes: tableBytes(shapeOf(edition.mergedRows)) },
      verify: (path: string) => build(edition, path),
    };
    const me = (await ctx.chain.me()).id;
    // Each member begins with another one, so that they do not all ask the first.
    const start = me % Math.max(1, stripSet.length);
    for (const node of [...stripSet.slice(start), ...stripSet.slice(0, start)].filter((each) => each !== me)) {
      if (await fetchPublished(ctx, published, node)) return true;
    }
    return false;
  }

  /** Writes the tree. @throws Fault TABLE_ROOT_MISMATCH, and those of the order of tags */
  async function build({ number, mergedRows, tableRoot }: EditionInfo, table: string): Promise<void> {
    const { tree } = consortiumFiles(dataDir, number);
    const { root } = await runTableTask({ kind: "build-tree", files: { table, tree }, shape: shapeOf(mergedRows) });
    if (root && bytesEqual(root, fromHex(tableRoot, 32))) return;
    rmSync(tree, { force: true });
    throw new Fault("TABLE_ROOT_MISMATCH");
  }

  async function readerOf({ edition, root, rows }: MirroredEdition): Promise<TableReader> {
    const known = readers.get(edition);
    if (known) return await known;
    const opening = openTableReader(consortiumFiles(dataDir, edition), shapeOf(rows), fromHex(root, 32));
    readers.set(edition, opening);
    opening.catch(() => readers.delete(edition));
    return await opening;
  }

  async function forget(edition: number): Promise<void> {
    const reader = readers.get(edition);
    readers.delete(edition);
    await (await reader?.catch(() => undefined))?.close();
  }

  async function lookup(edition: number, tag: Tag): Promise<ConsortiumRow> {
    const mirror = (await store.mirrors()).find((each) => each.edition === edition);
    if (!mirror) throw new Fault("MIRROR_MISSING", { dataset: "consortium", epoch: edition });
    try {
      const { hit, leaf, path } = (await readerOf(mirror)).lookup(tag);
      return { row: hit, leaf, path };
    } catch (error) {
      if (!isFault(error, "TABLE_DAMAGED")) throw error;
      await drop(edition);
      ctx.log.error({ edition }, "the mirrored consortium table is damaged and is fetched anew");
      throw new Fault("MIRROR_MISSING", { dataset: "consortium", epoch: edition }, error);
    }
  }

  async function drop(edition: number): Promise<void> {
    await store.dropMirror(edition);
    await forget(edition);
  }

  return {
    refresh,
    async newest() {
      const [newest] = await store.mirrors();
      return newest && { edition: newest.edition, root: newest.root as Hex };
    },
    lookup,
    drop,
    async close() {
      for (const edition of readers.keys()) await forget(edition);
    },
  };
}

function shapeOf(rows: number): TableShape {
  return { entryCount: rows, entrySize: rowBytes(standardSchema.slotCount) };
}
