/** Rows of mirrored tables. */
import type { Kysely } from "kysely";

import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import type { CommitmentInfo } from "../../chain/chain-view.ts";
import type { Database } from "../../store/schema.ts";
import type { MirroredState } from "../../store/tables/tables.ts";
import { createMirrorView, type MirroredRow, type MirrorView } from "./mirror-view.ts";

/** A rejected table is fetched again after one minute, then two, four ... up to an hour and a bit. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_DOUBLINGS = 6;

type Revision = Pick<CommitmentInfo, "dataset" | "epoch" | "revision">;

export interface MirrorStore extends Pick<MirrorView, "answering" | "newestEpoch"> {
  find(revision: Revision): Promise<MirroredRow | undefined>;
  record(commitment: CommitmentInfo, holder: number, state: MirroredState, code?: FaultCode): Promise<void>;
  /** A verified table whose files no longer verify: to be fetched anew at once. */
  damaged(row: MirroredRow): Promise<void>;
  list(): Promise<MirroredRow[]>;
  /** Forgets tables of epochs before `epoch`. @returns what they were. */
  removeBefore(epoch: number): Promise<MirroredRow[]>;
}

export function createMirrorStore({ db, clock }: { db: Kysely<Database>; clock: () => Date }): MirrorStore {
  const at = ({ dataset, epoch, revision }: Revision) => ({ dataset, epoch, revision });

  const find: MirrorStore["find"] = (revision) =>
    db
      .selectFrom("mirrored_tables")
      .selectAll()
      .where((row) => row.and(at(revision)))
      .executeTakeFirst();

  const view = createMirrorView({ db, clock });

  return {
    find,
    answering: view.answering,
    newestEpoch: view.newestEpoch,

    async record(commitment, holder, state, code) {
      const now = clock();
      const earlier = await find(commitment);
      const attempts = (earlier?.attempts ?? 0) + (state === "downloading" && code === undefined ? 1 : 0);
      const wait = FIRST_RETRY_MS * 2 ** Math.min(Math.max(attempts - 1, 0), LONGEST_RETRY_DOUBLINGS);
      const facts = {
        holder,
        state,
        root: commitment.root,
        entry_count: commitment.entryCount,
        entry_size: commitment.entrySize,
        fault_code: code ?? null,
        attempts,
        retry_at: state === "rejected" ? new Date(now.getTime() + wait) : null,
        verified_at: state === "verified" ? now : null,
        updated_at: now,
      };
      await db
        .insertInto("mirrored_tables")
        .values({ ...at(commitment), ...facts })
        .onConflict((conflict) => conflict.columns(["dataset", "epoch", "revision"]).doUpdateSet(facts))
        .execute();
      view.forget();
    },

    async damaged(row) {
      await db
        .updateTable("mirrored_tables")
        .set({ state: "rejected", fault_code: "TABLE_DAMAGED", retry_at: null, updated_at: clock() })
        .where((line) => line.and({ dataset: row.dataset, epoch: row.epoch, revision: row.revision }))
        .execute();
      view.forget();
    },

    list: () =>
      db
        .selectFrom("mirrored_tables")
        .selectAll()
        .orderBy("dataset")
        .orderBy("epoch", "desc")
        .orderBy("revision", "desc")
        .execute(),

    async removeBefore(epoch) {
      const rows = await db.deleteFrom("mirrored_tables").where("epoch", "<", epoch).returningAll().execute();
      view.forget();
      return rows;
    },
  };
}
