import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const migration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Key round under which nodes say where rows stand. A picture from before it has none and is read as it was.
    await sql.raw(`alter table query_pictures add locator_round integer`).execute(db);
  },
};
