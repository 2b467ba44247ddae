/** Editions as people see them: where each stands, who contributed, who was left out and why, and this member's own part. */
import { z } from "zod";

import type { ContributionInfo, EditionInfo } from "../../chain/computation-view.ts";
import { eventsInRanges } from "../../chain/reads.ts";
import type { RelayerContext } from "../../context.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { standingBasis } from "./basis.ts";
import { textOfReason } from "./edition-calls.ts";
import type { EditionStore, OwnContribution } from "./edition-store.ts";

export const ownStates = [
  "nothing_to_contribute",
  "to_begin",
  "evaluating",
  "encrypting",
  "sending",
  "contributed",
  "excluded",
  "missed",
] as const;

const instant = z.iso.datetime();

export const editionViewSchema = z.object({
  edition: z.number().int(),
  status: z.enum(["Collecting", "Merging", "Stripping", "Published", "Abandoned"]),
  openedAt: instant,
  /** Until when this stage has time; null when the edition is over. */
  stageEndsAt: instant.nullable(),
  publishedAt: instant.nullable(),
  /** A code; null unless it was abandoned. */
  abandonedBecause: z.string().nullable(),
  aggregator: z.string(),
  leastContributors: z.number().int(),
  /** In the order in which they contributed. */
  contributors: z.array(z.object({ member: z.string(), rows: z.number().int(), postedAt: instant })),
  excluded: z.array(z.object({ member: z.string(), reason: z.string() })),
  /** Of the merged table; null before. */
  rows: z.number().int().nullable(),
  tableRoot: z.string().nullable(),
  /** Which set of nodes is at work, or was the last. */
  attempt: z.number().int(),
  nodes: z.array(z.string()),
  own: z.object({
    state: z.enum(ownStates),
    progress: z.number().min(0).max(1),
    rows: z.number().int().nullable(),
    /** Why it did not go on at the last try; null if it did. */
    reason: z.string().nullable(),
    /** Algorithm nodes that were missing then. */
    missing: z.number().int(),
  }),
  mirrored: z.boolean(),
});

export type EditionView = z.output<typeof editionViewSchema>;

export interface EditionViews {
  /** Newest first, those before edition `before`. */
  list(limit: number, before?: number): Promise<EditionView[]>;
  /** @throws Fault EDITION_UNKNOWN */
  find(edition: number): Promise<EditionView>;
}

/** Evaluating takes nearly all of the time of a contribution. */
const SHARES_OF_WORK = { to_begin: 0, evaluating: 0.9, encrypting: 0.9, sending: 0.95, over: 1 } as const;

export function createEditionViews(
  ctx: Pick<RelayerContext, "chain">,
  store: Pick<EditionStore, "own" | "mirrors">,
): EditionViews {
  async function view(edition: EditionInfo): Promise<EditionView> {
    const { computation } = ctx.chain;
    const [contributions, members, me, mirrors, own] = await Promise.all([
      computation.contributions(edition.number),
      ctx.chain.members(),
      ctx.chain.me(),
      store.mirrors(),
      store.own(edition.number),
    ]);
    const name = (id: number): string => members.find((member) => member.id === id)?.name ?? String(id);
    const hasData = (await standingBasis(ctx, me.id)).length > 0;
    const { status, publishedAt, mergedRows, tableRoot } = edition;
    const isOver = status === "Published" || status === "Abandoned";
    const mine = contributions.find(({ contributor }) => contributor === me.id);
    return {
      ...{ edition: edition.number, status },
      openedAt: at(edition.openedAt),
      stageEndsAt: isOver ? null : at(edition.stageEndsAt),
      publishedAt: publishedAt === 0 ? null : at(publishedAt),
      abandonedBecause: status === "Abandoned" ? await whyAbandoned(edition.number) : null,
      ...{ aggregator: name(edition.aggregator), leastContributors: edition.leastContributors },
      contributors: contributions.map(({ contributor, rows, postedAt }) => ({
        ...{ member: name(contributor), rows, postedAt: at(postedAt) },
      })),
      excluded: await exclusions(edition.number, contributions, name),
      rows: mergedRows === 0 ? null : mergedRows,
      tableRoot: status === "Published" ? tableRoot : null,
      ...{ attempt: edition.attempt, nodes: edition.stripSet.map(name) },
      own: ownPart(edition, mine, own, hasData),
      mirrored: mirrors.some((mirror) => mirror.edition === edition.number && mirror.root === tableRoot),
    };
  }

  async function exclusions(
    edition: number,
    contributions: readonly ContributionInfo[],
    name: (id: number) => string,
  ): Promise<EditionView["excluded"]> {
    if (!contributions.some(({ excluded }) => excluded)) return [];
    const { consortiumTables: tables } = ctx.chain.contracts;
    const filter = tables.filters.ContributionExcluded(edition);
    const events = await eventsInRanges(tables.runner, ctx.chain.deployment, (from, to) =>
      tables.queryFilter(filter, from, to),
    );
    return events.map(({ args }) => ({ member: name(Number(args.contributor)), reason: textOfReason(args.reason) }));
  }

  async function whyAbandoned(edition: number): Promise<string | null> {
    const { consortiumTables: tables } = ctx.chain.contracts;
    const filter = tables.filters.EditionAbandoned(edition);
    const [event] = await eventsInRanges(tables.runner, ctx.chain.deployment, (from, to) =>
      tables.queryFilter(filter, from, to),
    );
    return event ? textOfReason(event.args.reason) : null;
  }

  async function find(number: number): Promise<EditionView> {
    const edition = await ctx.chain.computation.edition(number);
    if (!edition) throw new Fault("EDITION_UNKNOWN", { edition: number });
    return await view(edition);
  }

  return {
    find,
    async list(limit, before) {
      const count = await ctx.chain.computation.editionCount();
      const first = Math.min(before === undefined ? count : before - 1, count);
      const numbers = Array.from({ length: Math.min(limit, Math.max(0, first)) }, (_, back) => first - back);
      return await Promise.all(numbers.map(find));
    },
  };
}

function ownPart(
  { status }: EditionInfo,
  posted: ContributionInfo | undefined,
  own: OwnContribution | undefined,
  hasData: boolean,
): EditionView["own"] {
  const facts = { rows: posted?.rows ?? own?.rows ?? null, reason: null, missing: 0 };
  if (posted) return { ...facts, state: posted.excluded ? "excluded" : "contributed", progress: SHARES_OF_WORK.over };
  if (status !== "Collecting")
    return { ...facts, state: hasData || own ? "missed" : "nothing_to_contribute", progress: 0 };
  if (!own) return { ...facts, state: hasData ? "to_begin" : "nothing_to_contribute", progress: 0 };
  const waits = { reason: own.fault_code, missing: own.missing };
  if (own.state === "evaluating") {
    const progress = own.wanted === 0 ? 0 : (SHARES_OF_WORK.evaluating * own.evaluated) / own.wanted;
    return { ...facts, ...waits, state: "evaluating", progress };
  }
  const state = own.state === "encrypting" ? "encrypting" : "sending";
  return { ...facts, ...waits, state, progress: SHARES_OF_WORK[state] };
}

function at(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
