/**
 * From waiting to prepared: blinds the subjects, takes a lane for each dataset and stores the signed request, all before
 * anything is sent. One blinding serves all datasets that are prepared together; another attempt blinds anew. What takes
 * time (blinding) is planned outside the transaction, and the transaction is a handful of statements however many holders.
 */
import { sql, type Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import {
  consentCommitment,
  consentRoot,
  consentSalt,
  type ConsentOpening,
} from "../../../protocol/oblivious-lookup/consent.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { composeRequest, encodeRequest, unitsOf } from "../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512, type Element } from "../../../protocol/oprf/oprf.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { ledgerDomain } from "../../chain/deployment.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { Database } from "../../store/schema.ts";
import { isServed } from "../served-epochs.ts";
import type { MirroredTables } from "./mirrored-tables.ts";
import type { SessionBook } from "./sessions.ts";
import { storePrepared } from "./store-prepared.ts";
import type { ComposedRequest, PreparedRequest, WaitingExchange } from "./prepared-request.ts";

export interface PrepareDependencies extends Pick<RelayerContext, "chain" | "db" | "operator" | "random" | "cipher"> {
  readonly pool: OprfPool;
  readonly tables: MirroredTables;
  readonly sessions: SessionBook;
}

/** A subject of the query with the authorisation it is asked under. */
export interface AuthorisedSubject {
  readonly subject: SubjectId;
  readonly documentDigest: Uint8Array;
  readonly consentSecret: Uint8Array;
}

/** Why an exchange goes on waiting. */
export type WaitReason = "MIRROR_MISSING" | "SESSION_OPENING" | "LANES_BUSY" | "LANES_WORN_OUT";

/** What is computed before the transaction: which exchanges can be prepared, and the blinded subjects. */
export interface PreparationPlan {
  readonly purpose: Purpose;
  /** Ledger time, Unix seconds. */
  readonly preparedAt: number;
  readonly subjects: readonly AuthorisedSubject[];
  readonly ready: readonly (WaitingExchange & { readonly epoch: number })[];
  /** Exchanges that cannot be prepared now: no table that their holders still answer from is here. */
  readonly unready: readonly WaitingExchange[];
  readonly elements: readonly Element[];
  /** Elements that are paid for as one. */
  readonly width: number;
  /** One scalar after another; empty where they are kept elsewhere. */
  readonly blinds: Uint8Array;
}

export interface Preparation {
  readonly prepared: readonly PreparedRequest[];
  readonly reasons: ReadonlyMap<string, WaitReason>;
}

export async function planPreparation(
  ctx: PrepareDependencies,
  purpose: Purpose,
  subjects: readonly AuthorisedSubject[],
  waiting: readonly WaitingExchange[],
): Promise<PreparationPlan> {
  const current = await ctx.chain.currentEpoch();
  const epochs = await Promise.all(
    waiting.map(({ dataset, epoch }) =>
      epoch === undefined ? ctx.tables.newestEpoch(dataset) : Promise.resolve(undefined),
    ),
  );
  const ready = waiting.flatMap((exchange, i) => {
    if (exchange.epoch !== undefined) return [{ ...exchange, epoch: exchange.epoch }];
    const epoch = epochs[i];
    return epoch !== undefined && isServed(epoch, current) ? [{ ...exchange, epoch }] : [];
  });
  const unready = waiting.filter(({ id }) => !ready.some((exchange) => exchange.id === id));
  const inputs = subjects.map(({ subject }) => subjectInput(subject));
  const { blinds, elements } = await ctx.pool.run({ kind: "blind", inputs });
  const preparedAt = await ctx.chain.ledgerTime();
  return {
    purpose,
    preparedAt,
    subjects,
    ready,
    unready,
    width: 1,
    blinds,
    elements: ristretto255Sha512.decodeElements(elements),
  };
}

/** Stores what can be prepared of exchanges that wait. Where the reason is SESSION_OPENING, open one after the transaction. */
export async function prepareIn(
  ctx: PrepareDependencies,
  trx: Transaction<Database>,
  plan: PreparationPlan,
): Promise<Preparation> {
  const preparation = await composeIn(ctx, trx, plan);
  if (preparation.prepared.length > 0) await storePrepared(ctx, trx, preparation.prepared);
  return preparation;
}

/**
 * Takes lanes and composes the requests; what stores them is left to the caller, in the same transaction. Where the reason
 * is SESSION_OPENING, open one after the transaction.
 */
