/** The catalogue of record classes, as files call them, and which of them this member publishes. */
import type { Kysely } from "kysely";

import type { Database } from "../../store/schema.ts";
import type { Reading } from "../import/cell.ts";
import { vocabulary } from "../import/vocabulary.ts";

export interface ClassCatalogue {
  /** Code of a class by its code, name or alias: `B2`, `B2 合约期满未清偿`, `到期未清偿`. */
  read(text: string): Reading<string>;
}

/** @param categories those that the member publishes: ["A"] for the Association, ["B", "C"] for a firm. */
export async function loadClassCatalogue(db: Kysely<Database>, categories: readonly string[]): Promise<ClassCatalogue> {
  const rows = await db.selectFrom("record_classes").selectAll().execute();
  const words = vocabulary(
    Object.fromEntries(rows.map((row) => [row.code, [row.name_zh, row.name_en, ...row.aliases]])),
  );
  const categoryOf = new Map(rows.map((row) => [row.code, row.category]));
  return {
    read(text) {
      const code =
        words.read(text) ?? words.read(/^[A-Z]\d{1,2}(?=[^\p{L}\p{N}]|\p{Script=Han})/u.exec(text)?.[0] ?? "");
      if (code === undefined) return { code: "CLASS_UNKNOWN" };
      return categories.includes(categoryOf.get(code) ?? "") ? { value: code } : { code: "CLASS_NOT_YOURS" };
    },
  };
}
