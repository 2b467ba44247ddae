/** The overall picture as it is shown: sums over all institutions, from which edition, or why it is not there yet. */
import { z } from "zod";

import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { AggregateSums } from "../../../protocol/aggregate/schema.ts";
import type { RatedFacts } from "../../../protocol/rating/rate.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { findPicture, type PictureResult } from "./picture-store.ts";

const bilingual = z.object({ en: z.string(), zh: z.string() });

/** Of a whole query. */
export const pictureStateSchema = z.object({
  state: z.enum(["waiting", "shown", "given_up"]),
  /** Edition of the consortium table that was read; its number counts up from 1. */
  edition: z.number().int().nullable(),
  /** When it was published, ledger time. */
  publishedAt: z.iso.datetime().nullable(),
  /** Institutions that contributed to the edition. */
  institutions: z.number().int().nullable(),
  /** Why it is not there yet, or will not be: a stable code, its words, and how many nodes are missing where that is the reason. */
  reason: z.object({ code: z.string(), title: bilingual, missing: z.number().int().nullable() }).nullable(),
});

/** Of one investor. */
export const subjectPictureSchema = z.object({
  outcome: z.enum(["found", "not_found", "unreadable", "waiting", "withheld"]),
  statement: bilingual,
  /** How many institutions have records; of an investor with several documents, between the two. Never which. */
  institutions: z.object({ atLeast: z.number().int(), atMost: z.number().int() }).nullable(),
  /** Records by class. */
  counts: z.record(z.string(), z.number().int()).nullable(),
  /** Fen, of records that are open or disputed. */
  overdueFen: z.number().int().nullable(),
  /** Counts and amount are lower bounds: some institution has more than can be told. */
  atLeast: z.boolean(),
});

export type PictureStateView = z.infer<typeof pictureStateSchema>;
export type SubjectPicture = z.infer<typeof subjectPictureSchema>;

export interface ShownPicture {
  readonly state: PictureStateView;
  /** Of an investor, by the positions of its documents. @param allowed whether consent still covers it */
  subject(positions: readonly number[], allowed: boolean): SubjectPicture;
  /** What a rating is made of; undefined while there is nothing. */
  facts(positions: readonly number[]): RatedFacts | undefined;
}

type ViewDependencies = Pick<QueryDependencies, "db" | "chain" | "cipher" | "clock">;

/** Undefined where no picture was asked for. */
export async function viewPicture(ctx: ViewDependencies, query: string): Promise<ShownPicture | undefined> {
  const picture = await findPicture(ctx, query);
  if (picture === undefined) return undefined;
  const edition = picture.edition === undefined ? undefined : await ctx.chain.computation.edition(picture.edition);
  const day = edition === undefined ? undefined : new Date(edition.publishedAt * 1_000);
  const state: PictureStateView = {
    state: picture.state === "done" ? "shown" : picture.state === "failed" ? "given_up" : "waiting",
    edition: picture.edition ?? null,
    publishedAt: day?.toISOString() ?? null,
    institutions: edition?.contributors ?? null,
    reason: picture.waits === undefined ? null : reasonOf(picture.waits),
  };
  const { result } = picture;
  const found = (positions: readonly number[]): PictureResult =>
    positions.flatMap((position) => result?.[position] ?? []);
  return {
    state,
    subject(positions, allowed) {
      const parts = found(positions);
      if (!allowed) return nothing("withheld", words.withheld);
      if (result === undefined) return nothing("waiting", words.waiting);
      const facts = sumUp(parts);
      const scope = { day: chinaDay(day), institutions: state.institutions ?? 0 };
      if (parts.some(({ outcome }) => outcome === "unreadable")) return nothing("unreadable", words.unreadable);
      if (facts === undefined) return nothing("not_found", words.notFound(scope));
      return {
        outcome: "found",
        statement: words.found({ ...scope, records: facts.records }),
        institutions: facts.institutions,
        counts: facts.counts,
        overdueFen: facts.overdueFen,
        atLeast: facts.capped > 0,
      };
    },
    facts(positions) {
      if (result === undefined || found(positions).some(({ outcome }) => outcome === "unreadable")) return undefined;
      const { counts = {}, overdueFen = 0, institutions, capped = 0 } = sumUp(found(positions)) ?? {};
      return { counts, overdueFen, institutions: institutions?.atLeast ?? 0, atLeast: capped > 0 };
    },
  };
}

interface SummedUp {
  readonly counts: Record<string, number>;
  readonly overdueFen: number;
  readonly records: number;
  readonly capped: number;
  readonly institutions: { readonly atLeast: number; readonly atMost: number };
}

/** Over the documents of one investor; undefined if none has a row. An institution may have rows under several of them. */
function sumUp(parts: PictureResult): SummedUp | undefined {
  const sums = parts.flatMap((part): AggregateSums[] => (part.outcome === "found" ? [part.sums] : []));
  if (sums.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const each of sums) {
    for (const [name, count] of Object.entries(each.counts)) counts[name] = (counts[name] ?? 0) + count;
  }
  return {
    counts,
    overdueFen: sums.reduce((total, { overdueFen }) => total + overdueFen, 0),
    records: Object.values(counts).reduce((total, count) => total + count, 0),
    capped: sums.reduce((total, { capped }) => total + capped, 0),
    institutions: {
      atLeast: Math.max(...sums.map(({ contributors }) => contributors)),
      atMost: sums.reduce((total, { contributors }) => total + contributors, 0),
    },
  };
}

function nothing(
  outcome: Exclude<SubjectPicture["outcome"], "found">,
  statement: SubjectPicture["statement"],
): SubjectPicture {
  return { outcome, statement, institutions: null, counts: null, overdueFen: null, atLeast: false };
}

interface Scope {
  readonly day: string;
  readonly institutions: number;
}

/** They claim no more than was asked: "no record found", never "no default". */
const words = {
  withheld: {
    en: "The investor's authorisation has ended: the result is no longer shown.",
    zh: "投资者授权已终止，结果不再展示。",
  },
  waiting: { en: "The overall picture is not there yet.", zh: "整体视图尚未取得。" },
  unreadable: {
    en: "A sum cannot be read: an institution contributed something else than a row. Tell the Association; in a dispute institutions open their rows.",
    zh: "合计无法解出：某机构贡献的内容不符合规定。请告知协会；发生争议时，各机构可打开本机构的该行。",
  },
  notFound: ({ day, institutions }: Scope) => ({
    en: `As of ${day}, in the data that ${String(institutions)} institutions contributed: no record found.`,
    zh: `截至 ${day}，在 ${String(institutions)} 家机构汇总的数据中：未查得记录。`,
  }),
  found: ({ day, institutions, records }: Scope & { readonly records: number }) => ({
    en: `As of ${day}, in the data that ${String(institutions)} institutions contributed: ${String(records)} record${records === 1 ? "" : "s"}.`,
    zh: `截至 ${day}，在 ${String(institutions)} 家机构汇总的数据中：共 ${String(records)} 条记录。`,
  }),
};

function chinaDay(moment: Date | undefined): string {
  return moment === undefined ? "" : new Date(moment.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

function reasonOf({
  code,
  values,
}: {
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}) {
  const known = Object.hasOwn(catalogue, code) ? new Fault(code as FaultCode, values) : undefined;
  const { missing } = values;
  return {
    code,
    title: { en: known?.title("en") ?? code, zh: known?.title("zh") ?? code },
    missing: typeof missing === "number" ? missing : null,
  };
}
