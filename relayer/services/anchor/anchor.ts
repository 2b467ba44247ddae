/**
 * Anchors leaves in fixed windows and padded batches: each operation is on chain, a firm's daily business is not. A batch
 * is filled up with random leaves, which nobody can tell from salted digests.
 */
import type { Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";

/** Batch sizes that the ledger accepts. */
const SIZES = [16, 64, 256, 1024] as const;
const LARGEST = 1024;
const LEAF_BYTES = 32;

type AnchorDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "random" | "clock" | "log">;

export interface AnchorService {
  /** Puts all pending leaves into batches and their transactions into the outbox. Returns the number of batches. */
  run(): Promise<number>;
}

export function createAnchorService(ctx: AnchorDependencies): AnchorService {
  const { interface: ledger } = ctx.chain.contracts.queryLedger;

  ctx.outbox.onFailed("anchor", (_trx, intent, fault) => {
    ctx.log.error({ key: intent.key, code: fault.code, values: fault.values }, "a batch was not anchored");
    return Promise.resolve();
  });

  async function run(): Promise<number> {
    const sessions = await ctx.db
      .selectFrom("query_leaves as l")
      .innerJoin("query_sessions as s", "s.id", "l.session")
      .select("s.id")
      .distinct()
      .where("l.batch", "is", null)
      .where("s.state", "in", ["open", "closing"])
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
    const row = await trx
      .selectFrom("query_sessions")
      .select("next_batch")
      .where("id", "=", session)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const pending = await trx
      .selectFrom("query_leaves")
      .select(["id", "leaf"])
      .where("session", "=", session)
      .where("batch", "is", null)
      .orderBy("created_at")
      .limit(LARGEST)
      .execute();
    if (pending.length === 0) return false;
    const size = SIZES.find((candidate) => candidate >= pending.length) ?? LARGEST;
    const places = shuffledPlaces(size, ctx.random);
    const leaves = Array.from({ length: size }, () => ctx.random(LEAF_BYTES));
    pending.forEach(({ leaf }, i) => (leaves[places[i] as number] = fromHex(leaf, LEAF_BYTES)));
    const batch = row.next_batch;
    await trx.insertInto("query_batches").values({ session, batch, size, created_at: ctx.clock() }).execute();
    for (const [i, { id }] of pending.entries()) {
      await trx
        .updateTable("query_leaves")
        .set({ batch, place: places[i] as number })
        .where("id", "=", id)
        .execute();
    }
    await trx
      .updateTable("query_sessions")
      .set({ next_batch: batch + 1 })
      .where("id", "=", session)
      .execute();
    const data = ledger.encodeFunctionData("anchor", [session, batch, leaves.map(toHex)]) as Hex;
    await ctx.outbox.enqueue(trx, {
      key: anchorKey(session, batch),
      kind: "anchor",
      contract: "queryLedger",
      data,
    });
    return true;
  }

  return { run };
}

/** Outbox key of a batch's transaction: the outbox knows where on the ledger it is, also after the chain rolled back. */
export function anchorKey(session: string, batch: number): string {
  return `anchor:${session}:${String(batch)}`;
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
