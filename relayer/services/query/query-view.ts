/** A query as it is shown: what was found at whom, what was not asked or not answered, and in which words. */
import type { CompiledQuery, Kysely, Selectable } from "kysely";
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault, type Language } from "../../../protocol/errors/fault.ts";
import { parsePurpose, purposeCodes } from "../../../protocol/oblivious-lookup/purpose.ts";
import { riskRecordSchema, type RiskRecord } from "../../../protocol/sealed-table/record.ts";
import type { RatingModel } from "../../../protocol/rating/model.ts";
import { rate, type RatedFacts, type Rating } from "../../../protocol/rating/rate.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";
import { pictureStateSchema, subjectPictureSchema, viewPicture } from "../picture/picture-view.ts";
import { answerPlace } from "./exchanges.ts";
import type { QueryDependencies } from "./query-context.ts";
import { openOpening, openSubject } from "./secrets.ts";
import { askable } from "./sessions.ts";
import { ADVICE, statement, type SubjectOutcome } from "./statement.ts";

export const queryModes = ["detail", "aggregate", "both"] as const;

const bilingual = z.object({ en: z.string(), zh: z.string() });

const ratingSchema = z.object({
  model: z.object({ name: z.string(), version: z.number().int() }),
  /** Null where nothing was found, which is no good mark. */
  grade: z.string().nullable(),
  meaning: bilingual.nullable(),
  points: z.number().int(),
  /** Points are a lower bound. */
  atLeast: z.boolean(),
  reasons: z
    .array(
      z.object({
        rule: z.enum(["class", "overdue", "institutions"]),
        class: z.string().optional(),
        value: z.number().int(),
        points: z.number().int(),
        text: bilingual,
      }),
    )
    .readonly(),
});

export const queryViewSchema = z.object({
  id: z.uuid(),
  state: z.enum(["accepted", "partial", "answered"]),
  /** True when nothing more is to be expected, also of a partial answer. */
  final: z.boolean(),
  purpose: z.enum(purposeCodes),
  /** Records of the holders, sums over all institutions, or both. */
  mode: z.enum(queryModes),
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime().nullable(),
  advice: bilingual,
  /** Null in mode detail. */
  picture: pictureStateSchema.nullable(),
  holders: z.array(
    z.object({
      holder: z.string(),
      dataset: z.string(),
      categories: z.array(z.string()),
      state: z.enum(["answered", "unanswered", "given_up"]),
      epoch: z.number().int().nullable(),
      /** Why there is no answer: a stable code and its words. */
      reason: z.object({ code: z.string(), title: bilingual }).nullable(),
    }),
  ),
  /** Cohorts that no answer covers, as long as the governed switch is off. */
  cohortsNotCovered: z.array(z.enum(["existing"])),
  subjects: z.array(
    z.object({
      /** Of the investor in the request, from 0. */
      position: z.number().int(),
      /** How many documents of the investor were asked about; what was found is combined. */
      documents: z.number().int(),
      /** Of the details; in mode aggregate nobody was asked for any. */
      outcome: z.enum(["found", "not_found", "incomplete", "withheld", "not_asked"]),
      statement: bilingual,
      picture: subjectPictureSchema.nullable(),
      /** From the picture where there is one, otherwise from the records shown; null while there is neither. */
      rating: ratingSchema.nullable(),
      records: z.array(riskRecordSchema.extend({ holder: z.string(), dataset: z.string() })),
    }),
  ),
});

export type QueryView = z.infer<typeof queryViewSchema>;

type ViewDependencies = Pick<
  QueryDependencies,
  "db" | "chain" | "cipher" | "clock" | "authorise" | "audit" | "log" | "ratingModel"
>;

