/**
 * Publishing as the rest of the relayer uses it: at most one sealing of a dataset at a time, automatic publication in a
 * new epoch, and the end of epoch keys.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { collectPublishable } from "../records/publishable.ts";
import { publishedDirectory, publishedFiles, sealingDirectory, type TableShape } from "../tables/table-files.ts";
import {
  publishDataset,
  type PublishDependencies,
  type PublishOptions,
  type PublishResult,
} from "./publish-dataset.ts";
import { newestTable } from "./published-store.ts";
import { destroyRetiredKeys, recordDestruction } from "./retire-keys.ts";

/** A table of this member as it is served to peers. */
export interface ServedTable extends TableShape {
  readonly path: string;
  readonly root: Hex;
}

export interface PublishService {
  /** Two calls for one dataset run one after the other. Faults: publish-dataset.ts. */
  publishDataset(label: string, options?: PublishOptions): Promise<PublishResult>;
  /** Queues what was published in an earlier epoch and is not in this one. @returns the labels. */
  publishIfDue(): Promise<string[]>;
  /** Destroys the keys of epochs that ended more than one epoch ago. @returns how many. */
  destroyRetiredKeys(): Promise<number>;
  /** A committed table whose key lives; undefined otherwise. */
  servedTable(dataset: Hex, epoch: number, revision: number): Promise<ServedTable | undefined>;
  /** What an epoch's commitments on chain did not become: files that a crash or a refusal left. */
  removeOrphans(): Promise<number>;
}

export type PublishServiceContext = PublishDependencies["ctx"] &
  Pick<RelayerContext, "jobs"> & { readonly audit: Pick<AuditLog, "append"> };

/** Registers the outbox's and the queue's handlers: make it before either starts. */
export function createPublishService(
  ctx: PublishServiceContext,
  overrides: Partial<Omit<PublishDependencies, "ctx">> = {},
): PublishService {
  const deps: PublishDependencies = {
    ctx,
    collect: (demand) => collectPublishable(ctx, demand),
    threads: Math.max(1, availableParallelism() - 1),
    newId: randomUUID,
    ...overrides,
  };
  const running = new Map<string, Promise<unknown>>();
  // Scratch of a sealing that a crash cut off; none can run yet.
  rmSync(sealingDirectory(ctx.config.dataDir), { recursive: true, force: true });

  ctx.outbox.onMined("publish", async (trx, intent, facts) => {
    await trx
      .updateTable("published_tables")
      .set({ state: "committed", settled_at: ctx.clock(), transaction_hash: facts.hash })
      .where("intent_key", "=", intent.key)
      .where("state", "=", "sealed")
      .execute();
  });
  ctx.outbox.onFailed("publish", async (trx, intent, fault) => {
    // The files go with the next removeOrphans: this transaction may still be rolled back.
    await trx
      .updateTable("published_tables")
      .set({ state: "discarded", settled_at: ctx.clock(), fault_code: fault.code })
      .where("intent_key", "=", intent.key)
      .where("state", "=", "sealed")
      .execute();
    ctx.log.warn({ intent: intent.key, code: fault.code }, "the chain refused a publication");
  });
  ctx.outbox.onMined("destroy-key", recordDestruction);
  ctx.jobs.process("publish", async ({ id }, progress) => {
    const { outcome, epoch, revision, report } = await publish(id, {
      progress: (fraction) => {
        void progress(fraction).catch(() => undefined);
      },
    });
    const refused = Object.fromEntries((report?.refused ?? []).map(({ code, count }) => [code, count]));
    ctx.log.info({ label: id, outcome, epoch, revision, refused }, "publish");
  });

  async function publish(label: string, options: PublishOptions = {}): Promise<PublishResult> {
    const before = running.get(label) ?? Promise.resolve();
    const work = before.catch(() => undefined).then(() => publishAudited(label, options));
    running.set(label, work);
    try {
      return await work;
    } finally {
      if (running.get(label) === work) running.delete(label);
    }
  }

  /** Every publication is in the audit log, with what it kept out. */
  async function publishAudited(label: string, options: PublishOptions): Promise<PublishResult> {
    const note = async (outcome: string, keptOut?: string): Promise<void> => {
      const entry = { actor: "relayer", action: "dataset.publish", subjectId: label, outcome };
      await ctx.db.transaction().execute(async (trx) => {
        await ctx.audit.append(trx, entry);
        if (keptOut) await ctx.audit.append(trx, { ...entry, action: "dataset.keep-out", outcome: keptOut });
      });
    };
    try {
      const result = await publishDataset(deps, label, options);
      const refused = result.outcome === "sealed" ? (result.report?.refused ?? []) : [];
      await note(result.outcome, refused.map(({ code, count }) => `${code}:${String(count)}`).join(","));
      return result;
    } catch (error) {
      if (isFault(error)) await note(error.code);
      throw error;
    }
  }

  async function publishIfDue(): Promise<string[]> {
    const [me, epoch, datasets] = await Promise.all([ctx.chain.me(), ctx.chain.currentEpoch(), ctx.chain.datasets()]);
    const due: string[] = [];
    for (const { id, holder, label, latestEpoch } of datasets) {
      // The first publication ever is a decision of the data officer; from then on every epoch has one.
      if (holder !== me.id || latestEpoch === 0 || latestEpoch >= epoch) continue;
      if ((await newestTable(ctx.db, id, epoch)) !== undefined) continue;
      due.push(label);
      await ctx.jobs.enqueue("publish", { id: label }, { jobId: `publish-${label}-${String(epoch)}` });
    }
    return due;
  }

  async function servedTable(dataset: Hex, epoch: number, revision: number): Promise<ServedTable | undefined> {
    const row = await ctx.db
      .selectFrom("published_tables")
      .select(["id", "entry_count", "entry_size", "root"])
      .where("dataset", "=", dataset)
      .where("epoch", "=", epoch)
      .where("revision", "=", revision)
      .where("state", "=", "committed")
      .executeTakeFirst();
    return (
      row && {
        path: publishedFiles(ctx.config.dataDir, row.id).table,
        root: row.root as Hex,
        entryCount: row.entry_count,
        entrySize: row.entry_size,
      }
    );
  }

  /** A sealing that runs has files before it has a row, so nothing is removed while one does. */
  async function removeOrphans(): Promise<number> {
    const directory = publishedDirectory(ctx.config.dataDir);
    if (running.size > 0 || !existsSync(directory)) return 0;
    const names = readdirSync(directory);
    const rows = await ctx.db
      .selectFrom("published_tables")
      .select("id")
      .where("state", "in", ["sealed", "committed"])
      .execute();
    const kept = new Set(rows.map((row) => row.id));
    if (running.size > 0) return 0;
    const orphans = names.filter((name) => !kept.has(name.split(".", 1)[0] ?? ""));
    for (const name of orphans) rmSync(join(directory, name), { force: true });
    return orphans.length;
  }

  return {
    publishDataset: publish,
    publishIfDue,
    destroyRetiredKeys: () => destroyRetiredKeys(ctx),
    servedTable,
    removeOrphans,
  };
}