export async function composeIn(
  ctx: PrepareDependencies,
  trx: Transaction<Database>,
  plan: PreparationPlan,
): Promise<{ readonly prepared: readonly ComposedRequest[]; readonly reasons: ReadonlyMap<string, WaitReason> }> {
  const reasons = new Map<string, WaitReason>(plan.unready.map(({ id }) => [id, "MIRROR_MISSING"]));
  if (plan.ready.length === 0) return { prepared: [], reasons };
  let ready = plan.ready;
  const units = unitsOf(plan.elements.length, plan.width);
  const find = (): Promise<Hex | undefined> =>
    ctx.sessions.find(
      trx,
      ready.map(({ dataset }) => dataset),
      units,
    );
  let session = await find();
  if (session === undefined) {
    // A holder whose answers do not hold shall not keep the others from being asked.
    const worn = await ctx.sessions.wornOut(trx);
    for (const { id } of ready.filter(({ dataset }) => worn.has(dataset))) reasons.set(id, "LANES_WORN_OUT");
    ready = ready.filter(({ dataset }) => !worn.has(dataset));
    if (ready.length === 0) return { prepared: [], reasons };
    if (ready.length < plan.ready.length) session = await find();
  }
  if (session === undefined) {
    for (const { id } of ready) reasons.set(id, "SESSION_OPENING");
    return { prepared: [], reasons };
  }
  const datasets = ready.map(({ dataset }) => dataset);
  const lanes = await takeLanes(trx, session, datasets, units);
  const prepared: ComposedRequest[] = [];
  for (const exchange of ready) {
    const head = lanes.get(exchange.dataset);
    if (head === undefined) reasons.set(exchange.id, "LANES_BUSY");
    else prepared.push(compose(ctx, plan, session, exchange, head));
  }
  return { prepared, reasons };
}

interface LaneRow {
  readonly dataset: string;
  readonly lane: number;
  readonly count: number;
  readonly transcript: Hex;
}

/**
 * For each dataset a lane with nothing in flight, and its share of the allotment; none where there is neither. Queries
 * wait for each other at the allotments, which all lock in one order: otherwise two could wait for each other for good.
 */
async function takeLanes(
  trx: Transaction<Database>,
  session: Hex,
  datasets: readonly Hex[],
  elements: number,
): Promise<ReadonlyMap<string, LaneRow>> {
  const { rows } = await sql<LaneRow>`
    with free as (
      select lanes.* from unnest(${datasets.toSorted()}::text[]) as wanted (dataset)
      cross join lateral (
        select dataset, lane, count, transcript from query_lanes
        where session = ${session} and dataset = wanted.dataset and exchange is null and not abandoned
        order by lane limit 1 for update skip locked
      ) as lanes
    ), ordered as (
      select dataset from query_allotments
      where session = ${session} and dataset in (select dataset from free) order by dataset for update
    ), granted as (
      update query_allotments as a set used = used + ${elements}
      from ordered where a.session = ${session} and a.dataset = ordered.dataset and used + ${elements} <= granted
      returning a.dataset
    )
    select free.* from free join granted using (dataset)`.execute(trx);
  return new Map(rows.map((row) => [row.dataset, row]));
}

function compose(
  ctx: PrepareDependencies,
  plan: PreparationPlan,
  session: Hex,
  exchange: WaitingExchange & { readonly epoch: number },
  head: LaneRow,
): ComposedRequest {
  const salt = ctx.random(32);
  const dataset = fromHex(exchange.dataset, 32);
  const openings = plan.subjects.map(({ subject, documentDigest, consentSecret }, index): ConsentOpening => ({
    salt: consentSalt(consentSecret, salt, dataset, index),
    documentDigest,
    purpose: plan.purpose,
    subject,
  }));
  const commitments = openings.map(consentCommitment);
  const request = composeRequest(
    {
      session: fromHex(session, 32),
      dataset,
      epoch: exchange.epoch,
      lane: head.lane,
      salt,
      purpose: plan.purpose,
      consent: consentRoot(commitments),
      elements: plan.elements,
    },
    { count: head.count, transcript: fromHex(head.transcript, 32) },
    ledgerDomain(ctx.chain.deployment),
    ctx.operator.sign,
    plan.width,
  );
  return {
    ...exchange,
    session,
    lane: head.lane,
    count: request.count,
    preparedAt: plan.preparedAt,
    previousTranscript: head.transcript,
    transcript: toHex(request.transcript),
    request: JSON.stringify(encodeRequest(request)),
    signed: request,
    secrets: {
      blinds: toHex(plan.blinds),
      consents: openings.map((opening, i) => ({
        salt: toHex(opening.salt),
        documentDigest: toHex(opening.documentDigest),
        commitment: toHex(commitments[i] as Uint8Array),
      })),
    },
  };
}
