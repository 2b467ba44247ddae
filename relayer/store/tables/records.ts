/**
 * Tables of subjects, risk records, authorisations and imports. Whoever a row is about is named by a blind index only;
 * the identity itself is sealed once, in `subjects`. Days are `YYYY-MM-DD` text, which compares as it should.
 */
import type { ColumnType, Generated } from "kysely";

import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { Cohort, Instrument, NoticeMeans, Scope } from "../../services/authorisations/authorisation.ts";
import type { Encoding } from "../../services/import/encoding.ts";
import type { RecordStatus } from "../../services/records/record-status.ts";

export interface RecordTables {
  subjects: SubjectsTable;
  record_classes: RecordClassesTable;
  records: RecordsTable;
  record_revisions: RevisionsTable;
  authorisations: AuthorisationsTable;
  authorisation_revisions: RevisionsTable;
  imports: ImportsTable;
  import_chunks: ImportChunksTable;
}

interface SubjectsTable {
  /** Blind index of the canonical subject id, 32 bytes. */
  subject_index: Buffer;
  /** Canonical subject id, sealed. */
  identity: Buffer;
  created_at: Date;
}

/** The catalogue of record classes: a new class is a new row, not a release. */
interface RecordClassesTable {
  code: string;
  /** "A", "B" or "C", as datasets list them on chain. */
  category: string;
  name_en: string;
  name_zh: string;
  /** Further words by which files call the class. */
  aliases: string[];
}

export interface RecordsTable {
  /** What recipients see: random, tells nothing of the firm's numbering. */
  id: string;
  /** The firm's own number of the record. */
  record_id: string;
  subject_index: Buffer;
  class: string;
  status: RecordStatus;
  status_date: string;
  event_date: string;
  amount_fen: ColumnType<string | null, number | null, number | null>;
  /** Free text, sealed: it may say more than it should. */
  note: Buffer | null;
  /** Keyed digest of the content as imported: equal content is no change. */
  content_digest: Buffer;
  /** Counted from 1; a correction adds one and moves what was to `record_revisions`. */
  revision: Generated<number>;
  import_id: string | null;
  /** Set when staff withdrew the record; later files do not bring it back. */
  withdrawn_at: Date | null;
  withdrawal_reason: string | null;
  created_at: Date;
  updated_at: Date;
}

interface RevisionsTable {
  id: string;
  revision: number;
  /** The row as it was, by PostgreSQL's to_jsonb: what was sealed stays sealed. */
  content: unknown;
  /** Id of the import or label of the token that replaced it. */
  replaced_by: string;
  replaced_at: Date;
}

export interface AuthorisationsTable {
  id: string;
  /** The firm's own number of the authorisation; null if it gave none. */
  number: string | null;
  subject_index: Buffer;
  instrument: Instrument;
  /** saltedDigest("riskveil/document", salt, [SM3 of the document], sm3), 32 bytes. */
  document_digest: Buffer;
  /** Salt of the digest (32 bytes) and consent secret (32 bytes), sealed together. */
  secrets: Buffer;
  scope: Scope[];
  purposes: Purpose[];
  signed_on: string;
  /** Last day on which it holds; null while it is not limited. */
  valid_until: string | null;
  cohort: Cohort;
  notice_date: string | null;
  notice_means: NoticeMeans | null;
  content_digest: Buffer;
  revision: Generated<number>;
  import_id: string | null;
  withdrawn_at: Date | null;
  withdrawal_reason: string | null;
  created_at: Date;
  updated_at: Date;
}

export type ImportKind = "records" | "authorisations";
export type ImportState = "waiting" | "running" | "done" | "refused" | "failed";

export interface ImportsTable {
  id: string;
  kind: ImportKind;
  state: ImportState;
  encoding: Encoding;
  skip_bad_lines: boolean;
  bytes: number;
  /** Keyed digest of the file, 32 bytes. */
  file_digest: Buffer;
  /** 0 to 1. */
  progress: Generated<number>;
  /** ImportReport (services/import/report.ts). */
  report: ColumnType<unknown, string | null, string | null>;
  created_by: string;
  created_at: Date;
  finished_at: Date | null;
}

/** The uploaded file, sealed piece by piece; removed when the import ends. */
interface ImportChunksTable {
  import_id: string;
  sequence: number;
  content: Buffer;
}
