/** Who works on a query: a lease in its row, renewed while the work goes on, and the state that is stored when it ends. */
import { sql, type CompiledQuery, type Transaction } from "kysely";

import { parsePurpose, type Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { Database } from "../../store/schema.ts";
import type { QueryMode } from "../../store/tables/pictures.ts";
import type { QueryDependencies } from "./query-context.ts";
import { openSubject } from "./secrets.ts";

/** After a crash another run may take the query up when this is over. */
export const LEASE_MS = 6_000;
const RENEWAL_MS = 1_500;
/** Before looking again when the work itself failed. */
const AFTER_FAILURE_MS = 500;
const LONGEST_MS = 60_000;
/** A job that looks again comes this much after the query is due: one that comes early finds nothing to do. */
const DUE_MS = 20;

/** A query under lease. */
export interface LeasedQuery {
  readonly id: string;
  readonly purpose: Purpose;
  readonly mode: QueryMode;
  readonly attempts: number;
  readonly subjects: readonly {
    readonly subject: SubjectId;
    readonly authorisation: string;
    /** The document that the authorisation names, where that is another of the same investor. */
    readonly authorisedAs?: SubjectId;
  }[];
}

/** Takes the query's lease; undefined if it is complete, unknown, in other hands, or not due yet. */
export async function lease(ctx: QueryDependencies, id: string): Promise<LeasedQuery | undefined> {
  const now = ctx.clock();
  const row = await ctx.db
    .updateTable("queries")
    .set((eb) => ({ leased_until: new Date(now.getTime() + LEASE_MS), attempts: eb("attempts", "+", 1) }))
    .where("id", "=", id)
    .where("completed_at", "is", null)
    .where("next_attempt_at", "<=", now)
    .where((eb) => eb.or([eb("leased_until", "is", null), eb("leased_until", "<", now)]))
    .returning(["purpose", "mode", "attempts"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const subjects = await ctx.db
    .selectFrom("query_subjects")
    .selectAll()
    .where("query_id", "=", id)
    .orderBy("position")
    .execute();
  return {
    id,
    purpose: parsePurpose(row.purpose),
    mode: row.mode,
    attempts: row.attempts,
    subjects: subjects.map(({ position, subject, authorisation, named }) => {
      const opened = openSubject(ctx.cipher, id, position, subject) as SubjectId;
      const other = named === null || named === position ? undefined : subjects[named];
      if (other === undefined) return { subject: opened, authorisation };
      const name = openSubject(ctx.cipher, id, other.position, other.subject) as SubjectId;
      return { subject: opened, authorisation, authorisedAs: name };
    }),
  };
}

/** `work` says in how many milliseconds to look again, or that the query is over and its row says so. */
export async function underLease(
  ctx: QueryDependencies,
  id: string,
  work: () => Promise<number | "over">,
): Promise<void> {
  let again: number | "over" = AFTER_FAILURE_MS;
  const renewal = setInterval(() => {
    const until = new Date(ctx.clock().getTime() + LEASE_MS);
    ctx.db
      .updateTable("queries")
      .set({ leased_until: until })
      .where("id", "=", id)
      .where("leased_until", "is not", null)
      .execute()
      .catch((error: unknown) => {
        ctx.log.warn({ query: id, err: error }, "the lease was not renewed");
      });
  }, RENEWAL_MS);
  try {
    again = await work();
  } finally {
    clearInterval(renewal);
    if (again !== "over") await release(ctx, id, Math.min(LONGEST_MS, again));
  }
}

/** Stores the query's state as its exchanges say, and gives whether nothing more is to be expected. */
export function stateStatement({ db, clock }: QueryDependencies, id: string): CompiledQuery<{ over: boolean }> {
  return sql<{ over: boolean }>`
    with counted as (
      select count(*) as total, count(*) filter (where state = 'answered') as answered,
        count(*) filter (where state = 'refused') as refused
      from query_exchanges where query_id = ${id} and state <> 'abandoned' and service is null
    ), picture as (
      select coalesce(bool_and(state = 'done'), true) as shown, coalesce(bool_and(state in ('done', 'failed')), true) as over,
        count(*) filter (where state = 'done') > 0 as done, count(*) filter (where state = 'failed') > 0 as failed
      from query_pictures where query_id = ${id}
    ), judged as (
      select answered + refused = total and picture.over as over,
        case when answered = total and shown then 'answered'
          when answered > 0 or done or failed or (total > 0 and refused = total) then 'partial'
          else 'accepted' end as state
      from counted, picture
    ), stored as (
      update queries set state = judged.state, completed_at = case when over then ${clock()}::timestamptz end,
        leased_until = case when over then null else leased_until end
      from judged where id = ${id} and completed_at is null
    )
    select over from judged`.compile(db);
}

/** As {@link stateStatement} says. Returns true if nothing more is to be expected. */
export async function storeState(ctx: QueryDependencies, trx: Transaction<Database>, id: string): Promise<boolean> {
  const { rows } = await trx.executeQuery(stateStatement(ctx, id));
  return rows[0]?.over === true;
}

/** Ends the lease, and says when to look again if anything is left to do. */
async function release(ctx: QueryDependencies, id: string, againMs: number): Promise<void> {
  const row = await ctx.db.selectFrom("queries").select("completed_at").where("id", "=", id).executeTakeFirst();
  if (row === undefined || row.completed_at !== null) return;
  const completed = await ctx.db.transaction().execute(async (trx) => {
    const over = await storeState(ctx, trx, id);
    const due = new Date(ctx.clock().getTime() + againMs);
    await trx.updateTable("queries").set({ leased_until: null, next_attempt_at: due }).where("id", "=", id).execute();
    return over;
  });
  ctx.progress.emit(id, completed);
  if (!completed) await ctx.jobs.enqueue("query", { id }, { delayMs: againMs + DUE_MS });
}
