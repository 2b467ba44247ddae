/** An authorisation as it is stored, and its two secrets. */
import type { Selectable } from "kysely";

import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES } from "../../../protocol/encoding/digest.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { AuthorisationsTable } from "../../store/tables/records.ts";
import type { AuthorisationTerms } from "./authorisation.ts";

export type AuthorisationRow = Selectable<AuthorisationsTable>;

export interface AuthorisationSecrets {
  /** Salt of the document's digest, 32 bytes. */
  readonly documentSalt: Uint8Array;
  /** Key of the PRF that salts consent commitments, 32 bytes. */
  readonly consentSecret: Uint8Array;
}

export function sealSecrets(cipher: ColumnCipher, id: string, secrets: AuthorisationSecrets): Buffer {
  return Buffer.from(cipher.seal(concatBytes(secrets.documentSalt, secrets.consentSecret), context(id)));
}

/** @throws Fault COLUMN_NOT_AUTHENTIC */
export function openSecrets(cipher: ColumnCipher, row: Pick<AuthorisationRow, "id" | "secrets">): AuthorisationSecrets {
  const bytes = cipher.open(row.secrets, context(row.id));
  return { documentSalt: bytes.slice(0, SALT_BYTES), consentSecret: bytes.slice(SALT_BYTES, 2 * SALT_BYTES) };
}

export function rowTerms(row: AuthorisationRow): AuthorisationTerms {
  return {
    scope: row.scope,
    purposes: row.purposes,
    signedOn: row.signed_on,
    validUntil: row.valid_until,
    cohort: row.cohort,
    noticeDate: row.notice_date,
    withdrawn: row.withdrawn_at !== null,
  };
}

function context(id: string): string {
  return `authorisations.secrets.${id}`;
}