/** `caller` is the id of the token for which it is opened. @throws Fault QUERY_UNKNOWN */
export async function viewQuery(ctx: ViewDependencies, id: string, caller: string): Promise<QueryView> {
  const [
    {
      rows: [query],
    },
    { rows: subjects },
    { rows: exchanges },
    { rows: answers },
  ] = await together(ctx.db, [
    ctx.db.selectFrom("queries").selectAll().where("id", "=", id).compile(),
    ctx.db.selectFrom("query_subjects").selectAll().where("query_id", "=", id).orderBy("position").compile(),
    exchangesOf(ctx.db, id),
    ctx.db.selectFrom("query_answers").selectAll().where("query_id", "=", id).compile(),
  ]);
  if (query === undefined) throw new Fault("QUERY_UNKNOWN", { query: id });
  const purpose = parsePurpose(query.purpose);
  const revisions = new Map(answers.map(({ dataset, revision }) => [dataset, revision]));
  const holders = await viewHolders(ctx, exchanges, revisions);
  // A subset is said to be one: of how many members it is, those not asked included.
  const unasked = query.holders === null ? [] : await askable(ctx);
  const picture = await viewPicture(ctx, id);
  const asked = new Set([...holders.map(({ holderId }) => holderId), ...unasked.map(({ holder }) => holder)]).size;
  const shown: QueryView["subjects"] = [];
  for (const [investor, documents] of investorsOf(subjects)) {
    const positions = new Set(documents.map(({ position }) => position));
    const row = namedOf(subjects, documents);
    const allowed = await stillAuthorised(ctx, { query: id, caller, purpose }, row);
    const ofInvestor = answers.filter(({ position }) => positions.has(position));
    const records = allowed
      ? withoutRepeats(
          ofInvestor
            .filter(({ outcome }) => outcome === "hit")
            .flatMap((answer) => recordsOf(ctx, id, answer, holders)),
        )
      : [];
    // Of this investor: where an entry did not open, nothing can be said of that member.
    const unreadable = new Set(
      ofInvestor.filter(({ outcome }) => outcome === "unreadable").map((each) => each.dataset),
    );
    const readable = new Set(ofInvestor.map(({ dataset }) => dataset).filter((dataset) => !unreadable.has(dataset)));
    const answered = holders.filter(({ state, datasetId }) => state === "answered" && readable.has(datasetId));
    const complete = answered.length === holders.length;
    const outcome: SubjectOutcome = !allowed
      ? "withheld"
      : query.mode === "aggregate"
        ? "not_asked"
        : records.length > 0
          ? "found"
          : complete
            ? "not_found"
            : "incomplete";
    shown.push({
      position: investor,
      documents: documents.length,
      outcome,
      statement: statement({
        outcome,
        records: records.length,
        asOf: oldestDay(answered.map(({ publishedAt }) => publishedAt)),
        answered: new Set(answered.map(({ holder }) => holder)).size,
        asked,
        categories: [...new Set(answered.flatMap(({ categories }) => categories))].toSorted(),
      }),
      picture: picture?.subject([...positions], allowed) ?? null,
      rating: allowed ? rated(ctx.ratingModel, picture?.facts([...positions]), outcome, records) : null,
      records,
    });
  }
  return {
    id,
    state: query.state,
    final: query.completed_at !== null,
    purpose,
    mode: query.mode,
    createdAt: query.created_at.toISOString(),
    completedAt: query.completed_at?.toISOString() ?? null,
    advice: ADVICE,
    picture: picture?.state ?? null,
    holders,
    cohortsNotCovered: (await ctx.chain.existingCustomersIncluded()) ? [] : ["existing"],
    subjects: shown,
  };
}

/** How far a query is. Opens nothing of what was found, so it may be asked every second. @throws Fault QUERY_UNKNOWN */
export async function viewProgress(
  ctx: ViewDependencies,
  id: string,
): Promise<Pick<QueryView, "state" | "final" | "holders" | "picture">> {
  const [
    {
      rows: [query],
    },
    { rows: exchanges },
  ] = await together(ctx.db, [
    ctx.db.selectFrom("queries").select(["state", "completed_at"]).where("id", "=", id).compile(),
    exchangesOf(ctx.db, id),
  ]);
  if (query === undefined) throw new Fault("QUERY_UNKNOWN", { query: id });
  const holders = await viewHolders(ctx, exchanges, new Map());
  const picture = await viewPicture(ctx, id);
  return { state: query.state, final: query.completed_at !== null, holders, picture: picture?.state ?? null };
}

interface HolderView {
  holder: string;
  holderId: number;
  dataset: string;
  datasetId: string;
  categories: string[];
  state: "answered" | "unanswered" | "given_up";
  epoch: number | null;
  publishedAt: number | undefined;
  reason: { code: string; title: Record<Language, string> } | null;
}

type ExchangeRow = Pick<Selectable<Database["query_exchanges"]>, "dataset" | "holder" | "state" | "reason" | "epoch">;

function exchangesOf(db: Kysely<Database>, id: string): CompiledQuery<ExchangeRow> {
  return db
    .selectFrom("query_exchanges")
    .select(["dataset", "holder", "state", "reason", "epoch"])
    .where("query_id", "=", id)
    .where("state", "<>", "abandoned")
    .where("service", "is", null)
    .orderBy("holder")
    .compile();
}

