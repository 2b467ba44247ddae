/** Risk records as staff see them: listed without identities, withdrawn one by one. */
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { collectPublishable, type Publishable, type PublicationDemand } from "./publishable.ts";
import { dayOf } from "./calendar-date.ts";
import { mask } from "./mask.ts";
import type { RecordStatus } from "./record-status.ts";
import { keepRevisions } from "./record-store.ts";
import { openSubject } from "./subject-store.ts";
import type { WithdrawalReason } from "./withdrawal-reason.ts";

export type RecordsContext = Pick<RelayerContext, "db" | "cipher" | "clock"> & {
  readonly audit: Pick<AuditLog, "append">;
};

export interface RecordView {
  /** What recipients see. */
  readonly id: string;
  /** The firm's own number. */
  readonly recordId: string;
  /** Masked document number; null for roles that have no business with it. */
  readonly subject: string | null;
  readonly class: string;
  readonly status: RecordStatus;
  readonly statusDate: string;
  readonly eventDate: string;
  readonly amountFen: number | null;
  readonly revision: number;
  readonly withdrawnAt: Date | null;
}

export interface RecordFilter {
  /** Record id after which to go on. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly class?: string | undefined;
  readonly status?: RecordStatus | undefined;
}

export interface Records {
  /** In the order of the firm's record ids. */
  list(filter: RecordFilter, masked: boolean): Promise<RecordView[]>;
  /** Ends its publication for good; withdrawing again changes nothing. @throws Fault RECORD_UNKNOWN */
  withdraw(id: string, reason: WithdrawalReason, by: string): Promise<void>;
  collectPublishable(demand: PublicationDemand): Publishable;
}

export function createRecords(context: RecordsContext): Records {
  const { db, cipher, clock, audit } = context;

  async function list(filter: RecordFilter, masked: boolean): Promise<RecordView[]> {
    const { after, limit, status } = filter;
    const recordClass = filter.class;
    const rows = await db
      .selectFrom("records")
      .innerJoin("subjects", "subjects.subject_index", "records.subject_index")
      .selectAll("records")
      .select("subjects.identity")
      .$if(after !== undefined, (query) => query.where("record_id", ">", after ?? ""))
      .$if(recordClass !== undefined, (query) => query.where("class", "=", recordClass ?? ""))
      .$if(status !== undefined, (query) => query.where("status", "=", status ?? "open"))
      .orderBy("record_id")
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      recordId: row.record_id,
      subject: masked ? mask(openSubject(cipher, row)) : null,
      class: row.class,
      status: row.status,
      statusDate: row.status_date,
      eventDate: row.event_date,
      amountFen: row.amount_fen === null ? null : Number(row.amount_fen),
      revision: row.revision,
      withdrawnAt: row.withdrawn_at,
    }));
  }

  async function withdraw(id: string, reason: WithdrawalReason, by: string): Promise<void> {
    await db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom("records")
        .select("withdrawn_at")
        .where("id", "=", id)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) throw new Fault("RECORD_UNKNOWN", { id });
      if (row.withdrawn_at !== null) return;
      const at = clock();
      await keepRevisions(trx, [id], by, at);
      await trx
        .updateTable("records")
        .set(({ eb }) => ({
          status: "withdrawn",
          status_date: dayOf(at),
          withdrawn_at: at,
          withdrawal_reason: reason,
          revision: eb("revision", "+", 1),
          updated_at: at,
        }))
        .where("id", "=", id)
        .execute();
      await audit.append(trx, { actor: by, action: "record.withdraw", subjectId: id });
    });
  }

  return { list, withdraw, collectPublishable: (demand) => collectPublishable(context, demand) };
}
