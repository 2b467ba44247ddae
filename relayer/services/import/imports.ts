/**
 * Imports as jobs. A file is stored sealed, judged and applied in one database transaction, and removed; a relayer that
 * dies in between has applied nothing and starts over. Imports of a relayer run one after another.
 */
import { sql, type Selectable, type Transaction } from "kysely";

import { sm3 } from "../../../protocol/encoding/digest.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import type { Database } from "../../store/schema.ts";
import type { ImportKind, ImportsTable, ImportState } from "../../store/tables/records.ts";
import { publishedCategories } from "../records/published-categories.ts";
import { newRowId } from "../records/row-id.ts";
import { applyFile } from "./apply-file.ts";
import { readCsv } from "./csv.ts";
import { detectEncoding, type Encoding } from "./encoding.ts";
import { authorisationsReader, recordsReader, type ReaderContext } from "./file-reader.ts";
import { EMPTY_REPORT, type ImportReport } from "./report.ts";
import { readUpload, removeUpload, storeUpload } from "./upload.ts";

export type ImportContext = Pick<RelayerContext, "db" | "cipher" | "clock" | "random" | "log"> & {
  readonly jobs: Pick<RelayerContext["jobs"], "enqueue" | "process" | "sweep">;
  readonly chain: Pick<RelayerContext["chain"], "me">;
  readonly audit: Pick<AuditLog, "append">;
};

export interface ImportRequest {
  readonly kind: ImportKind;
  readonly file: Uint8Array;
  /** Detected unless given. */
  readonly encoding?: Encoding;
  /** Applies the lines that are in order though others are not. */
  readonly skipBadLines?: boolean;
  /** Id of the caller's token. */
  readonly by: string;
}

export interface ImportView {
  readonly id: string;
  readonly kind: ImportKind;
  readonly state: ImportState;
  /** 0 to 1. */
  readonly progress: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** Null while it is not finished. */
  readonly report: ImportReport | null;
}

export interface Imports {
  /**
   * Stores the file and queues its import. @returns the import's id.
   * @throws Fault IMPORT_EMPTY, IMPORT_NOT_TEXT, IMPORT_ENCODING: a file that need not be stored to be refused
   */
  submit(request: ImportRequest): Promise<string>;
  /** @throws Fault IMPORT_UNKNOWN */
  find(id: string): Promise<ImportView>;
  /** Does the import's work now; the job's handler. Repeating it changes nothing. `progress` is told fractions 0 to 1. */
  run(id: string, progress?: (fraction: number) => Promise<void>): Promise<void>;
  /** Registers the job's handler; before the queue starts. */
  register(): void;
  /** Queues again what a crash left unfinished; after the queue started. @returns how many. */
  resume(): Promise<number>;
}

type ImportRow = Selectable<ImportsTable>;

/** Undoes the transaction of an import with bad lines, and carries its report out. */
class NothingApplied extends Error {
  readonly report: ImportReport;
  constructor(report: ImportReport) {
    super("nothing applied");
    this.report = report;
  }
}

// Any fixed number: one lock for the imports of one database.
const IMPORT_LOCK = 7_205_001;

