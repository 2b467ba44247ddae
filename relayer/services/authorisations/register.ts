/** The authorisation register: entering, reading and withdrawing what investors signed. */
import { sql } from "kysely";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { mask } from "../records/mask.ts";
import { openSubject } from "../records/subject-store.ts";
import type { WithdrawalReason } from "../records/withdrawal-reason.ts";
import { insertAuthorisation, keepAuthorisationRevisions } from "./authorisation-store.ts";
import type { Cohort, Instrument, NoticeMeans, Scope } from "./authorisation.ts";
import type { AuthorisationEntry } from "./entry.ts";
import { requireAuthorisation, type AuthorisationRef, type SubjectDemand } from "./require.ts";
import type { AuthorisationRow } from "./row.ts";

export type RegisterContext = Pick<RelayerContext, "db" | "cipher" | "clock" | "random"> & {
  readonly audit: Pick<AuditLog, "append">;
};

export interface AuthorisationView {
  readonly id: string;
  readonly number: string | null;
  /** Masked document number; null for roles that have no business with it. */
  readonly subject: string | null;
  readonly instrument: Instrument;
  readonly scope: readonly Scope[];
  readonly purposes: readonly Purpose[];
  readonly signedOn: string;
  readonly validUntil: string | null;
  readonly cohort: Cohort;
  readonly noticeDate: string | null;
  readonly noticeMeans: NoticeMeans | null;
  readonly revision: number;
  readonly withdrawnAt: Date | null;
  readonly withdrawalReason: string | null;
  readonly createdAt: Date;
}

export interface AuthorisationRegister {
  /** @returns the new authorisation's id. @throws Fault AUTHORISATION_NUMBER_TAKEN */
  add(entry: AuthorisationEntry, by: string): Promise<string>;
  /** In the order of ids, after `after`; `masked` adds the masked document number. */
  list(
    page: { readonly after?: string | undefined; readonly limit: number },
    masked: boolean,
  ): Promise<AuthorisationView[]>;
  /** @throws Fault AUTHORISATION_UNKNOWN */
  find(id: string, masked: boolean): Promise<AuthorisationView>;
  /** Ends it for good; withdrawing again changes nothing. @throws Fault AUTHORISATION_UNKNOWN */
  withdraw(id: string, reason: WithdrawalReason, by: string): Promise<void>;
  /** @throws Fault AUTHORISATION_*, see require.ts */
  require(demand: SubjectDemand): Promise<AuthorisationRef>;
}

export function createAuthorisationRegister(context: RegisterContext): AuthorisationRegister {
  const { db, cipher, clock, audit } = context;

  async function add(entry: AuthorisationEntry, by: string): Promise<string> {
    return db.transaction().execute(async (trx) => {
      if (entry.number !== null) {
        // Two callers with one number: the second waits here for the first, and then sees its row.
        await sql`select pg_advisory_xact_lock(hashtextextended(${entry.number}, 7205002))`.execute(trx);
        const taken = await trx
          .selectFrom("authorisations")
          .select("id")
          .where("number", "=", entry.number)
          .executeTakeFirst();
        if (taken !== undefined) throw new Fault("AUTHORISATION_NUMBER_TAKEN", { id: taken.id });
      }
      const id = await insertAuthorisation(trx, context, entry, clock());
      await audit.append(trx, { actor: by, action: "authorisation.register", subjectId: id });
      return id;
    });
  }

  async function list(page: { readonly after?: string | undefined; readonly limit: number }, masked: boolean) {
    const rows = await read()
      .$if(page.after !== undefined, (query) => query.where("id", ">", page.after ?? ""))
      .orderBy("id")
      .limit(page.limit)
      .execute();
    return rows.map((row) => view(row, masked));
  }

  async function find(id: string, masked: boolean): Promise<AuthorisationView> {
    const row = await read().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Fault("AUTHORISATION_UNKNOWN", { id });
    return view(row, masked);
  }

  function read() {
    return db
      .selectFrom("authorisations")
      .innerJoin("subjects", "subjects.subject_index", "authorisations.subject_index")
      .selectAll("authorisations")
      .select("subjects.identity");
  }

  function view(row: AuthorisationRow & { readonly identity: Buffer }, masked: boolean): AuthorisationView {
    return {
      id: row.id,
      number: row.number,
      subject: masked ? mask(openSubject(cipher, row)) : null,
      instrument: row.instrument,
      scope: row.scope,
      purposes: row.purposes,
      signedOn: row.signed_on,
      validUntil: row.valid_until,
      cohort: row.cohort,
      noticeDate: row.notice_date,
      noticeMeans: row.notice_means,
      revision: row.revision,
      withdrawnAt: row.withdrawn_at,
      withdrawalReason: row.withdrawal_reason,
      createdAt: row.created_at,
    };
  }

  async function withdraw(id: string, reason: WithdrawalReason, by: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom("authorisations")
        .select("withdrawn_at")
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) throw new Fault("AUTHORISATION_UNKNOWN", { id });
      if (row.withdrawn_at !== null) return;
      const at = clock();
      await keepAuthorisationRevisions(trx, [id], by, at);
      await trx
        .updateTable("authorisations")
        .set(({ eb }) => ({
          withdrawn_at: at,
          withdrawal_reason: reason,
          revision: eb("revision", "+", 1),
          updated_at: at,
        }))
        .where("id", "=", id)
        .execute();
      await audit.append(trx, { actor: by, action: "authorisation.withdraw", subjectId: id });
    });
  }

  return { add, list, find, withdraw, require: (demand) => requireAuthorisation(context, demand) };
}