async function viewHolders(
  ctx: ViewDependencies,
  exchanges: readonly ExchangeRow[],
  revisions: ReadonlyMap<string, number>,
): Promise<HolderView[]> {
  const [datasets, members] = await Promise.all([ctx.chain.datasets(), ctx.chain.members()]);
  return Promise.all(
    exchanges.map(async (row): Promise<HolderView> => {
      const dataset = datasets.find((candidate) => candidate.id === row.dataset);
      const answered = row.state === "answered" && row.epoch !== null;
      const commitment = answered
        ? await ctx.chain.commitment(row.dataset as Hex, row.epoch ?? 0, revisions.get(row.dataset) ?? 1)
        : undefined;
      return {
        holder: members.find((member) => member.id === row.holder)?.name ?? String(row.holder),
        holderId: row.holder,
        dataset: dataset?.label ?? row.dataset,
        datasetId: row.dataset,
        categories: [...(dataset?.categories ?? [])],
        state: answered ? "answered" : row.state === "refused" ? "given_up" : "unanswered",
        epoch: row.epoch,
        publishedAt: commitment?.publishedAt,
        reason: answered || row.reason === null ? null : reasonOf(row.reason),
      };
    }),
  );
}

function reasonOf(code: string): { code: string; title: Record<Language, string> } {
  const title = Object.hasOwn(catalogue, code) ? new Fault(code as FaultCode) : undefined;
  return { code, title: { en: title?.title("en") ?? code, zh: title?.title("zh") ?? code } };
}

interface DocumentRow {
  readonly position: number;
  readonly subject: Buffer;
  readonly authorisation: string;
  readonly investor: number | null;
  readonly named: number | null;
}

/** The documents by investor, in order. */
export function investorsOf<T extends Pick<DocumentRow, "position" | "investor">>(
  documents: readonly T[],
): Map<number, T[]> {
  return Map.groupBy(documents, ({ investor, position }) => investor ?? position);
}

/** The document that the investor's authorisation names. */
export function namedOf<T extends Pick<DocumentRow, "position" | "named">>(
  all: readonly T[],
  documents: readonly T[],
): T {
  const [first] = documents;
  const named = all.find(({ position }) => position === (first?.named ?? first?.position));
  if (named === undefined) throw new Fault("INTERNAL");
  return named;
}

/** Sums tell of institutions that would not be named; records tell what was found where. Nothing was found out: no rating. */
function rated(
  model: RatingModel,
  sums: RatedFacts | undefined,
  outcome: SubjectOutcome,
  records: QueryView["subjects"][number]["records"],
): Rating | null {
  if (sums !== undefined) return rate(model, sums);
  if (outcome !== "found" && outcome !== "not_found") return null;
  const counts: Record<string, number> = {};
  let overdueFen = 0;
  for (const record of records) {
    counts[record.class] = (counts[record.class] ?? 0) + 1;
    if (record.status === "open" || record.status === "disputed") overdueFen += record.amountFen ?? 0;
  }
  const institutions = new Set(records.map(({ holder }) => holder)).size;
  return rate(model, { counts, overdueFen, institutions, atLeast: false });
}

/** A record that a holder has under two documents of one investor is one record. */
function withoutRepeats<T extends { readonly id: string; readonly holder: string; readonly dataset: string }>(
  records: readonly T[],
): T[] {
  return [...new Map(records.map((record) => [`${record.holder}/${record.dataset}/${record.id}`, record])).values()];
}

/** After consent has ended a result is not opened again, and the attempt is logged. */
async function stillAuthorised(
  ctx: ViewDependencies,
  { query, caller, purpose }: { query: string; caller: string; purpose: QueryView["purpose"] },
  row: { position: number; subject: Buffer; authorisation: string },
): Promise<boolean> {
  const subject = openSubject(ctx.cipher, query, row.position, row.subject) as SubjectId;
  try {
    await ctx.authorise({ subject, purpose, id: row.authorisation });
    return true;
  } catch (error) {
    if (!isFault(error)) throw error;
    ctx.log.warn({ query, position: row.position, code: error.code }, "result withheld: the authorisation has ended");
    const entry = {
      actor: caller,
      action: "query.open",
      subjectId: `${query}:${String(row.position)}`,
      outcome: error.code,
    };
    await ctx.db.transaction().execute((trx) => ctx.audit.append(trx, entry));
    return false;
  }
}

function recordsOf(
  ctx: ViewDependencies,
  query: string,
  answer: { position: number; dataset: string; opening: Buffer },
  holders: readonly HolderView[],
): QueryView["subjects"][number]["records"] {
  const opening = openOpening(ctx.cipher, answerPlace(query, answer.position, answer.dataset), answer.opening);
  const records = JSON.parse(opening.records ?? "[]") as RiskRecord[];
  const from = holders.find(({ datasetId }) => datasetId === answer.dataset);
  return records.map((record) => ({
    ...record,
    holder: from?.holder ?? "",
    dataset: from?.dataset ?? "",
  }));
}

/** The day in China of the oldest commitment: the answer is no younger than that. */
function oldestDay(publishedAt: readonly (number | undefined)[]): string | undefined {
  const known = publishedAt.filter((seconds) => seconds !== undefined);
  if (known.length === 0) return undefined;
  return new Date((Math.min(...known) + 8 * 3600) * 1000).toISOString().slice(0, 10);
}
