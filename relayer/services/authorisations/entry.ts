/** An authorisation as it is entered, by hand or from a file. */
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { Cohort, Instrument, NoticeMeans, Scope } from "./authorisation.ts";

export interface AuthorisationEntry {
  /** The firm's own number; null if it gives none. */
  readonly number: string | null;
  readonly subject: SubjectId;
  readonly instrument: Instrument;
  /** SM3 of the signed document, 32 bytes; kept only under a salt. */
  readonly documentSm3: Uint8Array;
  readonly scope: readonly Scope[];
  readonly purposes: readonly Purpose[];
  /** Days `YYYY-MM-DD`. */
  readonly signedOn: string;
  readonly validUntil: string | null;
  readonly cohort: Cohort;
  readonly noticeDate: string | null;
  readonly noticeMeans: NoticeMeans | null;
}
