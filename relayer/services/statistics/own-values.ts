/** What this member contributes: counted in its own records, as a definition says (protocol/statistics/definition.ts). */
import { sql, type Kysely } from "kysely";

import type { Values } from "../../../protocol/paillier/packing.ts";
import { monthOf, type StatisticDefinition } from "../../../protocol/statistics/definition.ts";
import type { Database } from "../../store/schema.ts";

/** One value for each field of the definition, 0 for classes without records. @throws Fault STATISTIC_PERIOD_INVALID */
export async function ownValues(
  db: Kysely<Database>,
  definition: StatisticDefinition,
  period: number,
): Promise<Values> {
  const { first, last } = monthOf(period);
  // A cured or expired record was open until its status date; one that was withdrawn should never have been there.
  const isOpen = sql<boolean>`(status in ('open', 'disputed') or status_date > ${last})`;
  const rows = await db
    .selectFrom("records")
    .select("class")
    .select(sql<string>`count(*) filter (where ${isOpen})`.as("open"))
    .select(sql<string>`count(*) filter (where event_date >= ${first})`.as("recorded"))
    .select(sql<string>`coalesce(sum(amount_fen) filter (where ${isOpen}), 0)`.as("overdue"))
    .where("event_date", "<=", last)
    .where("status", "<>", "withdrawn")
    .where("withdrawn_at", "is", null)
    .groupBy("class")
    .execute();
  const byClass = new Map(rows.map((row) => [row.class, row]));
  return Object.fromEntries(
    definition.fields.map((field) => [field.name, BigInt(byClass.get(field.class)?.[field.measure] ?? "0")]),
  );
}
