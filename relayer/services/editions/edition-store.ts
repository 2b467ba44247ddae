/** Rows of the editions' tables. */
import type { Selectable, Updateable } from "kysely";

import type { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";

export type OwnContribution = Selectable<Database["edition_contributions"]>;
export type MirroredEdition = Selectable<Database["edition_mirrors"]>;

export interface EditionStore {
  own(edition: number): Promise<OwnContribution | undefined>;
  /** In place of an earlier making. */
  begin(
    making: Pick<OwnContribution, "edition" | "generation" | "basis" | "rows" | "wanted">,
  ): Promise<OwnContribution>;
  advance(edition: number, change: Updateable<Database["edition_contributions"]>): Promise<void>;
  /** The contribution waits for nodes. */
  waits(edition: number, fault: Fault): Promise<void>;
  merge(edition: number): Promise<Selectable<Database["edition_merges"]> | undefined>;
  keepMerge(
    edition: number,
    made: { readonly root: string; readonly rows: number; readonly proof: string },
  ): Promise<void>;
  /** The merged table that shares are given for: the first one named stays. */
  nameStripped(edition: number, mergedRoot: string): Promise<string>;
  mirrors(): Promise<MirroredEdition[]>;
  keepMirror(mirror: Omit<MirroredEdition, "verified_at">): Promise<void>;
  dropMirror(edition: number): Promise<void>;
  /** Forgets what nodes count of editions before `edition`. */
  forgetBefore(edition: number): Promise<void>;
}

export function createEditionStore({ db, clock }: Pick<RelayerContext, "db" | "clock">): EditionStore {
  return {
    own: (edition) =>
      db.selectFrom("edition_contributions").selectAll().where("edition", "=", edition).executeTakeFirst(),
    async begin(making) {
      const facts = {
        ...making,
        ...{ state: "evaluating" as const, evaluated: 0, missing: 0 },
        ...{ root: null, proof: null, fault_code: null, updated_at: clock() },
      };
      return await db
        .insertInto("edition_contributions")
        .values(facts)
        .onConflict((conflict) => conflict.column("edition").doUpdateSet(facts))
        .returningAll()
        .executeTakeFirstOrThrow();
    },
    async advance(edition, change) {
      await db
        .updateTable("edition_contributions")
        .set({ ...change, updated_at: clock() })
        .where("edition", "=", edition)
        .execute();
    },
    async waits(edition, { code, values }) {
      await this.advance(edition, { missing: Number(values["missing"] ?? 0), fault_code: code });
    },
    merge: (edition) => db.selectFrom("edition_merges").selectAll().where("edition", "=", edition).executeTakeFirst(),
    async keepMerge(edition, made) {
      const facts = { ...made, created_at: clock() };
      await db
        .insertInto("edition_merges")
        .values({ edition, ...facts })
        .onConflict((conflict) => conflict.column("edition").doUpdateSet(facts))
        .execute();
    },
    async nameStripped(edition, mergedRoot) {
      await db
        .insertInto("edition_strips")
        .values({ edition, merged_root: mergedRoot, created_at: clock() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const named = await db
        .selectFrom("edition_strips")
        .select("merged_root")
        .where("edition", "=", edition)
        .executeTakeFirstOrThrow();
      return named.merged_root;
    },
    mirrors: () => db.selectFrom("edition_mirrors").selectAll().orderBy("edition", "desc").execute(),
    async keepMirror(mirror) {
      const facts = { ...mirror, verified_at: clock() };
      await db
        .insertInto("edition_mirrors")
        .values(facts)
        .onConflict((conflict) => conflict.column("edition").doUpdateSet(facts))
        .execute();
    },
    async dropMirror(edition) {
      await db.deleteFrom("edition_mirrors").where("edition", "=", edition).execute();
    },
    async forgetBefore(edition) {
      await db.deleteFrom("edition_requests").where("edition", "<", edition).execute();
      await db.deleteFrom("edition_allowances").where("edition", "<", edition).execute();
    },
  };
}
