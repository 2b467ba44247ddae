/**
 * A querier whose store came back from an older copy has forgotten vouchers that the holders have. The next one in such a
 * lane would be a fork: provable fault, and the session's rest. So no voucher is signed in a session of before a
 * restoration; they are left to expire, and new ones are opened.
 *
 * Noticed by the store itself (store/store-life.ts) and by the ledger: a session of ours that the store does not know, more
 * batches than it sent, more evaluations settled than it signed for. A holder's word alone is no reason: it could make its
 * asker give up sessions at will.
 */
import type { Transaction } from "kysely";
import { join } from "node:path";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { PlatformEvent } from "../../chain/platform-event.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import type { Database } from "../../store/schema.ts";
import { beatStore } from "../../store/store-life.ts";

export interface RestoreDependencies extends Pick<
  RelayerContext,
  "chain" | "config" | "db" | "clock" | "random" | "operator" | "log"
> {
  readonly audit: Pick<AuditLog, "append">;
}

export interface RestoreGuard {
  /** Whether store and ledger were compared since this process started: before that, no session may be used. */
  checked(): boolean;
  /** Compares them if they were not yet. @throws Fault CHAIN_UNREACHABLE */
  ready(): Promise<void>;
  /** One beat of the store's life; for the heartbeat. */
  beat(): Promise<void>;
  /** Handlers of the ledger's events. */
  onSessionOpened(event: PlatformEvent, trx: Transaction<Database>): Promise<void>;
  onLaneSettled(event: PlatformEvent, trx: Transaction<Database>): Promise<void>;
  onSessionClosed(event: PlatformEvent, trx: Transaction<Database>): Promise<void>;
}

const ALIVE = ["opening", "open", "closing"] as const;

export function createRestoreGuard(ctx: RestoreDependencies): RestoreGuard {
  const file = join(ctx.config.dataDir, "store-life.json");
  let compared: Promise<void> | undefined;
  let isChecked = false;

  async function retire(trx: Transaction<Database>, why: string): Promise<void> {
    const sessions = await trx
      .updateTable("query_sessions")
      .set({ retired: true })
      .where("state", "in", ALIVE)
      .where("retired", "=", false)
      .returning("id")
      .execute();
    if (sessions.length === 0) return;
    const ids = sessions.map(({ id }) => id);
    // What is in flight goes on: the same bytes again are no fork.
    await trx.updateTable("query_lanes").set({ abandoned: true }).where("session", "in", ids).execute();
    await ctx.audit.append(trx, { actor: "relayer", action: "sessions.retire", subjectId: why });
    const message =
      why === "operator"
        ? "the operator key is another than the one that opened these sessions: new sessions only"
        : "this store is older than what was signed from it: new sessions only";
    ctx.log.warn({ sessions: ids.length, why }, message);
  }

  async function beat(): Promise<void> {
    await beatStore({ ...ctx, file }, (trx) => retire(trx, "store"));
  }

  async function compare(): Promise<void> {
    await beat();
    const why = await unusable();
    if (why !== undefined) await ctx.db.transaction().execute((trx) => retire(trx, why));
    isChecked = true;
  }

  /**
   * Whether the ledger has more of the sessions that the store would use than the store has, or takes another key's vouchers
   * in them: every holder would refuse ours, and each refusal costs a lane.
   */
  async function unusable(): Promise<"ledger" | "operator" | undefined> {
    for (const row of await stored()) {
      const session = await ctx.chain.session(row.id as Hex);
      if (session === undefined) continue;
      if (session.signer !== ctx.operator.address) return "operator";
      const settled = (await session.allotment(row.dataset as Hex))?.settled ?? 0;
      const isBehind = ({ next_batch, signed }: Pick<typeof row, "next_batch" | "signed">): boolean =>
        session.batches > next_batch || settled > Number(signed);
      if (!isBehind(row)) continue;
      // Anchors and other processes go on meanwhile: what the ledger has is looked for in the store after it, not before.
      const now = (await stored(row.id)).find(({ dataset }) => dataset === row.dataset);
      if (now !== undefined && isBehind(now)) return "ledger";
    }
    return undefined;
  }

  /** What the store would use, of all sessions or of one. */
  async function stored(id?: string) {
    return await ctx.db
      .selectFrom("query_sessions as s")
      .innerJoin("query_lanes as l", "l.session", "s.id")
      .select(["s.id", "s.next_batch", "l.dataset"])
      .select((eb) => eb.fn.sum<string>("l.count").as("signed"))
      .where("s.state", "in", ALIVE)
      .where("s.retired", "=", false)
      .$if(id !== undefined, (query) => query.where("s.id", "=", id ?? ""))
      .groupBy(["s.id", "s.next_batch", "l.dataset"])
      .execute();
  }

  return {
    checked: () => isChecked,
    async ready() {
      if (isChecked) return;
      compared ??= compare().finally(() => {
        compared = undefined;
      });
      await compared;
    },
    async beat() {
      await beat();
      if (isChecked) return;
      await compare().catch((error: unknown) => {
        if (!isFault(error, "CHAIN_UNREACHABLE")) throw error;
      });
    },
    async onSessionOpened({ args }, trx) {
      if (String(args["signer"]).toLowerCase() !== ctx.operator.address) return;
      const id = String(args["session"]).toLowerCase();
      const added = await trx
        .insertInto("query_sessions")
        .values({ id, state: "open", retired: true, expires_at: Number(args["expiresAt"]), created_at: ctx.clock() })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .executeTakeFirst();
      // Kept, so that it is closed in time and its points return.
      if (added.numInsertedOrUpdatedRows === 1n) await retire(trx, "ledger");
    },
    async onLaneSettled({ args }, trx) {
      const known = await trx
        .selectFrom("query_lanes as l")
        .innerJoin("query_sessions as s", "s.id", "l.session")
        .select("l.count")
        .where("l.session", "=", String(args["session"]).toLowerCase())
        .where("l.dataset", "=", String(args["dataset"]).toLowerCase())
        .where("l.lane", "=", Number(args["lane"]))
        .where("s.retired", "=", false)
        .executeTakeFirst();
      if (known !== undefined && known.count < Number(args["count"])) await retire(trx, "ledger");
    },
    async onSessionClosed({ args }, trx) {
      await trx
        .updateTable("query_sessions")
        .set({ state: "closed" })
        .where("id", "=", String(args["session"]).toLowerCase())
        .where("state", "=", "open")
        .execute();
    },
  };
}
