/**
 * Moves a picture as far as it goes now: t nodes evaluate, t nodes locate, rows are looked up, t nodes decrypt. A node that is
 * silent or lies is replaced by another of the round while there is one; a lie is reported on chain with what proves it. Every
 * request is stored before it is sent and goes out again as the same bytes, so a picture may be taken up at any point, by
 * anybody who holds the query's lease.
 */
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { together } from "../../store/postgres-dialect.ts";
import { drop, giveUp, noteReason, type AnsweredExchange, type PreparedExchange } from "../query/exchanges.ts";
import { stateStatement, type LeasedQuery } from "../query/lease.ts";
import { composeIn, type AuthorisedSubject, type WaitReason } from "../query/prepare.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { sendPrepared } from "../query/send.ts";
import { askableNodes, pickNodes, type AskableNode } from "./choose-nodes.ts";
import {
  newNodeExchanges,
  stageExchanges,
  storeNodeExchanges,
  withAnswers,
  type StageExchange,
  type WaitingAtNode,
} from "./exchanges-of-stage.ts";
import { follow, isInUse, lacksKey, leaveOlderRounds, ofRound } from "./follow-round.ts";
import {
  failedStatement,
  findPicture,
  noteWaiting,
  resultStatement,
  storeLocation,
  storeLookUp,
  type Picture,
} from "./picture-store.ts";
import { combine, startTogether, type PutTogether } from "./put-together.ts";
import { locate, lookUpRows, readPicture, stageOf, type Stage } from "./stages.ts";

/** "done": nothing more is to come; "soon": what it waits for is on its way; "later": it needs nodes that are not there. */
export type PictureMove = "done" | "soon" | "later";

/** Requests to one node that were given up in one query; then that query does without it. */
const MOST_ATTEMPTS = 3;

export interface PictureDependencies extends QueryDependencies {
  /** Opens a session if one is waited for; false if the ledger refuses it. */
  openSession(reasons: ReadonlyMap<string, WaitReason>): Promise<boolean>;
}

export async function drivePicture(
  ctx: PictureDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
): Promise<PictureMove> {
  let known: Known = { picture: undefined, exchanges: undefined };
  for (;;) {
    const picture = known.picture ?? (await findPicture(ctx, query.id));
    if (picture === undefined || picture.state === "done" || picture.state === "failed") return "done";
    try {
      const moved = await driveStage(ctx, query, subjects, picture, stageOf(picture), known.exchanges);
      if (typeof moved === "string") return moved;
      known = moved;
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code === "AGGREGATE_EDITION_OVER") return await end(ctx, picture, error);
      ctx.log.warn({ query: query.id, code: error.code, values: error.values }, "the picture waits");
      await noteWaiting(ctx.db, query.id, error);
      // A table that was published is fetched within seconds.
      return error.code === "MIRROR_MISSING" ? "soon" : "later";
    }
  }
}

/** What need not be read from the store: the picture, and who is asked in its stage. */
interface Known {
  readonly picture: Picture | undefined;
  readonly exchanges: readonly StageExchange[] | undefined;
}

type Moved = PictureMove | Known;

/** A stage that begins just now: nobody is asked yet. Without a picture: somebody else has moved it meanwhile. */
function entered(picture: Picture | undefined): Known {
  return { picture, exchanges: picture === undefined ? undefined : [] };
}

