/**
 * Anchors leaves in fixed windows and padded batches: each operation is on chain, a firm's daily business is not. A batch
 * is filled up with random leaves, which nobody can tell from salted digests.
 *
 * The ledger takes a session's batches in the order of their numbers, so a number that failed is used again, with new
 * content, before any other: what waits behind it goes on, and its leaves go into this batch or a later one.
 */
import type { Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { Intent } from "../../chain/outbox.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import type { BatchState } from "../../store/tables/queries.ts";
import { coverUnanswered } from "./unanswered.ts";

/** Batch sizes that the ledger accepts. */
const SIZES = [16, 64, 256, 1024] as const;
const LARGEST = 1024;
const LEAF_BYTES = 32;

type AnchorDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "random" | "clock" | "cipher" | "log">;

export interface AnchorService {
  /** Puts all pending leaves into batches and their transactions into the outbox. Returns the number of batches. */
  run(): Promise<number>;
}

export function createAnchorService(ctx: AnchorDependencies): AnchorService {
  const { interface: ledger } = ctx.chain.contracts.queryLedger;
  registerOutcomes(ctx);

  async function run(): Promise<number> {
    await coverUnanswered(ctx);
    const sessions = await ctx.db
      .selectFrom("query_sessions as s")
      .select("s.id")
      .where("s.state", "in", ["open", "closing"])
      .where(({ or, exists, selectFrom }) =>
        or([
          exists(
            selectFrom("query_leaves as l")
              .select("l.id")
              .whereRef("l.session", "=", "s.id")
              .where("l.batch", "is", null),
          ),
          exists(
            selectFrom("query_batches as b")
              .select("b.batch")
              .whereRef("b.session", "=", "s.id")
              .where("b.state", "=", "failed"),
          ),
        ]),
      )
      .execute();
    let batches = 0;
    for (const { id } of sessions) {
      while (await ctx.db.transaction().execute((trx) => anchorOne(trx, id as Hex))) batches += 1;
    }
    if (batches > 0) ctx.outbox.poke();
    return batches;
  }

  async function anchorOne(trx: Transaction<Database>, session: Hex): Promise<boolean> {
    // The row lock makes batches of a session one after another, whoever runs this.
    const { next_batch } = await trx
      .selectFrom("query_sessions")
      .select("next_batch")
      .where("id", "=", session)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const failed = await trx
      .selectFrom("query_batches")
      .select(["batch", "size", "attempt"])
      .where("session", "=", session)
      .where("state", "=", "failed")
      .orderBy("batch")
      .executeTakeFirst();
    const pending = await trx
      .selectFrom("query_leaves")
      .select(["id", "leaf"])
      .where("session", "=", session)
      .where("batch", "is", null)
      .orderBy("created_at")
      // What failed may have been too large for a block or a node: the next try is smaller.
      .limit(failed === undefined ? LARGEST : (SIZES.findLast((size) => size < failed.size) ?? SIZES[0]))
      .execute();
    if (pending.length === 0 && failed === undefined) return false;
    const size = SIZES.find((candidate) => candidate >= pending.length) ?? LARGEST;
    const places = shuffledPlaces(size, ctx.random);
    const leaves = Array.from({ length: size }, () => ctx.random(LEAF_BYTES));
    pending.forEach(({ leaf }, i) => (leaves[places[i] as number] = fromHex(leaf, LEAF_BYTES)));
    const batch = failed?.batch ?? next_batch;
    const attempt = (failed?.attempt ?? 0) + 1;
    await trx
      .insertInto("query_batches")
      .values({ session, batch, size, attempt, state: "sent", created_at: ctx.clock() })
      .onConflict((conflict) => conflict.columns(["session", "batch"]).doUpdateSet({ size, attempt, state: "sent" }))
      .execute();
    for (const [i, { id }] of pending.entries()) {
      await trx
        .updateTable("query_leaves")
        .set({ batch, place: places[i] as number })
        .where("id", "=", id)
        .execute();
    }
    if (failed === undefined) {
      await trx
        .updateTable("query_sessions")
        .set({ next_batch: batch + 1 })
        .where("id", "=", session)
        .execute();
    }
    const data = ledger.encodeFunctionData("anchor", [session, batch, leaves.map(toHex)]) as Hex;
    await ctx.outbox.enqueue(trx, {
      key: anchorKey(session, batch, attempt),
      kind: "anchor",
      contract: "queryLedger",
      data,
    });
    return true;
  }

  return { run };
}

/** Outbox key of a batch's transaction: the outbox knows where on the ledger it is, also after the chain rolled back. */
export function anchorKey(session: string, batch: number, attempt: number): string {
  const key = `anchor:${session}:${String(batch)}`;
  return attempt === 1 ? key : `${key}:${String(attempt)}`;
}

function registerOutcomes(ctx: AnchorDependencies): void {
  const { interface: ledger } = ctx.chain.contracts.queryLedger;

  async function settle(trx: Transaction<Database>, { data }: Intent, state: BatchState): Promise<Batch> {
    const [session, number] = ledger.decodeFunctionData("anchor", data) as unknown as [string, bigint];
    const batch = Number(number);
    await trx
      .updateTable("query_batches")
      .set({ state })
      .where("session", "=", session)
      .where("batch", "=", batch)
      .execute();
    return { session, batch };
  }

  ctx.outbox.onMined("anchor", async (trx, intent) => {
    await settle(trx, intent, "anchored");
  });
  ctx.outbox.onFailed("anchor", async (trx, intent, fault) => {
    const { code, values } = fault;
    ctx.log.error({ key: intent.key, code, values }, "a batch was not anchored");
    const over = values["error"] === "SessionNotOpen";
    // The ledger is past this number by a transaction that this store does not know: it came back from a backup.
    const taken = values["error"] === "BatchOutOfOrder" ? Number(values["expected"]) : 0;
    const isTaken = taken > Number(values["given"] ?? 0);
    const { session, batch } = await settle(trx, intent, over || isTaken ? "void" : "failed");
    // No leaf is lost: they are pending again.
    await trx
      .updateTable("query_leaves")
      .set({ batch: null, place: null })
      .where("session", "=", session)
      .where("batch", "=", batch)
      .execute();
    await trx
      .updateTable("query_sessions")
      .set((eb) => ({
        next_batch: eb.fn<number>("greatest", ["next_batch", eb.val(isTaken ? taken : 0)]),
        ...(over && { state: "closed" as const }),
      }))
      .where("id", "=", session)
      .execute();
  });
}

interface Batch {
  readonly session: string;
  readonly batch: number;
}

/** A random order of 0..size-1 (Fisher-Yates), so that a leaf's place does not say whether it is filling. */
function shuffledPlaces(size: number, random: AnchorDependencies["random"]): number[] {
  const places = Array.from({ length: size }, (_, i) => i);
  const bytes = Buffer.from(random(size * 4));
  for (let i = size - 1; i > 0; i -= 1) {
    // 32 random bits over at most 1,024 places: a bias below 2^-22.
    const j = bytes.readUInt32BE(i * 4) % (i + 1);
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  return places;
}
