/** Whose evidence is asked for: one document of one investor of a query, while consent covers it. */
import { Fault } from "../../../protocol/errors/fault.ts";
import type { QueryFacts } from "../../../protocol/evidence/build.ts";
import { parsePurpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { investorsOf, namedOf } from "../query/query-view.ts";
import type { Authorise } from "../query/query-context.ts";
import { openSubject } from "../query/secrets.ts";

export interface EvidenceDependencies extends Pick<RelayerContext, "db" | "chain" | "cipher" | "operator"> {
  readonly authorise: Authorise;
  readonly audit: Pick<AuditLog, "append">;
}

/** Of a query, both counted from 0. */
export interface DocumentPlace {
  readonly query: string;
  readonly investor: number;
  /** Of the investor. */
  readonly document: number;
}

export interface EvidencedDocument {
  /** Among all documents of the query. */
  readonly position: number;
  readonly query: Omit<QueryFacts, "querier" | "requestedAt">;
  readonly askedAt: Date;
}

/** @throws Fault QUERY_UNKNOWN, QUERY_DOCUMENT_UNKNOWN, EVIDENCE_NOT_ASKED, AUTHORISATION_* once consent has ended */
export async function openDocument(
  ctx: EvidenceDependencies,
  { query: id, investor, document }: DocumentPlace,
  of: "detail" | "aggregate",
): Promise<EvidencedDocument> {
  const query = await ctx.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirst();
  const rows = await ctx.db
    .selectFrom("query_subjects")
    .selectAll()
    .where("query_id", "=", id)
    .orderBy("position")
    .execute();
  const documents = investorsOf(rows).get(investor) ?? [];
  const row = documents[document];
  if (query === undefined) throw new Fault("QUERY_UNKNOWN", { query: id });
  if (row === undefined) throw new Fault("QUERY_DOCUMENT_UNKNOWN", { query: id, investor, document });
  if (query.mode !== of && query.mode !== "both") throw new Fault("EVIDENCE_NOT_ASKED", { query: id });
  const { position } = row;
  const purpose = parsePurpose(query.purpose);
  const subject = openSubject(ctx.cipher, id, position, row.subject) as SubjectId;
  const named = namedOf(rows, documents);
  const authorised = openSubject(ctx.cipher, id, named.position, named.subject) as SubjectId;
  await ctx.authorise({ subject: authorised, purpose, id: row.authorisation });
  return { position, query: { id, purpose, subject }, askedAt: query.created_at };
}

/** Whoever takes evidence out is on record. @param caller id of the token it is handed to */
export async function recordExport(ctx: EvidenceDependencies, caller: string, subjectId: string): Promise<void> {
  const entry = { actor: caller, action: "evidence.export", subjectId };
  await ctx.db.transaction().execute((trx) => ctx.audit.append(trx, entry));
}
