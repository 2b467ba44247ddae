/** Queries as the member API sees them: taken in only when every subject may be asked about, then driven to an answer. */
import { randomUUID } from "node:crypto";

import { concatBytes, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { parseSubject, type SubjectId } from "../../../protocol/subject/subject.ts";
import { mayAsk } from "../../chain/codes.ts";
import { driveQuery, sendAndRelease } from "./drive.ts";
import { insertQuery } from "./insert-query.ts";
import type { LeasedQuery } from "./lease.ts";
import { composeIn, planPreparation, type AuthorisedSubject } from "./prepare.ts";
import type { QueryMode } from "../../store/tables/pictures.ts";
import { insertPicture } from "../picture/picture-store.ts";
import { planPicture } from "../picture/plan-picture.ts";
import type { QueryDependencies } from "./query-context.ts";
import { askable } from "./sessions.ts";

export const MAX_SUBJECTS = 1_000;

interface Document {
  readonly scheme: string;
  readonly number: string;
}

/** One investor: one document, or up to four under one authorisation, which names one of them. */
export type SubjectDemand = (Document | { readonly documents: readonly Document[] }) & {
  readonly authorisation?: string | undefined;
};

export interface QueryDemand {
  readonly subjects: readonly SubjectDemand[];
  readonly purpose: Purpose;
  readonly mode: QueryMode;
  /** Member names, or all, where details are asked for. A subset tells the holders asked that something was known before. */
  readonly holders: "all" | readonly string[];
  /** Id of the caller's token. */
  readonly caller: string;
}

export interface QueryService {
  /**
   * Stores the query and starts it; returns its id.
   * @throws Fault QUERY_NOT_ENTITLED, SUBJECTS_EMPTY, SUBJECTS_TOO_MANY, SUBJECT_REPEATED, SUBJECT_*, AUTHORISATION_*, HOLDER_UNKNOWN, HOLDERS_NONE, PLATFORM_FROZEN, AGGREGATE_NOT_PUBLISHED
   */
  create(demand: QueryDemand): Promise<string>;
  /** Moves a query as far as it goes; for the job and the sweep. */
  drive(id: string): Promise<void>;
  /** Ids of queries that are due to be looked at again. */
  unfinished(): Promise<string[]>;
}

export function createQueryService(ctx: QueryDependencies): QueryService {
  async function create(demand: QueryDemand): Promise<string> {
    if (await ctx.chain.frozen()) throw new Fault("PLATFORM_FROZEN");
    const { kind } = await ctx.chain.me();
    if (!mayAsk(kind)) throw new Fault("QUERY_NOT_ENTITLED", { kind });
    const subjects = await admitSubjects(ctx, demand);
    const { mode, purpose, caller, holders } = demand;
    const targets = mode === "aggregate" ? [] : await selectTargets(ctx, holders);
    const picture = mode === "detail" ? undefined : await planPicture(ctx);
    const id = newId();
    const now = ctx.clock();
    const exchanges = [
      ...targets.map(({ id: dataset, holder }) => ({ id: newId(), dataset, holder })),
      ...(picture?.nodes ?? []).map(({ member, service: dataset }) => ({
        ...{ id: newId(), dataset, holder: member, service: "evaluation" as const },
        epoch: picture?.sharing ?? 0,
      })),
    ];
    // Holders and nodes get the same elements.
    const plan = await planPreparation(ctx, purpose, subjects, exchanges);
    const query = { id, caller, purpose, mode, holders, created_at: now };
    const { prepared, reasons } = await ctx.db.transaction().execute(async (trx) => {
      const preparation = await composeIn(ctx, trx, plan);
      const statements = insertQuery(ctx, query, subjects, exchanges, preparation);
      if (picture !== undefined) {
        const material = { blinds: toHex(plan.blinds), elements: toHex(concatBytes(...plan.elements)) };
        statements.push(insertPicture(ctx, id, picture.round, material));
      }
      await ctx.audit.conclude(trx, statements, { actor: demand.caller, action: "query.create", subjectId: id });
      return preparation;
    });
    const leased: LeasedQuery = { id, purpose, mode, attempts: 1, subjects };
    const holderOf = new Map(exchanges.flatMap((each) => ("service" in each ? [] : [[each.id, each.holder] as const])));
    const sendable = prepared.flatMap((each) => {
      const holder = holderOf.get(each.id);
      return holder === undefined ? [] : [{ ...each, query_id: id, holder, service: null }];
    });
    // If the process dies from here on, the lease runs out and the sweep takes the query up.
    sendAndRelease(ctx, leased, subjects, sendable, reasons).catch((error: unknown) => {
      ctx.log.error({ query: id, err: error }, "the query stopped; it is taken up again");
    });
    return id;
  }

  async function unfinished(): Promise<string[]> {
    const rows = await ctx.db
      .selectFrom("queries")
      .select("id")
      .where("completed_at", "is", null)
      .where("next_attempt_at", "<", ctx.clock())
      .where((eb) => eb.or([eb("leased_until", "is", null), eb("leased_until", "<", ctx.clock())]))
      .orderBy("next_attempt_at")
      .limit(1_000)
      .execute();
    return rows.map(({ id }) => id);
  }

  return { create, drive: (id) => driveQuery(ctx, id), unfinished };
}

function newId(): string {
  return randomUUID();
}

/** A document that is asked about: an element of the requests. */
interface AdmittedDocument extends AuthorisedSubject {
  readonly authorisation: string;
  /** Index of its investor. */
  readonly investor: number;
  /** Position of the document that the authorisation names. */
  readonly named: number;
}

async function admitSubjects(ctx: QueryDependencies, demand: QueryDemand): Promise<AdmittedDocument[]> {
  if (demand.subjects.length === 0) throw new Fault("SUBJECTS_EMPTY");
  const documents = demand.subjects.map((given) => ("documents" in given ? given.documents : [given]));
  const count = documents.flat().length;
  if (count > MAX_SUBJECTS) throw new Fault("SUBJECTS_TOO_MANY", { count, most: MAX_SUBJECTS });
  const asOf = ctx.clock();
  const parsed = documents.map((each) => each.map((document) => parseSubject(document, { asOf })));
  const seen = new Set<string>();
  for (const [position, subject] of parsed.flat().entries()) {
    if (seen.has(subject)) throw new Fault("SUBJECT_REPEATED", { position });
    seen.add(subject);
  }
  const admitted: AdmittedDocument[] = [];
  for (const [investor, subjects] of parsed.entries()) {
    const id = demand.subjects[investor]?.authorisation;
    const { index, found } = await authoriseOne(ctx, subjects, demand.purpose, id);
    const named = admitted.length + index;
    for (const subject of subjects) admitted.push({ ...found, subject, authorisation: found.id, investor, named });
  }
  return admitted;
}

/** The investor's authorisation names one document; the firm's request says that the others are of the same investor. */
async function authoriseOne(
  ctx: QueryDependencies,
  subjects: readonly SubjectId[],
  purpose: Purpose,
  id: string | undefined,
): Promise<{ index: number; found: Awaited<ReturnType<QueryDependencies["authorise"]>> }> {
  let refused: Fault | undefined;
  for (const [index, subject] of subjects.entries()) {
    try {
      return { index, found: await ctx.authorise({ subject, purpose, id }) };
    } catch (error) {
      if (!isFault(error)) throw error;
      refused ??= error;
    }
  }
  // What is said of the first document.
  throw refused ?? new Fault("SUBJECTS_EMPTY");
}

async function selectTargets(
  ctx: QueryDependencies,
  holders: QueryDemand["holders"],
): Promise<readonly { readonly id: Hex; readonly holder: number }[]> {
  const all = await askable(ctx);
  if (all.length === 0) throw new Fault("HOLDERS_NONE");
  if (holders === "all") return all;
  const members = await ctx.chain.members();
  const wanted = holders.map((name, position) => {
    const member = members.find((candidate) => candidate.name === name);
    if (member === undefined || !all.some(({ holder }) => holder === member.id)) {
      throw new Fault("HOLDER_UNKNOWN", { position });
    }
    return member.id;
  });
  return all.filter(({ holder }) => wanted.includes(holder));
}
