/**
 * What this member holds against another: kept in the store, its salted digest put on chain. Once for an edition, member
 * and reason; who asks again gets the digest that stands.
 */
import { toHex, uint, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { RelayerContext } from "../../context.ts";
import { callChain, reasonBytes } from "./edition-calls.ts";

type EvidenceContext = Pick<RelayerContext, "db" | "clock" | "random">;

export interface Accusation {
  readonly edition: number;
  /** The member. */
  readonly accused: number;
  readonly reason: FaultCode;
  /** What shows it, or where that lies. */
  readonly content: Uint8Array;
}

export async function keepEvidence(ctx: EvidenceContext, accusation: Accusation): Promise<Hex> {
  const { edition, accused, reason, content } = accusation;
  const salt = ctx.random(SALT_BYTES);
  const digest = saltedDigest("riskveil/edition-evidence", salt, [
    uint(edition, 4),
    uint(accused, 4),
    utf8(reason),
    content,
  ]);
  await ctx.db
    .insertInto("edition_evidence")
    .values({
      ...{ edition, accused, reason },
      ...{ salt: Buffer.from(salt), digest: toHex(digest), content: Buffer.from(content), created_at: ctx.clock() },
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await ctx.db
    .selectFrom("edition_evidence")
    .select("digest")
    .where((row) => row.and({ edition, accused, reason }))
    .executeTakeFirstOrThrow();
  return kept.digest as Hex;
}

/** Puts on record that a node did not do as it should. What the chain refuses is logged: the work goes on without it. */
export async function reportNode(
  ctx: EvidenceContext & Pick<RelayerContext, "chain" | "outbox" | "log">,
  accusation: Accusation,
): Promise<void> {
  const { edition, accused, reason } = accusation;
  const digest = await keepEvidence(ctx, accusation);
  ctx.log.warn({ edition, node: accused, code: reason }, "a node is reported");
  const { algorithmNodes } = ctx.chain.contracts;
  const data = algorithmNodes.interface.encodeFunctionData("report", [accused, reasonBytes(reason), digest]) as Hex;
  const key = `report-node:${String(edition)}:${String(accused)}:${reason}`;
  const state = await callChain(ctx, key, { kind: "report-node", contract: "algorithmNodes", data });
  if (typeof state !== "string") ctx.log.warn({ node: accused, code: state.refused.code }, "the report was refused");
}