async function driveStage(
  ctx: PictureDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
  picture: Picture,
  wanted: Stage,
  known: readonly StageExchange[] | undefined,
): Promise<Moved> {
  const look = (): Promise<readonly StageExchange[]> => stageExchanges(ctx, query.id, wanted.service);
  const begun = known ?? (await look());
  const stage = await follow(ctx, wanted, begun);
  const keys = await ctx.chain.computation.keySet(stage.round, stage.service);
  const askable = await askableNodes(ctx, stage.round, stage.service);
  const over = new Fault("AGGREGATE_EDITION_OVER", { edition: picture.edition ?? 0 });
  // Unless there never was such a key, the chain's node is behind.
  if (keys === undefined) throw (await lacksKey(ctx, stage)) ? over : new Fault("CHAIN_UNREACHABLE");
  const tried = new Set<string>();
  const { nodes, left } = await leaveOlderRounds(ctx, begun, stage, askable);
  let exchanges = left ? await look() : begun;
  let early: PutTogether | undefined;
  for (;;) {
    if ((await follow(ctx, stage, exchanges)).round !== stage.round) return entered(undefined);
    const all = ofRound(exchanges, stage);
    const good = all.filter(isGood);
    if (good.length >= keys.threshold) {
      const combined = await combine(ctx, stage, good, query, early);
      if (combined === undefined) {
        exchanges = await look();
        continue;
      }
      const unneeded = all.filter(({ state }) => state === "waiting" || state === "prepared").map(({ id }) => id);
      if (unneeded.length > 0) await giveUp(ctx, unneeded, "NODE_NOT_NEEDED");
      return await conclude(ctx, query, picture, subjects, combined);
    }
    // So many have answered under an older round that the others are too few.
    if (nodes.length < keys.threshold && askable.length >= keys.threshold) throw over;
    const live = all.filter(({ id, state }) => (state === "waiting" || state === "prepared") && !tried.has(id));
    const missing = keys.threshold - good.length;
    const spares = pickNodes(unused(nodes, all), missing - live.length, ctx.nodeHealth);
    if (live.length + spares.length === 0) {
      // So many have erased their shares that the others are too few for good.
      if (withoutShare(all) > nodes.length - keys.threshold && !(await isInUse(ctx, stage))) throw over;
      throw new Fault("NODES_TOO_FEW", { reachable: good.length, threshold: keys.threshold, missing });
    }
    const waiting = all.filter(({ state }) => state === "waiting");
    const { prepared, opening, worn, reason } = await prepareStage(ctx, query, subjects, stage, waiting, spares);
    const now = [...live.flatMap((each) => (each.prepared === undefined ? [] : [each.prepared])), ...prepared];
    if (now.length === 0 && !worn) {
      if (reason !== undefined) await noteWaiting(ctx.db, query.id, { code: reason, values: {} });
      return opening ? "soon" : "later";
    }
    for (const { id } of now) tried.add(id);
    const [arrived, stored]: [AnsweredExchange[], AnsweredExchange[]] = [[], []];
    const before = exchanges;
    await sendPrepared(ctx, query, now, {
      arrived(wave) {
        arrived.push(...wave);
        const here = ofRound(withAnswers(before, arrived), stage).filter(isGood);
        if (here.length >= keys.threshold) early = startTogether(ctx, stage, here);
      },
      stored: (wave) => stored.push(...wave),
    });
    const allStored = stored.length === now.length && prepared.length === waiting.length + spares.length;
    exchanges = allStored ? withAnswers(exchanges, stored) : await look();
  }
}

/** An answer that counts. */
const isGood = ({ state, reason }: StageExchange): boolean => state === "answered" && reason === null;

/** How many nodes said that they have no share of the key. */
function withoutShare(all: readonly StageExchange[]): number {
  const said = all.filter(({ state, reason }) => state === "abandoned" && reason === "NODE_ROLE_MISSING");
  return new Set(said.map(({ holder }) => holder)).size;
}

/** Nodes that this query has no request at, and whose requests it has not given up too often. */
function unused(nodes: readonly AskableNode[], all: readonly StageExchange[]): AskableNode[] {
  return nodes.filter(({ member }) => {
    const theirs = all.filter(({ holder }) => holder === member);
    return theirs.every(({ state }) => state === "abandoned") && theirs.length < MOST_ATTEMPTS;
  });
}

interface StagePreparation {
  readonly prepared: readonly PreparedExchange[];
  readonly opening: boolean;
  /** A node cannot be asked until the sessions end. */
  readonly worn: boolean;
  /** Why nothing could be prepared, if so. */
  readonly reason: string | undefined;
}

