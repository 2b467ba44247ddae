/**
 * Whether this database is an older copy of itself. Two things say so:
 *
 * - its fingerprint: PostgreSQL gives a cluster, its timeline, a database and a table identifiers that a dump does not take
 *   along, so a restored dump lies in a database other than the one it names;
 * - a beat that is counted up here and noted in a file outside, every few seconds: a copy of the whole cluster is behind its
 *   file.
 *
 * Neither sees a copy in which both, database and file, are older: the chain does (services/query/restore-guard.ts).
 */
import { existsSync, readFileSync } from "node:fs";

import { sql, type Kysely, type Transaction } from "kysely";
import { z } from "zod";

import { toHex, utf8, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { openAtomicFile, writeFully } from "./atomic-file.ts";
import type { Database } from "./schema.ts";

const noteSchema = z.strictObject({ life: z.string(), beat: z.int() });

type Note = z.infer<typeof noteSchema>;

export interface StoreLifeOptions {
  readonly db: Kysely<Database>;
  /** Outside the database and its backups. */
  readonly file: string;
  readonly clock: () => Date;
  readonly random: RandomBytes;
}

/**
 * One beat. If the store is an older copy a new life begins, and `onOlder` runs in the transaction that says so.
 * @returns whether it was
 */
export async function beatStore(
  { db, file, clock, random }: StoreLifeOptions,
  onOlder: (trx: Transaction<Database>) => Promise<void>,
): Promise<boolean> {
  const noted = readNote(file);
  const { note, older } = await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('store_lives', 0))`.execute(trx);
    const lives = await trx.selectFrom("store_lives").selectAll().orderBy("number", "desc").execute();
    const fingerprint = await fingerprintOf(trx);
    const [current] = lives;
    const known = lives.find(({ life }) => life === noted?.life);
    // A note of a life before the current one is of a process that has not beaten since: it says nothing of this life.
    const isBehind =
      noted !== undefined && (known === undefined || (known === current && Number(known.beat) < noted.beat));
    const isOlder = isBehind || (current !== undefined && current.fingerprint !== fingerprint);
    if (isOlder || current === undefined) {
      if (isOlder) await onOlder(trx);
      const life = toHex(random(16));
      await trx.insertInto("store_lives").values({ life, beat: 1, fingerprint, began_at: clock() }).execute();
      return { note: { life, beat: 1 }, older: isOlder };
    }
    const beat = Number(current.beat) + 1;
    await trx.updateTable("store_lives").set({ beat }).where("life", "=", current.life).execute();
    return { note: { life: current.life, beat }, older: false };
  });
  // After the commit: what the file says, the database had.
  writeNote(file, note);
  return older;
}

async function fingerprintOf(trx: Transaction<Database>): Promise<string> {
  // A hosted database may keep the cluster's identifiers to itself; those of database and table are always to be had.
  const { rows: rights } = await sql<{ control: boolean; wal: boolean }>`
    select has_function_privilege('pg_control_system()', 'execute') as control,
      has_function_privilege('pg_walfile_name(pg_lsn)', 'execute') as wal`.execute(trx);
  const system = rights[0]?.control === true ? sql`(select system_identifier from pg_control_system())` : sql`null`;
  const timeline = rights[0]?.wal === true ? sql`left(pg_walfile_name(pg_current_wal_lsn()), 8)` : sql`null`;
  const { rows } = await sql<{ fingerprint: string }>`
    select concat_ws(':', ${system}, ${timeline},
      (select oid from pg_database where datname = current_database()), 'query_lanes'::regclass::oid
    ) as fingerprint`.execute(trx);
  return rows[0]?.fingerprint ?? "";
}

/** What cannot be read is the note of no life: this store's sessions are then given up, which is safe. */
function readNote(file: string): Note | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return { life: "", beat: 0 };
  }
}

function writeNote(file: string, note: Note): void {
  const atomic = openAtomicFile(file);
  try {
    writeFully(atomic.descriptor, utf8(JSON.stringify(note)), 0);
    atomic.commit();
  } finally {
    atomic.abandon();
  }
}
