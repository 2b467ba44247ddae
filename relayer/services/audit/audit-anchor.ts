/**
 * The head of the audit log, anchored on chain at fixed times whether or not anything happened: the digest is salted anew each
 * time and counted by itself, so that a reader of the chain learns that the relayer runs, and nothing of its business. Who
 * rewrites the log later, as the owner of the database can, no longer has the log that was anchored.
 */
import { sql, type Kysely } from "kysely";

import { fromHex, toHex, uint, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditHead, AuditLog } from "../../store/audit-log.ts";
import type { Database } from "../../store/schema.ts";
import type { AuditAnchorState } from "../../store/tables/platform.ts";

export interface AuditAnchorDependencies extends Pick<
  RelayerContext,
  "chain" | "db" | "outbox" | "random" | "clock" | "log"
> {
  readonly audit: Pick<AuditLog, "head">;
}

export interface AuditAnchorService {
  /** Anchors the head as it is now, unless the anchor before is still on its way. Returns whether it did. */
  run(): Promise<boolean>;
}

/** What stands on chain for a head: H("riskveil/audit-anchor", salt, [sequence, digest of the entry]). */
export function auditAnchorDigest(head: AuditHead, salt: Uint8Array): Uint8Array {
  return saltedDigest("riskveil/audit-anchor", salt, [uint(head.sequence, 6), head.digest]);
}

export function createAuditAnchorService(ctx: AuditAnchorDependencies): AuditAnchorService {
  const settle =
    (state: AuditAnchorState) =>
    async (trx: Kysely<Database>, { key }: { readonly key: string }) => {
      await trx.updateTable("audit_anchors").set({ state }).where("intent_key", "=", key).execute();
    };
  ctx.outbox.onMined("anchor-audit", settle("anchored"));
  ctx.outbox.onFailed("anchor-audit", async (trx, intent, fault) => {
    // The head is not lost: the next window anchors the one of then, which covers it.
    ctx.log.error({ key: intent.key, code: fault.code, values: fault.values }, "the audit log's head was not anchored");
    await settle("failed")(trx, intent);
  });

  async function run(): Promise<boolean> {
    const head = await ctx.audit.head();
    const { auditAnchors } = ctx.chain.contracts;
    const number = Number(await auditAnchors.auditAnchorsOf((await ctx.chain.me()).id));
    const stored = await ctx.db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('audit_anchors', 0))`.execute(trx);
      const unsettled = await trx.selectFrom("audit_anchors").select("id").where("state", "=", "sent").execute();
      if (unsettled.length > 0) return false;
      const salt = ctx.random(SALT_BYTES);
      const digest = toHex(auditAnchorDigest(head, salt));
      const key = `anchor-audit:${String(number)}:${digest}`;
      const opening = { sequence: head.sequence, head: Buffer.from(head.digest), salt: Buffer.from(salt) };
      await trx
        .insertInto("audit_anchors")
        .values({ number, ...opening, intent_key: key, created_at: ctx.clock() })
        .execute();
      const data = auditAnchors.interface.encodeFunctionData("anchorAudit", [number, digest]) as Hex;
      await ctx.outbox.enqueue(trx, { key, kind: "anchor-audit", contract: "auditAnchors", data });
      return true;
    });
    if (stored) ctx.outbox.poke();
    return stored;
  }

  return { run };
}

/**
 * Compares the log with what this member anchored: each digest on chain must open to an entry that the log still has.
 * @returns how many anchors there are. @throws Fault AUDIT_ANCHOR_MISMATCH naming the first that does not fit
 */
export async function verifyAuditAnchors(ctx: Pick<RelayerContext, "chain" | "db">): Promise<number> {
  const { auditAnchors } = ctx.chain.contracts;
  const me = await ctx.chain.me();
  const from = ctx.chain.deployment.deployedAtBlock;
  const events = await auditAnchors.queryFilter(auditAnchors.filters.AuditAnchored(me.id), from);
  for (const { args } of events) {
    const number = Number(args.number);
    const rows = await ctx.db
      .selectFrom("audit_anchors as a")
      .leftJoin("audit_log as l", "l.sequence", "a.sequence")
      .select(["a.sequence", "a.head", "a.salt", "l.digest"])
      .where("a.number", "=", number)
      .execute();
    const fits = rows.some(({ sequence, head, salt, digest }) => {
      const isThere = sequence === "0" || digest?.equals(head) === true;
      const opened = auditAnchorDigest({ sequence: Number(sequence), digest: new Uint8Array(head) }, salt);
      return isThere && toHex(opened) === toHex(fromHex(args.digest));
    });
    if (!fits) throw new Fault("AUDIT_ANCHOR_MISMATCH", { number });
  }
  return events.length;
}