export function createImports(context: ImportContext): Imports {
  const { db, cipher, clock, random, log, jobs } = context;

  /** A file that is refused before it is stored is in the audit log too. */
  async function readable({ file, encoding, kind, by }: ImportRequest, id: string): Promise<Encoding> {
    try {
      return detectEncoding(file, encoding);
    } catch (error) {
      if (isFault(error)) {
        const entry = { actor: by, action: `import.${kind}`, subjectId: id, outcome: error.code };
        await db.transaction().execute((trx) => context.audit.append(trx, entry));
      }
      throw error;
    }
  }

  async function submit(request: ImportRequest): Promise<string> {
    const id = newRowId(random);
    const encoding = await readable(request, id);
    await db.transaction().execute(async (trx) => {
      await trx
        .insertInto("imports")
        .values({
          id,
          kind: request.kind,
          state: "waiting",
          encoding,
          skip_bad_lines: request.skipBadLines ?? false,
          bytes: request.file.length,
          file_digest: fileDigest(request.file),
          report: null,
          created_by: request.by,
          created_at: clock(),
          finished_at: null,
        })
        .execute();
      await storeUpload(trx, cipher, id, request.file);
      await context.audit.append(trx, { actor: request.by, action: `import.${request.kind}`, subjectId: id });
    });
    await jobs.enqueue("import", { id }, { jobId: id });
    return id;
  }

  /** Keyed, so that whoever has the database cannot tell by a digest which file was imported. */
  function fileDigest(file: Uint8Array): Buffer {
    return Buffer.from(cipher.index(Buffer.from(sm3(file)).toString("hex"), "imports.file_digest"));
  }

  async function find(id: string): Promise<ImportView> {
    const row = await db.selectFrom("imports").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Fault("IMPORT_UNKNOWN", { id });
    return {
      id: row.id,
      kind: row.kind,
      state: row.state,
      progress: row.progress,
      createdAt: row.created_at,
      finishedAt: row.finished_at,
      report: row.report as ImportReport | null,
    };
  }

  async function run(id: string, progress?: (fraction: number) => Promise<void>): Promise<void> {
    const started = await db
      .updateTable("imports")
      .set({ state: "running", progress: 0 })
      .where("id", "=", id)
      .where("state", "in", ["waiting", "running"])
      .returningAll()
      .executeTakeFirst();
    if (started === undefined) return;
    const reading = { db, cipher, random, now: clock(), categories: publishedCategories(await context.chain.me()) };
    try {
      await db.transaction().execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(${IMPORT_LOCK})`.execute(trx);
        const row = await unfinished(trx, id);
        if (row === undefined) return;
        const report = (await duplicateOf(trx, row)) ?? (await apply(trx, row, reading, progress));
        if (!report.applied && !report.duplicate) throw new NothingApplied(report);
        await finish(trx, id, "done", report);
      });
    } catch (error) {
      const [state, report] = refusal(error);
      await db.transaction().execute((trx) => finish(trx, id, state, report));
    }
    const { state, report } = await find(id);
    log.info(
      { import: id, kind: started.kind, state, counts: report?.counts, reasons: report?.reasons },
      "import ended",
    );
  }

  async function apply(
    trx: Transaction<Database>,
    row: ImportRow,
    reading: ReaderContext,
    progress: ((fraction: number) => Promise<void>) | undefined,
  ): Promise<ImportReport> {
    const file = await readCsv(withProgress(readUpload(db, cipher, row.id, row.bytes), row, progress), row.encoding);
    const options = {
      encoding: row.encoding,
      skipBadLines: row.skip_bad_lines,
      source: { importId: row.id, at: reading.now },
    };
    return row.kind === "records"
      ? applyFile(trx, file, (header) => recordsReader(reading, header), options)
      : applyFile(trx, file, (header) => Promise.resolve(authorisationsReader(reading, header)), options);
  }

  /** Progress is written beside the import's transaction, or nobody would see it before the end. */
  async function* withProgress(
    chunks: AsyncIterable<Uint8Array>,
    row: ImportRow,
    progress: ((fraction: number) => Promise<void>) | undefined,
  ): AsyncGenerator<Uint8Array> {
    let read = 0;
    for await (const chunk of chunks) {
      yield chunk;
      read += chunk.length;
      const fraction = read / row.bytes;
      await db.updateTable("imports").set({ progress: fraction }).where("id", "=", row.id).execute();
      await progress?.(fraction);
    }
  }

  async function finish(
    trx: Transaction<Database>,
    id: string,
    state: ImportState,
    report: ImportReport,
  ): Promise<void> {
    await trx
      .updateTable("imports")
      .set({ state, report: JSON.stringify(report), progress: 1, finished_at: clock() })
      .where("id", "=", id)
      .where("state", "=", "running")
      .execute();
    await removeUpload(trx, id);
    await context.audit.append(trx, { actor: "relayer", action: "import.end", subjectId: id, outcome: state });
  }

  async function unfinishedIds(): Promise<string[]> {
    const rows = await db
      .selectFrom("imports")
      .select("id")
      .where("state", "in", ["waiting", "running"])
      .orderBy("created_at")
      .execute();
    return rows.map((row) => row.id);
  }

  return {
    submit,
    find,
    run,
    register: () => {
      jobs.process("import", ({ id }, progress) => run(id, progress));
    },
    resume: () => jobs.sweep("import", unfinishedIds),
  };
}

/** The row, read anew under the lock: another worker may have finished it meanwhile. */
async function unfinished(trx: Transaction<Database>, id: string): Promise<ImportRow | undefined> {
  return trx.selectFrom("imports").selectAll().where("id", "=", id).where("state", "=", "running").executeTakeFirst();
}

/**
 * A file that was applied whole is not applied again, also when others came since: deliveries are repeated and come late,
 * and an old file must not undo a correction.
 */
async function duplicateOf(trx: Transaction<Database>, row: ImportRow): Promise<ImportReport | undefined> {
  const earlier = await trx
    .selectFrom("imports")
    .select(["id", "report"])
    .where("kind", "=", row.kind)
    .where("file_digest", "=", row.file_digest)
    .where("state", "=", "done")
    .orderBy("created_at")
    .execute();
  for (const { id, report } of earlier) {
    const { duplicate, counts } = report as ImportReport;
    if (!duplicate && counts.refused === 0) {
      return {
        ...EMPTY_REPORT,
        duplicate: true,
        duplicateOf: id,
        encoding: row.encoding,
        counts: { ...EMPTY_REPORT.counts, lines: counts.lines, unchanged: counts.lines },
      };
    }
  }
  return undefined;
}

/** What an import that cannot succeed ends as. @throws `error` if another attempt may succeed */
function refusal(error: unknown): [ImportState, ImportReport] {
  if (error instanceof NothingApplied) return ["refused", error.report];
  if (!isFault(error)) throw error;
  const report = { ...EMPTY_REPORT, fileFault: { code: error.code, values: error.values } };
  return [error.status < 500 ? "refused" : "failed", report];
}
