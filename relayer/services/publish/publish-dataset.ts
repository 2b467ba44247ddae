/**
 * One publication: survey, seal, and in one database transaction the row and its commitment in the outbox. A crash
 * before that transaction leaves files without a row, which the next start removes; after it, the outbox finishes the
 * work. So a revision is committed once or not at all.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { RECORD_SCHEMA } from "../../../protocol/sealed-table/record.ts";
import type { CommitmentInfo, DatasetInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { Publishable, PublicationDemand, PublicationReport } from "../records/publishable.ts";
import { sealTable, type SealedTable, type SealTableOptions } from "../tables/seal-table.ts";
import { publishedFiles, removeTable, sealingDirectory } from "../tables/table-files.ts";
import { commitTable, nextIntentKey } from "./commit-table.ts";
import { dummySeed, newestTable, openDetails, sealDetails, type PublishedRow } from "./published-store.ts";
import { openableStatistics, statisticsDigest } from "./statistics.ts";
import { createSummariesWriter, summariesFile } from "./summaries-file.ts";
import { createContentDigest, subjectContents, surveyPublishable, type Survey } from "./survey.ts";

/** Tries when records or the epoch change under a sealing. */
const TRIES = 3;

export type PublishContext = Pick<
  RelayerContext,
  "config" | "log" | "db" | "clock" | "random" | "chain" | "outbox" | "cipher" | "keys"
>;

export interface PublishDependencies {
  readonly ctx: PublishContext;
  /** What may be published now; one snapshot at each call. */
  readonly collect: (demand: PublicationDemand) => Publishable;
  /** Threads that seal. */
  readonly threads: number;
  readonly newId: () => string;
}

export interface PublishOptions {
  /** A new revision even if nothing changed. */
  readonly force?: boolean;
  readonly progress?: (fraction: number) => void;
}

export interface PublishResult {
  /** "pending": an earlier revision is on its way to the chain; publish again when it is there. */
  readonly outcome: "sealed" | "unchanged" | "pending";
  readonly dataset: Hex;
  readonly epoch: number;
  readonly revision: number;
  /** Outbox key of the commitment, to wait for. */
  readonly intentKey: string;
  /** What was accepted and what was refused, with codes. Absent when nothing was collected. */
  readonly report?: PublicationReport;
}

/** @throws Fault DATASET_NOT_REGISTERED, EPOCH_KEY_CONFLICT, TABLE_HISTORY_MISSING, TABLE_CHANGED_WHILE_SEALING, and those of sealing */
export async function publishDataset(
  deps: PublishDependencies,
  label: string,
  options: PublishOptions = {},
): Promise<PublishResult> {
  const dataset = await ownDataset(deps.ctx, label);
  for (let attempt = 1; ; attempt++) {
    try {
      return await publishOnce(deps, dataset, options);
    } catch (error) {
      if (!isFault(error, "TABLE_CHANGED_WHILE_SEALING") || attempt === TRIES) throw error;
    }
  }
}

/** @throws Fault DATASET_NOT_REGISTERED */
export async function ownDataset(ctx: Pick<RelayerContext, "chain">, label: string): Promise<DatasetInfo> {
  const me = await ctx.chain.me();
  const dataset = (await ctx.chain.datasets()).find((info) => info.holder === me.id && info.label === label);
  if (!dataset) throw new Fault("DATASET_NOT_REGISTERED", { label });
  return dataset;
}

async function publishOnce(
  deps: PublishDependencies,
  dataset: DatasetInfo,
  options: PublishOptions,
): Promise<PublishResult> {
  const { ctx } = deps;
  const epoch = await ctx.chain.currentEpoch();
  const newest = await newestTable(ctx.db, dataset.id, epoch);
  const last = await lastCommitted(ctx, dataset.id, epoch);
  if (newest?.state === "sealed") return resultOf(newest, "pending");
  if ((newest?.revision ?? 0) < (last?.revision ?? 0)) {
    throw new Fault("TABLE_HISTORY_MISSING", { epoch, revision: last?.revision ?? 0 });
  }
  const demand: PublicationDemand = {
    asOf: ctx.clock(),
    categories: dataset.categories,
    existingCustomersIncluded: await ctx.chain.existingCustomersIncluded(),
    expiryMonths: await ctx.chain.recordExpiry(),
  };
  const survey = await surveyPublishable(deps.collect(demand));
  const contentIndex = Buffer.from(ctx.cipher.index(survey.contentDigest, "published_tables.content_index"));
  if (newest && options.force !== true && contentIndex.equals(newest.content_index)) {
    return { ...resultOf(newest, "unchanged"), report: survey.report };
  }
  const id = deps.newId();
  const files = publishedFiles(ctx.config.dataDir, id);
  // The epoch's row comes before its key: no key is ever forgotten when its end is due.
  const seed = await dummySeed(ctx, dataset.id, epoch);
  const { publicKey, secretKey } = await epochKeyFor(ctx, dataset.id, epoch, last);
  // Tags of one epoch must be of one suite: a querier derives one tag for all its revisions.
  const suite = newest?.suite ?? ctx.config.suite;
  const sealed = await seal(deps, {
    demand,
    survey,
    suite,
    secretKey,
    dummySeed: seed,
    dataset: dataset.id,
    epoch,
    id,
    newest,
    options,
  });
  try {
    if ((await ctx.chain.currentEpoch()) !== epoch) throw new Fault("TABLE_CHANGED_WHILE_SEALING");
    const statistics = openableStatistics(survey.report, ctx.random);
    const revision = (newest?.revision ?? 0) + 1;
    const row: PublishedRow = {
      id,
      dataset: dataset.id,
      label: dataset.label,
      epoch,
      revision,
      state: "sealed",
      intent_key: await nextIntentKey(ctx, dataset.id, epoch, revision),
      root: toHex(sealed.root),
      public_key: toHex(publicKey),
      entry_count: sealed.entryCount,
      entry_size: sealed.entrySize,
      suite,
      schema: RECORD_SCHEMA,
      statistics_digest: statisticsDigest(statistics),
      details: sealDetails(ctx.cipher, id, { shape: sealed.revision, statistics }),
      content_index: contentIndex,
      created_at: ctx.clock(),
      settled_at: null,
      transaction_hash: null,
      fault_code: null,
    };
    await commitTable(ctx, row);
    return { ...resultOf(row, "sealed"), report: survey.report };
  } catch (error) {
    removeTable(files);
    rmSync(summariesFile(ctx.config.dataDir, id), { force: true });
    if (!isUniqueViolation(error)) throw error;
    // Another process of this relayer sealed the same revision and was first.
    const first = await newestTable(ctx.db, dataset.id, epoch);
    if (!first) throw error;
    return resultOf(first, "pending");
  }
}

