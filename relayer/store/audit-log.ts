/**
 * The local audit log: every entry's digest covers the entry before, so nothing can be changed, removed or slipped in
 * without breaking the chain from there on. Digests are salted, so that one may be anchored on chain as it is.
 */
import { sql, type CompiledQuery, type Kysely, type Selectable, type Transaction } from "kysely";

import { bytesEqual, uint, utf8, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { together, type Statements } from "./postgres-dialect.ts";
import type { Database } from "./schema.ts";

export interface AuditEntry {
  /** Token id, member id or "relayer". */
  readonly actor: string;
  /** Dotted: "token.create", "query.open". */
  readonly action: string;
  /** An opaque id. Never anything from which a person could be found without the database. */
  readonly subjectId: string;
  readonly outcome?: string;
}

export interface AuditHead {
  /** 0 when the log is empty. */
  readonly sequence: number;
  readonly digest: Uint8Array;
}

export interface AuditLog {
  /** Within the transaction of what it records: both happen or neither. Entries queue up until that transaction ends. */
  append(trx: Transaction<Database>, entry: AuditEntry): Promise<AuditHead>;
  /** Ends the transaction with `statements` and the entry, and commits it; the callback of the transaction then returns. */
  conclude(trx: Transaction<Database>, statements: Statements, entry: AuditEntry): Promise<AuditHead>;
  /** What to anchor. */
  head(): Promise<AuditHead>;
  /** Recomputes the whole chain. @throws Fault AUDIT_LOG_BROKEN naming the first entry that does not fit. */
  verify(): Promise<AuditHead>;
}

const EMPTY: AuditHead = { sequence: 0, digest: new Uint8Array(32) };
/** Any number, as long as nothing else in this database locks the same. */
const LOCK = 0x72_76_61_6c;
const BATCH = 1_000;

export function createAuditLog(db: Kysely<Database>, clock: () => Date, random: RandomBytes): AuditLog {
  // Compiled once: they are the same every time.
  const lock = sql`select pg_advisory_xact_lock(${LOCK})`.compile(db);
  const newest = db
    .selectFrom("audit_log")
    .select(["sequence", "digest"])
    .orderBy("sequence", "desc")
    .limit(1)
    .compile();

  /** Each statement reads what is there when it runs: the head is the one that the lock waited for. */
  async function lockHead(trx: Transaction<Database>, before: Statements): Promise<AuditHead> {
    const results = await together(trx, [...before, lock, newest]);
    return headOf(results.at(-1)?.rows as HeadRow[]);
  }

  function place({ sequence: last, digest: previous }: AuditHead, entry: AuditEntry): [AuditHead, CompiledQuery] {
    const { actor, action, subjectId, outcome = "done" } = entry;
    const sequence = last + 1;
    const [at, salt] = [clock(), random(SALT_BYTES)];
    const digest = digestOf({ sequence, at, actor, action, subjectId, outcome, salt, previous });
    const insertion = sql`
        insert into audit_log (sequence, at, actor, action, subject_id, outcome, salt, previous, digest)
        values (${sequence}, ${at}, ${actor}, ${action}, ${subjectId}, ${outcome},
                ${Buffer.from(salt)}, ${Buffer.from(previous)}, ${Buffer.from(digest)})`.compile(db);
    return [{ sequence, digest }, insertion];
  }

  return {
    async append(trx, entry) {
      const [head, insertion] = place(await lockHead(trx, []), entry);
      await trx.executeQuery(insertion);
      return head;
    },

    async conclude(trx, statements, entry) {
      const [head, insertion] = place(await lockHead(trx, statements), entry);
      await together(trx, [insertion], { commit: true });
      return head;
    },

    head: async () => headOf((await db.executeQuery(newest)).rows),

    async verify() {
      let head = EMPTY;
      for (;;) {
        const rows = await db
          .selectFrom("audit_log")
          .selectAll()
          .where("sequence", ">", String(head.sequence))
          .orderBy("sequence")
          .limit(BATCH)
          .execute();
        for (const row of rows) {
          const sequence = head.sequence + 1;
          const expected = digestOf({
            sequence,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subjectId: row.subject_id,
            outcome: row.outcome,
            salt: new Uint8Array(row.salt),
            previous: head.digest,
          });
          const fits = Number(row.sequence) === sequence && bytesEqual(new Uint8Array(row.digest), expected);
          if (!fits) throw new Fault("AUDIT_LOG_BROKEN", { sequence });
          head = { sequence, digest: expected };
        }
        if (rows.length < BATCH) return head;
      }
    },
  };
}

type HeadRow = Pick<Selectable<Database["audit_log"]>, "sequence" | "digest">;

function headOf([row]: readonly HeadRow[]): AuditHead {
  return row === undefined ? EMPTY : { sequence: Number(row.sequence), digest: new Uint8Array(row.digest) };
}

interface Digested extends Required<AuditEntry> {
  readonly sequence: number;
  readonly at: Date;
  readonly salt: Uint8Array;
  readonly previous: Uint8Array;
}

function digestOf({ sequence, at, actor, action, subjectId, outcome, salt, previous }: Digested): Uint8Array {
  const texts = [at.toISOString(), actor, action, subjectId, outcome].map(utf8);
  return saltedDigest("riskveil/audit", salt, [previous, uint(sequence, 6), ...texts]);
}
