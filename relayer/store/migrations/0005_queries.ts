import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export const migration: Migration = {
  async up(_db: Kysely<unknown>): Promise<void> {
    await Promise.resolve();
  },
};
