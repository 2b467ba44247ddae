/**
 * The local copies of the other members' tables: brought up to date with the chain, and asked by queries. Lookups answer
 * out of the newest verified table of an epoch; a table that fails verification is recorded with its code and never
 * answers, while the good one before it goes on.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { fromHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { CommitmentInfo, DatasetInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { PeerChannel } from "../channel/client.ts";
import type { MirroredTables } from "../query/mirrored-tables.ts";
import { oldestMirrored } from "../served-epochs.ts";
import { mirrorDirectory, mirroredFiles } from "../tables/table-files.ts";
import { openTableReader, type TableReader } from "../tables/table-reader.ts";
import { createMirrorStore } from "./mirror-store.ts";
import type { MirroredRow } from "./mirror-view.ts";
import { isHolderFault, mirrorTable, type MirrorLimits } from "./mirror-table.ts";

const DEFAULT_LIMITS: MirrorLimits = { idleMs: 30_000, fruitlessTries: 3, turnMs: 300_000 };

export interface MirrorOutcome {
  readonly dataset: Hex;
  readonly holder: number;
  readonly epoch: number;
  readonly revision: number;
  readonly state: "verified" | "rejected" | "unreachable" | "withdrawn" | "waiting";
  readonly code?: FaultCode;
}

export interface MirrorService extends MirroredTables {
  /** Looks at every dataset of the others; one that fails does not hold up the rest. */
  mirrorAll(progress?: (fraction: number) => void): Promise<MirrorOutcome[]>;
  /** Undefined if nothing is committed, or the dataset is this member's own. */
  mirrorDataset(dataset: Hex): Promise<MirrorOutcome | undefined>;
  /** All tables known here, with their state. */
  list(): Promise<MirroredRow[]>;
  removeOld(): Promise<number>;
  close(): Promise<void>;
}

export interface MirrorContext extends Pick<RelayerContext, "config" | "log" | "db" | "clock" | "chain" | "jobs"> {
  readonly channel: PeerChannel;
}

