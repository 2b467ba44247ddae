/**
 * The end of an epoch key: two epochs after its own it is destroyed, and what was mirrored under it is closed for good.
 * Destroy, then record: a crash in between repeats the destruction (of nothing) and goes on. What is on chain is a salted
 * digest of dataset, epoch, key and time, so it cannot be claimed later for another key.
 */
import { rmSync } from "node:fs";

import type { Transaction } from "kysely";

import { fromHex, toHex, uint, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import type { Intent } from "../../chain/outbox.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { newestClosed } from "../served-epochs.ts";
import { publishedFiles, removeTable } from "../tables/table-files.ts";
import { summariesFile } from "./summaries-file.ts";

export type RetireContext = Pick<
  RelayerContext,
  "config" | "log" | "db" | "clock" | "random" | "chain" | "outbox" | "keys"
>;

export async function destroyRetiredKeys(ctx: RetireContext): Promise<number> {
  const current = await ctx.chain.currentEpoch();
  const due = await ctx.db
    .selectFrom("dataset_epochs")
    .select(["dataset", "epoch"])
    .where("key_state", "=", "active")
    .where("epoch", "<=", newestClosed(current))
    .execute();
  for (const { dataset, epoch } of due) {
    await ctx.keys.destroyEpochKey(dataset, epoch);
    await recordDestroyed(ctx, dataset as Hex, epoch);
    ctx.log.info({ dataset, epoch }, "epoch key destroyed");
  }
  if (due.length > 0) ctx.outbox.poke();
  return due.length;
}

async function recordDestroyed(ctx: RetireContext, dataset: Hex, epoch: number): Promise<void> {
  const destroyedAt = ctx.clock();
  const salt = ctx.random(SALT_BYTES);
  const retired = await ctx.db.transaction().execute(async (trx) => {
    const tables = await trx
      .updateTable("published_tables")
      .set({ state: "retired" })
      .where("dataset", "=", dataset)
      .where("epoch", "=", epoch)
      .where("state", "=", "committed")
      .returning(["id", "public_key"])
      .execute();
    const publicKey = tables[0]?.public_key;
    await trx
      .updateTable("dataset_epochs")
      .set({
        // Nothing on chain was ever under a key without a committed table, so there is nothing to record.
        key_state: publicKey === undefined ? "recorded" : "destroyed",
        destroyed_at: destroyedAt,
        attestation_salt: Buffer.from(salt),
      })
      .where("dataset", "=", dataset)
      .where("epoch", "=", epoch)
      .execute();
    if (publicKey !== undefined) {
      const attestation = destructionAttestation(salt, dataset, epoch, publicKey, destroyedAt);
      const data = ctx.chain.contracts.datasetRegistry.interface.encodeFunctionData("recordKeyDestruction", [
        dataset,
        epoch,
        toHex(attestation),
      ]);
      await ctx.outbox.enqueue(trx, {
        key: destructionKey(dataset, epoch),
        kind: "destroy-key",
        contract: "datasetRegistry",
        data: data as Hex,
      });
    }
    return tables;
  });
  for (const { id } of retired) {
    removeTable(publishedFiles(ctx.config.dataDir, id));
    rmSync(summariesFile(ctx.config.dataDir, id), { force: true });
  }
}

export function destructionAttestation(
  salt: Uint8Array,
  dataset: Hex,
  epoch: number,
  publicKey: string,
  destroyedAt: Date,
): Uint8Array {
  return saltedDigest("riskveil/key-destruction", salt, [
    fromHex(dataset, 32),
    uint(epoch, 4),
    fromHex(publicKey, 32),
    utf8(destroyedAt.toISOString()),
  ]);
}

/** Handler of the outbox. */
export async function recordDestruction(trx: Transaction<Database>, intent: Intent): Promise<void> {
  const [, dataset, epoch] = intent.key.split(":");
  if (dataset === undefined || epoch === undefined) return;
  await trx
    .updateTable("dataset_epochs")
    .set({ key_state: "recorded" })
    .where("dataset", "=", dataset)
    .where("epoch", "=", Number(epoch))
    .where("key_state", "=", "destroyed")
    .execute();
}

function destructionKey(dataset: Hex, epoch: number): string {
  return `destroy-key:${dataset}:${String(epoch)}`;
}
