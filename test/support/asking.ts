/**
 * A querier's side with everything real but the ledger: PostgreSQL, cipher, audit log, session book, OPRF, HTTP to
 * scripted holders. Their tables are in memory, sealed like real ones; Merkle paths are none of a query's business.
 */
import { sql } from "kysely";
import { pino } from "pino";

import { fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../protocol/errors/catalogue.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { ristretto255Sha512 as oprf, type KeyPair } from "../../protocol/oprf/oprf.ts";
import { entryTag, sealEntry } from "../../protocol/sealed-table/entry.ts";
import { padPayload } from "../../protocol/sealed-table/payload.ts";
import { encodeRecords, type RiskRecord } from "../../protocol/sealed-table/record.ts";
import { suiteById } from "../../protocol/sealed-table/suite.ts";
import { asTag } from "../../protocol/sealed-table/table-id.ts";
import { subjectInput, type SubjectId } from "../../protocol/subject/subject.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import type { JobData, JobName } from "../../relayer/jobs/jobs.ts";
import { createOprfPool } from "../../relayer/oprf-pool/pool.ts";
import { standardRatingModel } from "../../protocol/rating/model.ts";
import type { ConsortiumMirror } from "../../relayer/services/editions/consortium-mirror.ts";
import { createNodeHealth } from "../../relayer/services/picture/node-health.ts";
import type { MirrorLookup } from "../../relayer/services/query/mirrored-tables.ts";
import { createQueryProgress } from "../../relayer/services/query/progress.ts";
import type { QueryDependencies } from "../../relayer/services/query/query-context.ts";
import { createQueryService, type QueryService } from "../../relayer/services/query/query-service.ts";
import { createSessionBook } from "../../relayer/services/query/sessions.ts";
import { createAuditLog } from "../../relayer/store/audit-log.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { sampleRecord } from "../protocol/sealed-table/sample.ts";
import { askingLedger, askingOutbox, random, type AskingLedger, type AskingOutbox } from "./asking-ledger.ts";
import { openChannel } from "./open-channel.ts";
import type { TestDatabase } from "./postgres.ts";
import { startScriptedHolder, type ScriptedHolder } from "./scripted-holder.ts";

export const EPOCH = 7;

export interface AskedHolder {
  readonly id: number;
  readonly name: string;
  readonly dataset: Hex;
  readonly key: KeyPair;
  readonly server: ScriptedHolder;
  /** Puts records of a subject into the holder's table. */
  put(subject: SubjectId, records?: readonly RiskRecord[]): void;
  /** Puts an entry there that nobody can open. */
  putUnreadable(subject: SubjectId): void;
  /** Takes the querier's copy of the table away, or gives it back. */
  mirrored: boolean;
}

export interface Asking {
  readonly ctx: QueryDependencies;
  readonly queries: QueryService;
  readonly ledger: AskingLedger;
  readonly outbox: AskingOutbox;
  readonly holders: readonly AskedHolder[];
  readonly jobs: { readonly name: JobName; readonly data: JobData; readonly delayMs: number | undefined }[];
  readonly logged: () => string;
  /** Moves the clock on. */
  later(ms: number): void;
  /** From now on authorisations are refused with this; undefined ends that. */
  refuseConsent(code: FaultCode | undefined): void;
  /** Opens a session and has it mined. */
  openSession(elements?: number): Promise<void>;
  close(): Promise<void>;
}

/** `database` is emptied (but for its audit log) and used again: making one takes longer than most tests. */
export async function startAsking(database: TestDatabase, holderCount = 2): Promise<Asking> {
  await sql`truncate queries, query_sessions, node_reports cascade`.execute(database.db);
  const operators = Array.from({ length: holderCount + 1 }, () => createOperatorKey(random(32)));
  const ledger = askingLedger(operators.map(({ address }) => address));
  const outbox = askingOutbox(database);
  const tables = new Map<Hex, Map<string, Uint8Array>>();
  const holders: AskedHolder[] = [];
  for (const [i, operator] of operators.entries()) {
    if (i > 0) holders.push(await addHolder(ledger, tables, i, operator));
  }

  let now = new Date("2026-06-01T08:00:00Z");
  let refused: FaultCode | undefined;
  let written = "";
  const clock = (): Date => now;
  const jobs: Asking["jobs"] = [];
  const consentSecret = random(32);
  const pool = createOprfPool(random);
  const log = pino({ level: "trace" }, { write: (line: string) => void (written += line) });
  const base = { chain: ledger.chain, db: database.db, outbox: outbox.outbox, clock, log, random };
  const ctx = {
    ...base,
    operator: operators[0],
    cipher: createColumnCipher({ encryption: random(16), authentication: random(32), index: random(32) }, random),
    jobs: {
      enqueue(name: JobName, data: JobData, options?: { delayMs?: number }) {
        jobs.push({ name, data, delayMs: options?.delayMs });
        return Promise.resolve();
      },
    },
    pool,
    channel: openChannel(),
    tables: {
      newestEpoch: (dataset: Hex) =>
        Promise.resolve(holders.find((holder) => holder.dataset === dataset)?.mirrored === true ? EPOCH : undefined),
      lookup: (dataset: Hex, epoch: number, tag: Uint8Array) =>
        holders.find((holder) => holder.dataset === dataset)?.mirrored === true
          ? Promise.resolve(lookup(tables.get(dataset), tag))
          : Promise.reject(new Fault("MIRROR_MISSING", { dataset, epoch })),
    },
    sessions: createSessionBook({ ...base, restore: { checked: () => true, ready: () => Promise.resolve() } }),
    progress: createQueryProgress(),
    consortium: noTable,
    nodeHealth: createNodeHealth(clock),
    ratingModel: standardRatingModel,
    outbox: outbox.outbox,
    authorise: ({ subject, id }: { subject: SubjectId; id?: string | undefined }) =>
      refused === undefined
        ? Promise.resolve({ id: id ?? `AUTH-${subject}`, documentDigest: random(32), consentSecret })
        : Promise.reject(new Fault(refused)),
    audit: createAuditLog(database.db, clock, random),
  } as unknown as QueryDependencies;

  return {
    ctx,
    queries: createQueryService(ctx),
    ledger,
    outbox,
    holders,
    jobs,
    logged: () => written,
    later: (ms) => {
      now = new Date(now.getTime() + ms);
    },
    refuseConsent: (code) => {
      refused = code;
    },
    async openSession(elements = 1) {
      await ctx.sessions.open(elements);
      await outbox.mine();
    },
    async close() {
      for (const { server } of holders) await server.close();
      await pool.close();
    },
  };
}

const noTable: ConsortiumMirror = {
  newest: () => Promise.resolve(undefined),
  lookup: (edition) => Promise.reject(new Fault("MIRROR_MISSING", { dataset: "consortium", epoch: edition })),
};

/** A subject of the tests' own, by number. */
export function asked(index: number): { readonly scheme: string; readonly number: string; readonly id: SubjectId } {
  const number = `E${String(20_000_000 + index)}`;
  return { scheme: "cn-passport", number, id: `cn-passport:${number}` as SubjectId };
}

async function addHolder(
  ledger: AskingLedger,
  tables: Map<Hex, Map<string, Uint8Array>>,
  index: number,
  operator: ReturnType<typeof createOperatorKey>,
): Promise<AskedHolder> {
  const member = ledger.members[index];
  if (member === undefined) throw new RangeError("no such member");
  const dataset = toHex(random(32));
  const key = oprf.generateKeyPair(random);
  const table = new Map<string, Uint8Array>();
  tables.set(dataset, table);
  const server = await startScriptedHolder(operator, new Map([[dataset, key]]));
  ledger.members[index] = { ...member, endpoint: server.endpoint };
  ledger.datasets.push({ id: dataset, holder: member.id, label: "CREDIT", categories: ["B", "C"], latestEpoch: EPOCH });
  ledger.commitments.push({
    ...{ dataset, epoch: EPOCH, revision: 1, root: toHex(random(32)), publicKey: toHex(key.publicKey) },
    ...{ entryCount: 1024, entrySize: 560, suite: 1, schema: 1, statisticsDigest: toHex(random(32)) },
    ...{ publishedAt: Date.UTC(2026, 4, index) / 1_000, withdrawn: false },
  });
  const sealer = {
    suite: suiteById(1),
    secretKey: key.secretKey,
    table: { dataset: fromHex(dataset, 32), epoch: EPOCH },
    random,
  };
  const put = (subject: SubjectId, records: readonly RiskRecord[] = [sampleRecord]): Uint8Array => {
    const entry = sealEntry(sealer, subjectInput(subject), padPayload(encodeRecords(records), 512));
    table.set(toHex(entryTag(entry)), entry);
    return entry;
  };
  return {
    id: member.id,
    name: member.name,
    dataset,
    key,
    server,
    put: (subject, records) => void put(subject, records),
    putUnreadable(subject) {
      const entry = put(subject);
      // Its code no longer fits.
      entry[entry.length - 1] = (entry[entry.length - 1] ?? 0) ^ 1;
    },
    mirrored: true,
  };
}

function lookup(table: ReadonlyMap<string, Uint8Array> | undefined, tag: Uint8Array): MirrorLookup {
  const hit = table?.get(toHex(tag));
  const leaf = { tag: asTag(tag.slice()), next: asTag(new Uint8Array(16).fill(255)), entryHash: new Uint8Array(32) };
  return { revision: 1, hit, leaf, path: [new Uint8Array(32).fill(5)] };
}