/** Registers the queue's handler: make it before the queue starts. Job id "all" or a dataset's id. */
export function createMirrorService(ctx: MirrorContext, limits: MirrorLimits = DEFAULT_LIMITS): MirrorService {
  const store = createMirrorStore(ctx);
  const running = new Map<Hex, Promise<MirrorOutcome | undefined>>();
  const readers = new Map<string, Promise<TableReader>>();
  const stop = new AbortController();

  ctx.jobs.process("mirror", async ({ id }, progress) => {
    if (id === "all") await mirrorAll((fraction) => void progress(fraction).catch(() => undefined));
    else await mirrorDataset(id as Hex);
  });

  async function mirrorAll(progress?: (fraction: number) => void): Promise<MirrorOutcome[]> {
    const datasets = await ctx.chain.datasets();
    const outcomes: MirrorOutcome[] = [];
    const failures: unknown[] = [];
    for (const [i, { id }] of datasets.entries()) {
      try {
        const outcome = await mirrorDataset(id);
        if (outcome) outcomes.push(outcome);
      } catch (error) {
        failures.push(error);
      }
      progress?.((i + 1) / datasets.length);
    }
    // The queue tries again; what was mirrored is not fetched twice.
    if (failures.length > 0) throw failures[0] as Error;
    return outcomes;
  }

  /** One at a time for a dataset; who comes meanwhile gets the same outcome. */
  function mirrorDataset(id: Hex): Promise<MirrorOutcome | undefined> {
    const known = running.get(id);
    if (known) return known;
    const work = mirrorLatest(id).finally(() => running.delete(id));
    running.set(id, work);
    return work;
  }

  async function mirrorLatest(id: Hex): Promise<MirrorOutcome | undefined> {
    const dataset = await ctx.chain.dataset(id);
    if (dataset.holder === (await ctx.chain.me()).id) return undefined;
    const commitment = await ctx.chain.latestCommitment(id);
    if (!commitment) return undefined;
    const row = await store.find(commitment);
    const outcome = (state: MirrorOutcome["state"], code?: FaultCode | null): MirrorOutcome => ({
      dataset: id,
      holder: dataset.holder,
      epoch: commitment.epoch,
      revision: commitment.revision,
      state,
      ...(code ? { code } : {}),
    });
    if (commitment.withdrawn) {
      await store.record(commitment, dataset.holder, "withdrawn");
      return outcome("withdrawn");
    }
    // After the chain rolled back the same revision may have another root: that is another table.
    if (row?.root === commitment.root) {
      if (row.state === "verified") return outcome("verified");
      if (row.state === "rejected" && row.retry_at && row.retry_at > ctx.clock()) {
        return outcome("rejected", row.fault_code);
      }
    }
    return fetchTable(dataset, commitment, outcome);
  }

  async function fetchTable(
    dataset: DatasetInfo,
    commitment: CommitmentInfo,
    outcome: (state: MirrorOutcome["state"], code?: FaultCode) => MirrorOutcome,
  ): Promise<MirrorOutcome> {
    const holder = await ctx.chain.member(dataset.holder);
    if (holder.status !== "Active") return outcome("waiting", "MEMBER_NOT_ACTIVE");
    await store.record(commitment, holder.id, "downloading");
    const facts = { dataset: dataset.id, holder: holder.id, epoch: commitment.epoch, revision: commitment.revision };
    try {
      await forget(commitment);
      await mirrorTable(ctx, holder, commitment, limits, stop.signal);
      await store.record(commitment, holder.id, "verified");
      ctx.log.info(facts, "table mirrored");
      return outcome("verified");
    } catch (error) {
      const rejected = isHolderFault(error);
      if (!rejected && !isFault(error, "TABLE_UNREACHABLE") && !isFault(error, "ENDPOINT_UNUSABLE")) throw error;
      await store.record(commitment, holder.id, rejected ? "rejected" : "downloading", error.code);
      ctx.log.warn({ ...facts, code: error.code }, rejected ? "table rejected" : "table not delivered");
      return outcome(rejected ? "rejected" : "unreachable", error.code);
    }
  }

  async function readerOf(row: MirroredRow): Promise<TableReader> {
    const key = `${revisionKey(row)}${row.root}`;
    const known = readers.get(key);
    if (known) return known;
    const files = mirroredFiles(ctx.config.dataDir, row.dataset as Hex, row.epoch, row.revision);
    const shape = { entryCount: row.entry_count, entrySize: row.entry_size };
    const opening = openTableReader(files, shape, fromHex(row.root, 32));
    const before = forget(row);
    readers.set(key, opening);
    opening.catch(() => readers.delete(key));
    await before;
    return opening;
  }

  /** Closes what is open of a revision, whichever root it had: after a roll-back it may be another table. */
  async function forget(revision: Revision): Promise<void> {
    const keys = [...readers.keys()].filter((key) => key.startsWith(revisionKey(revision)));
    const stale = keys.map((key) => readers.get(key));
    for (const key of keys) readers.delete(key);
    for (const reader of stale) await (await reader?.catch(() => undefined))?.close();
  }

  async function lookup(...[dataset, epoch, tag]: Parameters<MirroredTables["lookup"]>) {
    const row = await store.answering(dataset, epoch);
    if (!row) throw new Fault("MIRROR_MISSING", { dataset, epoch });
    try {
      const { hit, leaf, path } = (await readerOf(row)).lookup(tag);
      return { revision: row.revision, hit, leaf, path };
    } catch (error) {
      if (!isFault(error, "TABLE_DAMAGED")) throw error;
      await store.damaged(row);
      ctx.log.error({ dataset, epoch, revision: row.revision }, "a mirrored table is damaged and is fetched anew");
      await ctx.jobs.enqueue("mirror", { id: dataset }, { jobId: `mirror-${dataset}` });
      throw error;
    }
  }

  async function removeOld(): Promise<number> {
    const oldest = oldestMirrored(await ctx.chain.currentEpoch());
    const rows = await store.removeBefore(oldest);
    for (const dataset of new Set(rows.map((row) => row.dataset as Hex))) {
      const directory = mirrorDirectory(ctx.config.dataDir, dataset);
      if (!existsSync(directory)) continue;
      for (const row of rows) {
        if (row.dataset === dataset) await forget(row);
      }
      const names = readdirSync(directory).filter((name) => Number(name.split("-", 1)[0]) < oldest);
      for (const name of names) rmSync(join(directory, name), { force: true });
    }
    return rows.length;
  }

  return {
    mirrorAll,
    mirrorDataset,
    newestEpoch: (dataset) => store.newestEpoch(dataset),
    lookup,
    list: () => store.list(),
    removeOld,
    async close() {
      stop.abort();
      await Promise.allSettled(running.values());
      const opened = await Promise.allSettled([...readers.values()]);
      readers.clear();
      for (const result of opened) if (result.status === "fulfilled") await result.value.close();
    },
  };
}

type Revision = Pick<MirroredRow, "dataset" | "epoch" | "revision">;

function revisionKey({ dataset, epoch, revision }: Revision): string {
  return `${dataset}/${String(epoch)}/${String(revision)}/`;
}
