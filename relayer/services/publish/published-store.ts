/** Rows of own tables and epochs. What is secret in them is opened and sealed here. */
import type { Kysely, Selectable } from "kysely";
import { z } from "zod";

import type { Hex, RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { RevisionShape } from "../../../protocol/sealed-table/churn.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import type { StatisticsOpening } from "./statistics.ts";

export type PublishedRow = Selectable<Database["published_tables"]>;

/** What only this firm and, on opening, the Association knows of a table. */
export interface TableDetails {
  readonly shape: RevisionShape;
  readonly statistics: StatisticsOpening;
}

const count = z.number().int().nonnegative();
const detailsSchema = z.object({
  shape: z.object({ entryCount: count, subjects: count, dummies: z.object({ start: count, end: count }) }),
  statistics: z.object({ text: z.string(), salt: z.string().regex(/^0x[0-9a-f]{64}$/) }),
});

export function sealDetails(cipher: ColumnCipher, id: string, details: TableDetails): Buffer {
  return Buffer.from(cipher.seal(JSON.stringify(details), detailsContext(id)));
}

/** @throws Fault COLUMN_NOT_AUTHENTIC */
export function openDetails(cipher: ColumnCipher, row: Pick<PublishedRow, "id" | "details">): TableDetails {
  const text = Buffer.from(cipher.open(row.details, detailsContext(row.id))).toString("utf8");
  const { shape, statistics } = detailsSchema.parse(JSON.parse(text));
  return { shape, statistics: { text: statistics.text, salt: statistics.salt as Hex } };
}

/** The newest table of an epoch that is committed or on its way. */
export async function newestTable(
  db: Kysely<Database>,
  dataset: Hex,
  epoch: number,
): Promise<PublishedRow | undefined> {
  return db
    .selectFrom("published_tables")
    .selectAll()
    .where("dataset", "=", dataset)
    .where("epoch", "=", epoch)
    .where("state", "in", ["sealed", "committed"])
    .orderBy("revision", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** The seed of an epoch's dummies, made at first use; of two that make it at once, one seed stays. */
export async function dummySeed(
  { db, cipher, random }: { db: Kysely<Database>; cipher: ColumnCipher; random: RandomBytes },
  dataset: Hex,
  epoch: number,
): Promise<Uint8Array> {
  const context = `dataset_epochs.dummy_seed.${dataset}.${String(epoch)}`;
  await db
    .insertInto("dataset_epochs")
    .values({
      dataset,
      epoch,
      dummy_seed: Buffer.from(cipher.seal(random(32), context)),
      key_state: "active",
      destroyed_at: null,
      attestation_salt: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db
    .selectFrom("dataset_epochs")
    .select("dummy_seed")
    .where("dataset", "=", dataset)
    .where("epoch", "=", epoch)
    .executeTakeFirstOrThrow();
  return cipher.open(row.dummy_seed, context);
}

function detailsContext(id: string): string {
  return `published_tables.details.${id}`;
}
