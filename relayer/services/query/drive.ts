/**
 * Moves a query as far as it goes now: prepares what waits, sends what is prepared, opens what comes back. Safe to call
 * at any time and from anywhere: a lease keeps two from working on one query, and every step is stored before the next.
 */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { isFault, type Fault } from "../../../protocol/errors/fault.ts";
import { decodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { giveUp, noteReason, type PreparedExchange } from "./exchanges.ts";
import { lease, underLease, type LeasedQuery } from "./lease.ts";
import { planPreparation, prepareIn, type AuthorisedSubject, type WaitReason } from "./prepare.ts";
import { drivePicture, type PictureMove } from "../picture/drive-picture.ts";
import { failedStatement } from "../picture/picture-store.ts";
import type { QueryDependencies } from "./query-context.ts";
import { openSecrets } from "./secrets.ts";
import { sendPrepared } from "./send.ts";

/** While a session is being opened or a mirror is on its way, look again soon, this many times. */
const SOON_MS = 250;
const SOON_TRIES = 40;
const BACKOFF_MS = 500;
/** Consent that has ended does not come back: what is not answered by then is not asked any more. */
const CONSENT_OVER: readonly FaultCode[] = ["AUTHORISATION_WITHDRAWN", "AUTHORISATION_EXPIRED"];

/** Drives a query if it is due and in nobody's hands. */
export async function driveQuery(ctx: QueryDependencies, id: string): Promise<void> {
  const query = await lease(ctx, id);
  if (query === undefined) return;
  await underLease(ctx, id, async () => {
    const soon = await moveOn(ctx, query);
    return soon && query.attempts < SOON_TRIES ? SOON_MS : BACKOFF_MS * 2 ** Math.min(query.attempts, 10);
  });
}

/** Returns true if something still waits for a thing that is on its way. */
async function moveOn(ctx: QueryDependencies, query: LeasedQuery): Promise<boolean> {
  let subjects: readonly AuthorisedSubject[];
  try {
    // Also for what was prepared before: its request may never have arrived, and consent may have ended since.
    subjects = await authorised(ctx, query);
  } catch (error) {
    if (!isFault(error)) throw error;
    const unanswered = await unansweredOf(ctx, query.id);
    if (CONSENT_OVER.includes(error.code)) await giveUpAll(ctx, query.id, unanswered, error);
    else await wait(ctx, query, unanswered, error);
    return false;
  }
  const [soon, picture] = await Promise.all([driveDetail(ctx, query, subjects), drivePictureOf(ctx, query, subjects)]);
  return soon || picture === "soon";
}

async function driveDetail(
  ctx: QueryDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
): Promise<boolean> {
  const soon = await prepareWaiting(ctx, query, subjects);
  await sendPrepared(ctx, query, await preparedOf(ctx, query.id));
  return soon;
}

/** The overall picture, where it was asked for. */
async function drivePictureOf(
  ctx: QueryDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
): Promise<PictureMove> {
  if (query.mode === "detail") return "done";
  const openSession = (reasons: ReadonlyMap<string, WaitReason>): Promise<boolean> => openIfNeeded(ctx, query, reasons);
  return await drivePicture({ ...ctx, openSession }, query, subjects);
}

/**
 * Sends what was prepared for a query that was just taken in; opens a session if that is what it waits for. `prepared` goes to
 * holders; what goes to nodes is taken from the store.
 */
export async function sendAndRelease(
  ctx: QueryDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
  prepared: readonly PreparedExchange[],
  waiting: ReadonlyMap<string, WaitReason>,
): Promise<void> {
  await underLease(ctx, query.id, async () => {
    const opening = waiting.size > 0 && (await openIfNeeded(ctx, query, waiting));
    const [over, picture] = await Promise.all([
      sendPrepared(ctx, query, prepared),
      drivePictureOf(ctx, query, subjects),
    ]);
    if (over) return "over";
    return opening || picture === "soon" ? SOON_MS : BACKOFF_MS;
  });
}

/** Returns true if something still waits for a thing that is on its way. */
async function prepareWaiting(
  ctx: QueryDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
): Promise<boolean> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .select(["id", "dataset"])
    .where("query_id", "=", query.id)
    .where("state", "=", "waiting")
    .where("service", "is", null)
    .execute();
  if (rows.length === 0) return false;
  const waiting = rows.map(({ id, dataset }) => ({ id, dataset: dataset as Hex }));
  try {
    const plan = await planPreparation(ctx, query.purpose, subjects, waiting);
    const { reasons } = await ctx.db.transaction().execute((trx) => prepareIn(ctx, trx, plan));
    for (const [exchange, reason] of reasons) await noteReason(ctx, exchange, reason);
    return reasons.size > 0 && (await openIfNeeded(ctx, query, reasons));
  } catch (error) {
    if (!isFault(error)) throw error;
    await wait(
      ctx,
      query,
      waiting.map(({ id }) => id),
      error,
    );
    return false;
  }
}

/** Opens a session if one is waited for. Returns false if the ledger refuses it: then soon is no better than later. */
async function openIfNeeded(
  ctx: QueryDependencies,
  query: LeasedQuery,
  reasons: ReadonlyMap<string, WaitReason>,
): Promise<boolean> {
  const blocked = [...reasons].filter(([, reason]) => reason === "SESSION_OPENING").map(([id]) => id);
  if (blocked.length === 0) return true;
  try {
    await ctx.sessions.open(query.subjects.length);
    return true;
  } catch (error) {
    if (!isFault(error)) throw error;
    await wait(ctx, query, blocked, error);
    return false;
  }
}

async function wait(
  ctx: QueryDependencies,
  query: LeasedQuery,
  exchanges: readonly string[],
  fault: Fault,
): Promise<void> {
  ctx.log.warn({ query: query.id, code: fault.code, values: fault.values }, "the query waits");
  for (const id of exchanges) await noteReason(ctx, id, fault.code);
}

async function authorised(ctx: QueryDependencies, query: LeasedQuery): Promise<AuthorisedSubject[]> {
  const subjects: AuthorisedSubject[] = [];
  for (const { subject, authorisation, authorisedAs } of query.subjects) {
    const { documentDigest, consentSecret } = await ctx.authorise({
      subject: authorisedAs ?? subject,
      purpose: query.purpose,
      id: authorisation,
    });
    subjects.push({ subject, documentDigest, consentSecret });
  }
  return subjects;
}

/** What is not answered by now is not asked any more, and no picture is looked at. */
async function giveUpAll(
  ctx: QueryDependencies,
  query: string,
  exchanges: readonly string[],
  fault: Fault,
): Promise<void> {
  await giveUp(ctx, exchanges, fault.code);
  await ctx.db.executeQuery(failedStatement(ctx, query, fault));
}

async function unansweredOf(ctx: QueryDependencies, id: string): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .select("id")
    .where("query_id", "=", id)
    .where("state", "in", ["waiting", "prepared"])
    .execute();
  return rows.map((row) => row.id);
}

async function preparedOf(ctx: QueryDependencies, id: string): Promise<PreparedExchange[]> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .selectAll()
    .where("query_id", "=", id)
    .where("state", "=", "prepared")
    .where("service", "is", null)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    query_id: id,
    dataset: row.dataset,
    holder: row.holder,
    service: null,
    session: row.session ?? "",
    epoch: row.epoch ?? 0,
    request: row.request ?? "",
    signed: decodeRequest(JSON.parse(row.request ?? ""), ristretto255Sha512),
    secrets: openSecrets(ctx.cipher, row.id, row.secrets ?? Buffer.alloc(0)),
  }));
}
