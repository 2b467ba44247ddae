/** Nothing is shared or asked about a person unless an authorisation on file allows it. */
import type { Kysely } from "kysely";

import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import { dayOf } from "../records/calendar-date.ts";
import { subjectIndex } from "../records/subject-store.ts";
import type { AuthorisationTerms, Scope } from "./authorisation.ts";
import { decideAuthorisation, type AuthorisationDemand, type AuthorisationRefusal } from "./decide.ts";
import { openSecrets, rowTerms, type AuthorisationRow } from "./row.ts";

export interface SubjectDemand {
  readonly subject: SubjectId;
  readonly scope: Scope;
  readonly purposes: readonly Purpose[];
  readonly at: Date;
  /** The governed switch on chain. */
  readonly existingCustomersIncluded: boolean;
  /** A certain authorisation, by its id or the firm's own number; any of the subject's unless given. */
  readonly id?: string | undefined;
}

export interface AuthorisationRef {
  readonly id: string;
  /** Salted SM3 digest of the document, 32 bytes. */
  readonly documentDigest: Uint8Array;
  /** Key of the PRF that salts consent commitments, 32 bytes. It never leaves the relayer. */
  readonly consentSecret: Uint8Array;
}

interface Candidate extends AuthorisationTerms {
  readonly row: AuthorisationRow;
}

/** @throws Fault AUTHORISATION_MISSING, _OTHER_SUBJECT, _SCOPE, _WITHDRAWN, _NOT_YET_SIGNED, _EXPIRED, _NOTICE_MISSING, _PURPOSE, _COHORT_EXCLUDED */
export async function requireAuthorisation(
  { db, cipher }: { readonly db: Kysely<Database>; readonly cipher: ColumnCipher },
  demand: SubjectDemand,
): Promise<AuthorisationRef> {
  const rows = await candidates(db, subjectIndex(cipher, demand.subject), demand.id);
  const terms = { ...demand, day: dayOf(demand.at) };
  const decision = decideAuthorisation<Candidate>(
    rows.map((row) => ({ ...rowTerms(row), row })),
    terms,
  );
  if ("refusal" in decision) throw refusalFault(decision.refusal, decision.nearest, terms);
  const { row } = decision.authorisation;
  return {
    id: row.id,
    documentDigest: new Uint8Array(row.document_digest),
    consentSecret: openSecrets(cipher, row).consentSecret,
  };
}

async function candidates(db: Kysely<Database>, subject: Buffer, id: string | undefined): Promise<AuthorisationRow[]> {
  if (id !== undefined) {
    const named = await db
      .selectFrom("authorisations")
      .selectAll()
      .where(isUuid(id) ? "id" : "number", "=", id)
      .executeTakeFirst();
    if (named === undefined) return [];
    if (!named.subject_index.equals(subject)) throw new Fault("AUTHORISATION_OTHER_SUBJECT", { id: named.id });
    return [named];
  }
  return db
    .selectFrom("authorisations")
    .selectAll()
    .where("subject_index", "=", subject)
    .orderBy("signed_on", "desc")
    .orderBy("id")
    .execute();
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function refusalFault(code: AuthorisationRefusal, nearest: Candidate | undefined, demand: AuthorisationDemand): Fault {
  return new Fault(code, {
    scope: demand.scope,
    purposes: demand.purposes.join(", "),
    ...(nearest === undefined ? {} : { id: nearest.row.id, signedOn: nearest.signedOn }),
    ...(nearest === undefined || nearest.validUntil === null ? {} : { validUntil: nearest.validUntil }),
  });
}
