/** From a commitment to a verified copy of its table: download, check length, order and root, and only then keep it. */
import { renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

import { bytesEqual, fromHex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { isCountClass } from "../../../protocol/sealed-table/count-class.ts";
import { ENTRY_OVERHEAD_BYTES } from "../../../protocol/sealed-table/entry.ts";
import { PAYLOAD_CLASSES } from "../../../protocol/sealed-table/payload.ts";
import { suiteById } from "../../../protocol/sealed-table/suite.ts";
import { EMPTY_BODY } from "../../../protocol/channel/request.ts";
import type { CommitmentInfo, MemberInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { flushDirectory } from "../../store/atomic-file.ts";
import type { PeerChannel } from "../channel/client.ts";
import { peerAddress } from "../peer/peer-address.ts";
import { mirroredFiles, partialFile, tableBytes } from "../tables/table-files.ts";
import { runTableTask } from "../tables/table-thread.ts";
import { downloadTable } from "./download.ts";

/** A million subjects with the largest payloads fit into a quarter of it; more is an attack on this disk. */
const MAXIMUM_TABLE_BYTES = 64 * 2 ** 30;

/** What only the holder can have caused: these reject a table. Anything else is tried again. */
const HOLDER_FAULTS: readonly FaultCode[] = [
  "SUITE_UNKNOWN",
  "TABLE_SHAPE_REFUSED",
  "TABLE_TRUNCATED",
  "TABLE_OVERSIZED",
  "TABLE_MISORDERED",
  "TABLE_TAG_DUPLICATE",
  "TABLE_ROOT_MISMATCH",
];

export function isHolderFault(error: unknown): error is Fault {
  return isFault(error) && HOLDER_FAULTS.includes(error.code);
}

export interface MirrorLimits {
  readonly idleMs: number;
  readonly fruitlessTries: number;
  /** For one table; what came is kept for the next turn. */
  readonly turnMs: number;
}

export interface MirrorTableContext extends Pick<RelayerContext, "config" | "chain"> {
  readonly channel: PeerChannel;
}

/**
 * @throws Fault TABLE_SHAPE_REFUSED, SUITE_UNKNOWN, TABLE_TRUNCATED, TABLE_OVERSIZED, TABLE_MISORDERED,
 * TABLE_TAG_DUPLICATE, TABLE_ROOT_MISMATCH: the holder's fault, nothing is kept; TABLE_UNREACHABLE: what came is kept.
 */
export async function mirrorTable(
  ctx: MirrorTableContext,
  holder: MemberInfo,
  commitment: CommitmentInfo,
  limits: MirrorLimits,
  signal?: AbortSignal,
  progress?: (fraction: number) => void,
): Promise<void> {
  await requireKnownShape(ctx, commitment);
  const { dataset, epoch, revision, root } = commitment;
  const partialPath = partialFile(ctx.config.dataDir, dataset, epoch, revision, root);
  const files = mirroredFiles(ctx.config.dataDir, dataset, epoch, revision);
  const path = `/peer/v1/tables/${dataset}/${String(epoch)}/${String(revision)}` as const;
  try {
    await downloadTable({
      url: peerAddress(holder.endpoint, path),
      // The endpoint may have a path of its own, which a proxy may take away: what is authenticated starts at /peer.
      authenticate: () => ctx.channel.authenticate(holder.id, { method: "GET", path, body: EMPTY_BODY }),
      partialPath,
      bytes: tableBytes(commitment),
      root,
      ...limits,
      signal,
      progress,
    });
    const { root: actual } = await runTableTask({
      kind: "build-tree",
      files: { table: partialPath, tree: files.tree },
      shape: { entryCount: commitment.entryCount, entrySize: commitment.entrySize },
    });
    if (!actual || !bytesEqual(actual, fromHex(root, 32))) {
      rmSync(files.tree, { force: true });
      throw new Fault("TABLE_ROOT_MISMATCH");
    }
  } catch (error) {
    // Bytes of a broken table are not continued: the next try starts anew.
    if (isHolderFault(error)) rmSync(partialPath, { force: true });
    throw error;
  }
  renameSync(partialPath, files.table);
  flushDirectory(dirname(files.table));
}

/** @throws Fault TABLE_SHAPE_REFUSED, SUITE_UNKNOWN */
async function requireKnownShape(ctx: MirrorTableContext, commitment: CommitmentInfo): Promise<void> {
  const { dataset, epoch, revision, entryCount, entrySize, suite } = commitment;
  const payloads: readonly number[] = PAYLOAD_CLASSES;
  const known = isCountClass(entryCount) && payloads.includes(entrySize - ENTRY_OVERHEAD_BYTES);
  if (!known || tableBytes(commitment) > MAXIMUM_TABLE_BYTES) {
    throw new Fault("TABLE_SHAPE_REFUSED", { entries: entryCount, size: entrySize });
  }
  suiteById(suite);
  // One evaluation gives one tag for all revisions of an epoch: they are of one suite.
  const first = revision === 1 ? commitment : await ctx.chain.commitment(dataset, epoch, 1);
  if (first?.suite !== suite) throw new Fault("SUITE_UNKNOWN", { suite });
}