/** Gives every waiting request of the stage a lane, if there is one, and begins those at `spares`. */
async function prepareStage(
  ctx: PictureDependencies,
  query: LeasedQuery,
  subjects: readonly AuthorisedSubject[],
  stage: Stage,
  waiting: readonly WaitingAtNode[],
  spares: readonly AskableNode[],
): Promise<StagePreparation> {
  if (waiting.length + spares.length === 0) return { prepared: [], opening: false, worn: false, reason: undefined };
  const preparedAt = await ctx.chain.ledgerTime();
  const added = newNodeExchanges(stage.service, spares);
  const all = [...waiting, ...added];
  const plan = {
    purpose: query.purpose,
    preparedAt,
    subjects,
    ready: all.map(({ id, dataset }) => ({ id, dataset, epoch: stage.round })),
    unready: [],
    elements: ristretto255Sha512.decodeElements(stage.elements),
    width: stage.width,
    blinds: new Uint8Array(0),
  };
  const preparation = await ctx.db.transaction().execute(async (trx) => {
    const composed = await composeIn(ctx, trx, plan);
    await storeNodeExchanges(ctx, trx, query.id, added, composed);
    return composed;
  });
  const holderOf = new Map(all.map(({ id, holder }) => [id, holder]));
  let worn = false;
  for (const [id, reason] of preparation.reasons) {
    if (reason === "LANES_WORN_OUT") {
      // Until the sessions end it cannot be asked: another one is.
      ctx.nodeHealth.failed(holderOf.get(id) ?? 0);
      await drop(ctx, id, reason);
      worn = true;
    } else await noteReason(ctx, id, reason);
  }
  const opening = preparation.reasons.size > 0 && (await ctx.openSession(preparation.reasons));
  const prepared = preparation.prepared.map((each) => ({
    ...each,
    ...{ query_id: query.id, holder: holderOf.get(each.id) ?? 0, service: stage.service },
  }));
  const reason = prepared.length > 0 || opening ? undefined : await reasonOf(ctx, [...holderOf.keys()]);
  return { prepared, opening, worn, reason };
}

/** What was noted last: also why the ledger opens no session. */
async function reasonOf(ctx: PictureDependencies, exchanges: readonly string[]): Promise<string | undefined> {
  const rows = await ctx.db.selectFrom("query_exchanges").select("reason").where("id", "in", exchanges).execute();
  return rows.find(({ reason }) => reason !== null)?.reason ?? undefined;
}

async function conclude(
  ctx: PictureDependencies,
  query: LeasedQuery,
  picture: Picture,
  subjects: readonly AuthorisedSubject[],
  combined: Uint8Array,
): Promise<Moved> {
  if (picture.state === "evaluating") {
    const documents = subjects.map(({ subject }) => subject);
    return entered(await storeLocation(ctx, picture, await locate(ctx, picture, documents, combined)));
  }
  if (picture.state === "locating") {
    return entered(await storeLookUp(ctx, picture, await lookUpRows(ctx, picture, combined)));
  }
  const result = await readPicture(ctx, picture, combined);
  await settle(ctx, picture, (trx) =>
    together(trx, [resultStatement(ctx, query.id, result), stateStatement(ctx, query.id)]),
  );
  return "done";
}

async function end(ctx: PictureDependencies, picture: Picture, fault: Fault): Promise<"done"> {
  ctx.log.warn({ query: picture.query, code: fault.code }, "the picture cannot be had any more");
  await settle(ctx, picture, (trx) =>
    together(trx, [failedStatement(ctx, picture.query, fault), stateStatement(ctx, picture.query)]),
  );
  return "done";
}

async function settle(
  ctx: PictureDependencies,
  { query }: Picture,
  store: (trx: Parameters<typeof together>[0]) => Promise<readonly { readonly rows: readonly unknown[] }[]>,
): Promise<void> {
  const results = await ctx.db.transaction().execute((trx) => store(trx));
  ctx.progress.emit(query, (results.at(-1)?.rows[0] as { over: boolean } | undefined)?.over === true);
}
