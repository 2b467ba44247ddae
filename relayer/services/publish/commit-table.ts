/** A sealed table's way onto the chain. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { RelayerContext } from "../../context.ts";
import type { PublishedRow } from "./published-store.ts";

type CommitContext = Pick<RelayerContext, "db" | "chain" | "outbox" | "log">;

/** `publish:<dataset>:<epoch>:<revision>`; an attempt after one that the chain refused is another operation. */
export async function nextIntentKey(
  { db }: CommitContext,
  dataset: Hex,
  epoch: number,
  revision: number,
): Promise<string> {
  const { refused } = await db
    .selectFrom("published_tables")
    .select(({ fn }) => fn.countAll<string>().as("refused"))
    .where("dataset", "=", dataset)
    .where("epoch", "=", epoch)
    .where("revision", "=", revision)
    .where("state", "=", "discarded")
    .executeTakeFirstOrThrow();
  const key = `publish:${dataset}:${String(epoch)}:${String(revision)}`;
  return refused === "0" ? key : `${key}:again-${refused}`;
}

/** Store first: row and signed commitment in one transaction. */
export async function commitTable(ctx: CommitContext, row: PublishedRow): Promise<void> {
  const data = ctx.chain.contracts.datasetRegistry.interface.encodeFunctionData("publish", [
    row.dataset,
    {
      epoch: row.epoch,
      revision: row.revision,
      root: row.root,
      publicKey: row.public_key,
      statisticsDigest: row.statistics_digest,
      entryCount: row.entry_count,
      entrySize: row.entry_size,
      suite: row.suite,
      schema: row.schema,
    },
  ]);
  await ctx.db.transaction().execute(async (trx) => {
    await trx.insertInto("published_tables").values(row).execute();
    await ctx.outbox.enqueue(trx, {
      key: row.intent_key,
      kind: "publish",
      contract: "datasetRegistry",
      data: data as Hex,
    });
  });
  ctx.outbox.poke();
  ctx.log.info(
    { dataset: row.dataset, epoch: row.epoch, revision: row.revision, entries: row.entry_count },
    "table sealed",
  );
}
