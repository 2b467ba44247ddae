/**
 * Puts on chain that a node answered wrongly: a salted digest of what it was asked and what it answered with its signature.
 * What opens the digest is kept here, for whoever has to judge.
 */
import { encodeBytes32String } from "ethers";
import type { Transaction } from "kysely";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";

type ReportDependencies = Pick<RelayerContext, "chain" | "outbox" | "random" | "clock">;

/** Enqueued with `trx`: poke the outbox after it. The same `key` reports once. */
export async function reportNode(
  ctx: ReportDependencies,
  trx: Transaction<Database>,
  report: { readonly key: string; readonly node: number; readonly reason: FaultCode; readonly evidence: Uint8Array },
): Promise<void> {
  const salt = ctx.random(SALT_BYTES);
  const digest = toHex(saltedDigest("riskveil/node-report", salt, [report.evidence]));
  // A bytes32 of ASCII holds 31 characters: the longest code that is reported has 28.
  const reason = encodeBytes32String(report.reason.slice(0, 31));
  const data = ctx.chain.contracts.algorithmNodes.interface.encodeFunctionData("report", [
    report.node,
    reason,
    digest,
  ]) as Hex;
  const added = await trx
    .insertInto("node_reports")
    .values({
      key: report.key,
      node: report.node,
      reason: report.reason,
      salt: Buffer.from(salt),
      evidence: Buffer.from(report.evidence),
      reported_at: ctx.clock(),
    })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n) return;
  await ctx.outbox.enqueue(trx, {
    key: `report-node:${report.key}`,
    kind: "report-node",
    contract: "algorithmNodes",
    data,
  });
}