/** SQLSTATE 23505 of PostgreSQL. */
function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

interface Sealing {
  readonly demand: PublicationDemand;
  readonly survey: Survey;
  readonly suite: number;
  readonly secretKey: SealTableOptions["secretKey"];
  readonly dummySeed: Uint8Array;
  readonly dataset: Hex;
  readonly epoch: number;
  readonly id: string;
  readonly newest: PublishedRow | undefined;
  readonly options: PublishOptions;
}

async function seal(deps: PublishDependencies, sealing: Sealing): Promise<SealedTable> {
  const { ctx } = deps;
  const { survey, dataset, epoch, id, newest, options } = sealing;
  const { dataDir } = ctx.config;
  const digest = createContentDigest();
  const source = subjectContents(deps.collect(sealing.demand));
  const files = publishedFiles(dataDir, id);
  const summaries = createSummariesWriter(dataDir, id, ctx.cipher);
  const sealed = await sealTable({
    suite: sealing.suite,
    secretKey: sealing.secretKey,
    table: { dataset: fromHex(dataset, 32), epoch },
    payloadBytes: survey.payloadBytes,
    dummySeed: sealing.dummySeed,
    subjects: (async function* () {
      for await (const content of source) {
        // What grew beyond the surveyed size is a change, not a fault of the data.
        if (content.content.length + 4 > survey.payloadBytes) throw new Fault("TABLE_CHANGED_WHILE_SEALING");
        digest.add(content);
        summaries.add(content);
        yield content;
      }
    })(),
    previous: newest && previousOf(ctx, newest),
    files,
    workDirectory: join(sealingDirectory(dataDir), id),
    threads: deps.threads,
    expected: survey.subjects,
    ...(options.progress ? { progress: options.progress } : {}),
  }).catch((error: unknown) => {
    summaries.abandon();
    throw error;
  });
  if (digest.end() !== survey.contentDigest) {
    summaries.abandon();
    removeTable(files);
    throw new Fault("TABLE_CHANGED_WHILE_SEALING");
  }
  summaries.commit();
  return sealed;
}

/** @throws Fault TABLE_HISTORY_MISSING: without the last table nobody knows what a revision would show. */
function previousOf(ctx: PublishContext, row: PublishedRow): NonNullable<SealTableOptions["previous"]> {
  const path = publishedFiles(ctx.config.dataDir, row.id).table;
  if (!existsSync(path)) throw new Fault("TABLE_HISTORY_MISSING", { epoch: row.epoch, revision: row.revision });
  return { path, entrySize: row.entry_size, shape: openDetails(ctx.cipher, row).shape };
}

/** What the chain holds of this epoch; undefined before its first revision. */
async function lastCommitted(ctx: PublishContext, dataset: Hex, epoch: number): Promise<CommitmentInfo | undefined> {
  const latest = await ctx.chain.latestCommitment(dataset);
  return latest?.epoch === epoch ? latest : undefined;
}

/** @throws Fault EPOCH_KEY_CONFLICT: the key store is older than what is on chain. */
async function epochKeyFor(ctx: PublishContext, dataset: Hex, epoch: number, last: CommitmentInfo | undefined) {
  const key = last ? await ctx.keys.findEpochKey(dataset, epoch) : await ctx.keys.epochKey(dataset, epoch);
  if (!key || (last && toHex(key.publicKey) !== last.publicKey)) throw new Fault("EPOCH_KEY_CONFLICT", { epoch });
  return key;
}

function resultOf(row: PublishedRow, outcome: PublishResult["outcome"]): PublishResult {
  return {
    outcome,
    dataset: row.dataset as Hex,
    epoch: row.epoch,
    revision: row.revision,
    intentKey: row.intent_key,
  };
}
