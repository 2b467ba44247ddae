/**
 * The querier's sessions: opened ahead of need, so that a query waits for no block, with an allotment for every dataset
 * that can be asked. All datasets are in every session: which of them a query goes to shows in no session.
 */
import { randomInt } from "node:crypto";
import { sql, type Kysely, type Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { LANES } from "../../../protocol/oblivious-lookup/lane-guard.ts";
import { initialTranscript } from "../../../protocol/oblivious-lookup/transcript.ts";
import { mayAsk } from "../../chain/codes.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { paidServices } from "../picture/choose-nodes.ts";
import type { RestoreGuard } from "./restore-guard.ts";

/** Allotments the ledger accepts. */
const COARSE = [16, 64, 256, 1024, 4096, 16384];
/** What a session is opened with, unless a batch needs more or the balance allows only less. */
const USUAL_ALLOTMENT = 256;
/** When less than this share of what a new session would get is left in the current one, a new one is opened. */
const REFILL_SHARE = 0.25;
/** A request is not put into a session that ends within this time, seconds. */
const EXPIRY_MARGIN = 120;

interface SessionDependencies extends Pick<RelayerContext, "chain" | "db" | "outbox" | "clock" | "log"> {
  readonly restore: Pick<RestoreGuard, "checked" | "ready">;
}

export interface SessionBook {
  /** The id of an open session with room for `elements` at each dataset, or undefined while one is being opened. */
  find(trx: Transaction<Database>, datasets: readonly Hex[], elements: number): Promise<Hex | undefined>;
  /**
   * Datasets all of whose lanes were given up in every session that is still open: their holder's answers did not hold,
   * again and again. Until those sessions end they are not asked, or each further session would lock points for nothing.
   */
  wornOut(trx: Transaction<Database>): Promise<ReadonlySet<Hex>>;
  /**
   * Opens a session unless one is being opened.
   * @throws Fault what the ledger refuses it with (balance, duties, membership)
   */
  open(elements: number): Promise<void>;
  /** Opens the next session when the current one runs low or a dataset is in none; for the heartbeat. */
  refill(): Promise<void>;
  /** Closes what is over, which returns what was not spent; for the heartbeat. */
  closeExpired(): Promise<void>;
}

/** Smallest accepted allotment for `elements`. @throws Fault ALLOTMENT_EXCEEDED above the largest */
export function coarseAllotment(elements: number): number {
  const size = COARSE.find((candidate) => candidate >= elements);
  if (size === undefined) throw new Fault("ALLOTMENT_EXCEEDED", { wanted: elements, granted: COARSE.at(-1) ?? 0 });
  return size;
}

export function createSessionBook(ctx: SessionDependencies): SessionBook {
  registerOutcomes(ctx);

  async function find(
    trx: Transaction<Database>,
    datasets: readonly Hex[],
    elements: number,
  ): Promise<Hex | undefined> {
    if (!ctx.restore.checked()) return undefined;
    const now = await ctx.chain.ledgerTime();
    const rows = await trx
      .selectFrom("query_sessions as s")
      .innerJoin("query_allotments as a", "a.session", "s.id")
      .select(["s.id", "a.dataset", "a.granted", "a.used"])
      .select((eb) =>
        eb
          .selectFrom("query_lanes as l")
          .select((lanes) => lanes.fn.countAll<string>().as("lanes"))
          .whereRef("l.session", "=", "a.session")
          .whereRef("l.dataset", "=", "a.dataset")
          .where("l.abandoned", "=", false)
          .as("lanes"),
      )
      .where("s.state", "=", "open")
      .where("s.retired", "=", false)
      .where("s.expires_at", ">", String(now + EXPIRY_MARGIN))
      .orderBy("s.created_at")
      .execute();
    const ids = [...new Set(rows.map(({ id }) => id))];
    const roomy = (id: string, dataset: Hex): boolean =>
      rows.some(
        (row) =>
          row.id === id && row.dataset === dataset && row.granted - row.used >= elements && Number(row.lanes) > 0,
      );
    return ids.find((id) => datasets.every((dataset) => roomy(id, dataset))) as Hex | undefined;
  }

  async function wornOut(trx: Transaction<Database>): Promise<ReadonlySet<Hex>> {
    const rows = await trx
      .selectFrom("query_lanes as l")
      .innerJoin("query_sessions as s", "s.id", "l.session")
      .select("l.dataset")
      .where("s.state", "=", "open")
      .where("s.retired", "=", false)
      .where("s.expires_at", ">", String((await ctx.chain.ledgerTime()) + EXPIRY_MARGIN))
      .groupBy("l.dataset")
      .having((eb) => eb.fn<boolean>("bool_and", ["l.abandoned"]))
      .execute();
    return new Set(rows.map(({ dataset }) => dataset as Hex));
  }

  async function open(elements: number): Promise<void> {
    if (!ctx.restore.checked()) {
      // There may be one that can be used: who asked looks again.
      await ctx.restore.ready();
      return;
    }
    if (await isOpening(ctx.db)) return;
    const me = await ctx.chain.me();
    const datasets = (await payable(ctx)).toSorted();
    if (datasets.length === 0) return;
    const least = coarseAllotment(elements);
    // If not even the least can be paid, the ledger says so below.
    const granted = (await affordable(me.id, datasets, least)) ?? least;
    const expiresAt = (await ctx.chain.ledgerTime()) + (await ctx.chain.maximumSessionDuration()) - EXPIRY_MARGIN;
    // Random, not counted: a relayer restored from a backup must not meet its own sessions.
    const nonce = randomInt(2 ** 47);
    const ledger = ctx.chain.contracts.queryLedger;
    const id = (await ledger.sessionIdOf(me.id, nonce)).toLowerCase() as Hex;
    const data = ledger.interface.encodeFunctionData("openSession", [
      nonce,
      datasets,
      datasets.map(() => granted),
      expiresAt,
    ]) as Hex;
    await ctx.outbox.simulate({ contract: "queryLedger", data });
    const opened = await ctx.db.transaction().execute(async (trx) => {
      // One after another: each session locks points, and whoever waited here finds the first one's.
      await sql`select pg_advisory_xact_lock(hashtextextended('query_sessions', 0))`.execute(trx);
      if (await isOpening(trx)) return false;
      await trx
        .insertInto("query_sessions")
        .values({ id, nonce: String(nonce), state: "opening", expires_at: expiresAt, created_at: ctx.clock() })
        .execute();
      await trx
        .insertInto("query_allotments")
        .values(datasets.map((dataset) => ({ session: id, dataset, granted })))
        .execute();
      await trx
        .insertInto("query_lanes")
        .values(datasets.flatMap((dataset) => lanesOf(id, dataset)))
        .execute();
      await ctx.outbox.enqueue(trx, { key: `open-session:${id}`, kind: "open-session", contract: "queryLedger", data });
      return true;
    });
    if (!opened) return;
    ctx.outbox.poke();
    ctx.log.info({ session: id, datasets: datasets.length, granted }, "opening a query session");
  }

  /**
   * The largest usual allotment, `least` or more, that the balance pays for at every dataset; undefined if none. With a
   * hundred holders 256 at each would lock more than a new member has.
   */
  async function affordable(member: number, datasets: readonly Hex[], least: number): Promise<number | undefined> {
    const prices = await Promise.all(datasets.map((dataset) => ctx.chain.priceOf(dataset)));
    const each = prices.reduce((sum, price) => sum + price, 0n);
    const balance = await ctx.chain.pointsOf(member);
    const sizes = COARSE.filter((size) => size >= least && size <= Math.max(USUAL_ALLOTMENT, least));
    return sizes.findLast((size) => each * BigInt(size) <= balance);
  }

  async function refill(): Promise<void> {
    await ctx.restore.ready();
    // Its queries are refused before they need a session.
    if (!mayAsk((await ctx.chain.me()).kind)) return;
    const all = await payable(ctx);
    const next = await affordable((await ctx.chain.me()).id, all, coarseAllotment(1));
    // Nothing to open one with: the query that needs it says why it waits.
    if (next === undefined) return;
    const enough = await ctx.db.transaction().execute(async (trx) => {
      const worn = await wornOut(trx);
      const wanted = all.filter((id) => !worn.has(id));
      if (wanted.length === 0) return true;
      return (await find(trx, wanted, Math.ceil(next * REFILL_SHARE))) !== undefined;
    });
    if (!enough) await open(1);
  }

  async function closeExpired(): Promise<void> {
    const now = await ctx.chain.ledgerTime();
    const window = await ctx.chain.settlementWindow();
    const over = await ctx.db
      .selectFrom("query_sessions")
      .select(["id", "expires_at"])
      .where("state", "=", "open")
      .where("expires_at", "<", String(now - window - 1))
      .execute();
    for (const { id, expires_at } of over) {
      // A leaf that is not on the ledger when the session is closed counts as missing. Not for ever: what cannot be
      // anchored in a second window never will be, and the session's points wait.
      if (Number(expires_at) > now - 2 * window && (await owesLeaves(ctx.db, id))) continue;
      const data = ctx.chain.contracts.queryLedger.interface.encodeFunctionData("closeSession", [id]) as Hex;
      await ctx.db.transaction().execute(async (trx) => {
        const taken = await trx
          .updateTable("query_sessions")
          .set({ state: "closing" })
          .where("id", "=", id)
          .where("state", "=", "open")
          .executeTakeFirst();
        if (taken.numUpdatedRows === 0n) return;
        await ctx.outbox.enqueue(trx, {
          // With the time: a call that came too early for the ledger does not keep a later one from being sent.
          key: `close-session:${id}:${String(now)}`,
          kind: "close-session",
          contract: "queryLedger",
          data,
        });
      });
    }
    if (over.length > 0) ctx.outbox.poke();
  }

  return { find, wornOut, open, refill, closeExpired };
}

/** Datasets of other members that can be asked: their holder is active and has published. */
export async function askable(
  ctx: Pick<RelayerContext, "chain">,
): Promise<readonly { readonly id: Hex; readonly holder: number; readonly label: string }[]> {
  const [me, members, datasets] = await Promise.all([ctx.chain.me(), ctx.chain.members(), ctx.chain.datasets()]);
  const active = new Set(members.filter(({ status }) => status === "Active").map(({ id }) => id));
  return datasets.filter(({ holder, latestEpoch }) => holder !== me.id && active.has(holder) && latestEpoch > 0);
}

/** What a session has allotments for: every dataset that can be asked, and what the algorithm nodes do. */
async function payable(ctx: Pick<RelayerContext, "chain">): Promise<Hex[]> {
  const [datasets, services] = await Promise.all([askable(ctx), paidServices(ctx)]);
  return [...datasets.map(({ id }) => id), ...services];
}

/** Whether leaves of the session are still to come: of unanswered requests, in no batch, or in one that is not mined. */
async function owesLeaves(db: Kysely<Database>, session: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from query_leaves where session = ${session} and batch is null
    union all select 1 from query_batches where session = ${session} and state in ('sent', 'failed')
    union all select 1 from query_exchanges where session = ${session} and not covered and state <> 'answered'
    limit 1`.execute(db);
  return rows.length > 0;
}

async function isOpening(db: Kysely<Database>): Promise<boolean> {
  const opening = await db
    .selectFrom("query_sessions")
    .select("id")
    .where("state", "=", "opening")
    .where("retired", "=", false)
    .execute();
  return opening.length > 0;
}

function lanesOf(session: Hex, dataset: Hex): { session: Hex; dataset: Hex; lane: number; transcript: Hex }[] {
  return Array.from({ length: LANES }, (_, lane) => ({
    session,
    dataset,
    lane,
    transcript: toHex(initialTranscript(fromHex(session, 32), fromHex(dataset, 32), lane)),
  }));
}

function registerOutcomes(ctx: SessionDependencies): void {
  const idOf = (key: string): string => key.split(":")[1] ?? "";
  const settle = async (
    trx: Transaction<Database>,
    key: string,
    state: "open" | "closed" | "failed",
  ): Promise<void> => {
    await trx.updateTable("query_sessions").set({ state }).where("id", "=", idOf(key)).execute();
  };
  ctx.outbox.onMined("open-session", (trx, { key }) => settle(trx, key, "open"));
  ctx.outbox.onFailed("open-session", async (trx, { key }, fault) => {
    ctx.log.error({ session: idOf(key), code: fault.code, values: fault.values }, "the session was not opened");
    await settle(trx, key, "failed");
  });
  ctx.outbox.onMined("close-session", (trx, { key }) => settle(trx, key, "closed"));
  // Anybody may close a session that is over; whoever was faster, it is closed. Otherwise it came too early.
  ctx.outbox.onFailed("close-session", (trx, { key }, fault) =>
    settle(trx, key, fault.values["error"] === "SessionNotOpen" ? "closed" : "open"),
  );
}
