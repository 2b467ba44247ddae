/**
 * Which mirrored tables answer lookups, kept in memory: a batch asks the same thousands of times, and a single query should
 * not pay for what changes a few times a week. One statement reads it for all datasets. Changes made here are seen at
 * once, those of another process on the same database within a second.
 */
import { sql, type Kysely, type Selectable } from "kysely";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { Database } from "../../store/schema.ts";

const GOOD_FOR_MS = 1_000;

export type MirroredRow = Selectable<Database["mirrored_tables"]>;

export interface MirrorView {
  /** The table that answers lookups of an epoch: the newest verified one, unless a newer one was withdrawn. */
  answering(dataset: Hex, epoch: number): Promise<MirroredRow | undefined>;
  /** Newest epoch of which a table answers. */
  newestEpoch(dataset: Hex): Promise<number | undefined>;
  /** A row has changed. */
  forget(): void;
}

interface Reading {
  readonly tables: ReadonlyMap<string, MirroredRow>;
  readonly newest: ReadonlyMap<string, number>;
}

export function createMirrorView({ db, clock }: { db: Kysely<Database>; clock: () => Date }): MirrorView {
  let reading: Promise<Reading> | undefined;
  let readAt = 0;

  async function read(): Promise<Reading> {
    const { rows } = await sql<MirroredRow>`
      select distinct on (dataset, epoch) * from mirrored_tables where state in ('verified', 'withdrawn')
      order by dataset, epoch, revision desc`.execute(db);
    const verified = rows.filter(({ state }) => state === "verified");
    return {
      tables: new Map(verified.map((row) => [keyOf(row.dataset, row.epoch), row])),
      // In the order of epochs: the last one stays.
      newest: new Map(verified.map(({ dataset, epoch }) => [dataset, epoch])),
    };
  }

  async function current(): Promise<Reading> {
    const now = clock().getTime();
    if (reading === undefined || Math.abs(now - readAt) >= GOOD_FOR_MS) {
      const started = read();
      [reading, readAt] = [started, now];
      started.catch(() => {
        if (reading === started) reading = undefined;
      });
    }
    return reading;
  }

  return {
    answering: async (dataset, epoch) => (await current()).tables.get(keyOf(dataset, epoch)),
    newestEpoch: async (dataset) => (await current()).newest.get(dataset),
    forget() {
      reading = undefined;
    },
  };
}

function keyOf(dataset: string, epoch: number): string {
  return `${dataset}/${String(epoch)}`;
}
