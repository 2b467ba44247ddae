/**
 * Imports, register and records on a database that is there, with the test's clock and a log that is kept. Apart from
 * record-services.ts, so that a process without mocha can have them.
 */
import { createHash, randomBytes } from "node:crypto";
import { Writable } from "node:stream";

import type { Kysely } from "kysely";
import { pino } from "pino";

import type { MemberInfo, MemberKind } from "../../relayer/chain/chain-view.ts";
import type { JobData, JobHandler, JobName } from "../../relayer/jobs/jobs.ts";
import {
  createAuthorisationRegister,
  type AuthorisationRegister,
} from "../../relayer/services/authorisations/register.ts";
import { createImports, type Imports } from "../../relayer/services/import/imports.ts";
import type { ImportReport } from "../../relayer/services/import/report.ts";
import { createRecords, type Records } from "../../relayer/services/records/records.ts";
import { createAuditLog } from "../../relayer/store/audit-log.ts";
import { createColumnCipher, type ColumnCipher } from "../../relayer/store/column-cipher.ts";
import { openDatabase } from "../../relayer/store/database.ts";
import type { Database } from "../../relayer/store/schema.ts";
import type { ImportKind } from "../../relayer/store/tables/records.ts";

export interface ServicesOn {
  readonly db: Kysely<Database>;
  readonly cipher: ColumnCipher;
  readonly imports: Imports;
  readonly register: AuthorisationRegister;
  readonly records: Records;
  /** Moves the clock. */
  at(day: string): void;
  /** Every line logged so far. */
  logged(): string;
  /** Every job asked for so far. */
  readonly jobs: readonly { readonly name: JobName; readonly data: JobData }[];
  /** Submits and runs to the end. */
  importText(
    kind: ImportKind,
    text: string | Uint8Array,
    options?: { skipBadLines?: boolean },
  ): Promise<{ id: string; state: string; report: ImportReport }>;
}

/** On a database that is there already, with the keys that every test has. */
export function recordServicesOn(
  on: { readonly kind?: MemberKind } & ({ readonly db: Kysely<Database> } | { readonly url: string }),
): ServicesOn {
  const db = "db" in on ? on.db : openDatabase(on.url);
  const kind = on.kind ?? "SecuritiesFirm";
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const key = (name: string): Uint8Array => new Uint8Array(createHash("sha256").update(name).digest());
  const cipher = createColumnCipher(
    { encryption: key("encryption").slice(0, 16), authentication: key("authentication"), index: key("index") },
    random,
  );
  let now = new Date("2026-01-15T03:00:00Z");
  const clock = (): Date => now;
  const lines: string[] = [];
  const log = pino(
    { level: "trace" },
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString("utf8"));
        done();
      },
    }),
  );
  const asked: { name: JobName; data: JobData }[] = [];
  const handlers = new Map<JobName, JobHandler>();
  const jobs = {
    enqueue: (name: JobName, data: JobData) => Promise.resolve(void asked.push({ name, data })),
    process: (name: JobName, handler: JobHandler) => void handlers.set(name, handler),
    async sweep(name: JobName, unfinished: () => Promise<readonly string[]>) {
      const ids = await unfinished();
      for (const id of ids) await handlers.get(name)?.({ id }, () => Promise.resolve());
      return ids.length;
    },
  };
  const me: MemberInfo = { id: 1, name: "alpha", kind, status: "Active", endpoint: "" };
  const context = {
    db,
    cipher,
    clock,
    random,
    log,
    jobs,
    chain: { me: () => Promise.resolve(me) },
    audit: createAuditLog(db, clock, random),
  };
  const imports = createImports(context);
  return {
    db,
    cipher,
    imports,
    register: createAuthorisationRegister(context),
    records: createRecords(context),
    at: (day) => {
      now = new Date(`${day}T03:00:00Z`);
    },
    logged: () => lines.join(""),
    jobs: asked,
    async importText(kindOfFile, text, options = {}) {
      const file = typeof text === "string" ? Buffer.from(text, "utf8") : text;
      const id = await imports.submit({ kind: kindOfFile, file, by: "test", ...options });
      await imports.run(id);
      const { state, report } = await imports.find(id);
      if (report === null) throw new Error("the import did not finish");
      return { id, state, report };
    },
  };
}
