/**
 * What a contribution summarises: the newest standing commitment of each of this member's datasets, as it was published. A
 * table that was published before summaries were kept beside it is summarised as its records are now.
 */
import { existsSync } from "node:fs";

import type { SubjectSummary } from "../../../protocol/aggregate/schema.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { CommitmentInfo, DatasetInfo } from "../../chain/chain-view.ts";
import type { RelayerContext } from "../../context.ts";
import { readSummaries, summariesFile, type SummarisedSubject } from "../publish/summaries-file.ts";
import { collectPublishable } from "../records/publishable.ts";
import { addSummaries, summarise } from "../records/summary.ts";

type BasisContext = Pick<RelayerContext, "config" | "db" | "clock" | "chain" | "cipher" | "log">;

/** By dataset, ascending, as the chain asks for it. */
export type Basis = readonly Pick<CommitmentInfo, "dataset" | "epoch" | "revision" | "entryCount">[];

/** Of any member; empty if it has nothing to contribute. */
export async function standingBasis({ chain }: Pick<RelayerContext, "chain">, member: number): Promise<Basis> {
  const own = (await chain.datasets()).filter(({ holder, latestEpoch }) => holder === member && latestEpoch > 0);
  const commitments = await Promise.all(own.map(({ id }) => chain.latestCommitment(id)));
  return commitments
    .filter((commitment) => commitment !== undefined)
    .filter(({ withdrawn }) => !withdrawn)
    .map(({ dataset, epoch, revision, entryCount }) => ({ dataset, epoch, revision, entryCount }))
    .sort((a, b) => (a.dataset < b.dataset ? -1 : 1));
}

/** By canonical subject. */
export async function summariesOf(ctx: BasisContext, basis: Basis): Promise<Map<string, SubjectSummary>> {
  const summaries = new Map<string, SubjectSummary>();
  for (const commitment of basis) {
    for (const [subject, summary] of await published(ctx, commitment)) {
      const other = summaries.get(subject);
      summaries.set(subject, other ? addSummaries(other, summary) : summary);
    }
  }
  return summaries;
}

async function published(ctx: BasisContext, commitment: Basis[number]): Promise<Iterable<SummarisedSubject>> {
  const { dataset, epoch, revision } = commitment;
  const row = await ctx.db
    .selectFrom("published_tables")
    .select("id")
    .where((table) => table.and({ dataset, epoch, revision }))
    // It is on chain, though this store may not have heard of it yet.
    .where("state", "in", ["sealed", "committed"])
    .executeTakeFirst();
  const { dataDir } = ctx.config;
  if (row && existsSync(summariesFile(dataDir, row.id))) return readSummaries(dataDir, row.id, ctx.cipher);
  ctx.log.warn({ dataset, epoch, revision }, "no summaries of this table: its records are summarised as they are now");
  return await summariesNow(ctx, await ctx.chain.dataset(dataset));
}

async function summariesNow(ctx: BasisContext, { categories }: DatasetInfo): Promise<SummarisedSubject[]> {
  const publishable = collectPublishable(ctx, {
    asOf: ctx.clock(),
    categories,
    existingCustomersIncluded: await ctx.chain.existingCustomersIncluded(),
    expiryMonths: await ctx.chain.recordExpiry(),
  });
  const all: SummarisedSubject[] = [];
  for await (const { subject, records } of publishable) {
    const summary = summarise(records);
    if (summary) all.push([subject, summary]);
  }
  return all;
}

export function basisText(basis: Basis): string {
  return JSON.stringify(basis.map(({ dataset, epoch, revision }) => [dataset, epoch, revision]));
}

/** Arguments of `ConsortiumTables.contribute`. */
export function basisArguments(text: string): readonly [Hex[], number[], number[]] {
  const parts = JSON.parse(text) as [Hex, number, number][];
  return [parts.map(([dataset]) => dataset), parts.map(([, epoch]) => epoch), parts.map(([, , revision]) => revision)];
}
