/**
 * Whom a record or a query is about: a kind of document and its number, in one canonical text `scheme:NUMBER`. Everything that
 * must agree between members (tags, sums) is computed from that text, so two ways of writing one number must not be
 * two subjects, and a number that cannot exist must not be one at all.
 */
import { utf8 } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { chinaDate } from "./birth-date.ts";
import { foreignerPermit } from "./foreigner-permit.ts";
import { normaliseNumber } from "./normalise.ts";
import { residentId } from "./resident-id.ts";
import type { Scheme } from "./scheme.ts";
import { socialCreditCode } from "./social-credit-code.ts";
import { hkMacaoPermit, passport, taiwanPermit } from "./travel-documents.ts";

declare const kind: unique symbol;

/** Canonical `scheme:NUMBER`. Personal data: never logged, never in an error. */
export type SubjectId = string & { readonly [kind]: "subject" };

const schemes = {
  "cn-resident-id": residentId,
  "cn-uscc": socialCreditCode,
  "cn-passport": passport,
  "hk-macao-permit": hkMacaoPermit,
  "taiwan-permit": taiwanPermit,
  "foreigner-permit": foreignerPermit,
} as const satisfies Record<string, Scheme>;

export type SubjectScheme = keyof typeof schemes;

export const SUBJECT_SCHEMES = Object.keys(schemes) as readonly SubjectScheme[];

/** Longest text that is looked at: the longest number with a separator after every character. */
const MAX_WRITTEN_LENGTH = 64;

export function isSubjectScheme(text: string): text is SubjectScheme {
  return Object.hasOwn(schemes, text);
}

/**
 * Normalises and checks a number as written on a form. `asOf` is today: nobody is born after it.
 * @throws Fault SUBJECT_SCHEME_UNKNOWN, SUBJECT_NUMBER_INVALID { scheme, reason }; neither holds what was written.
 */
export function parseSubject(
  written: { readonly scheme: string; readonly number: string },
  { asOf }: { readonly asOf: Date },
): SubjectId {
  const { scheme } = written;
  // What was written is not echoed: with columns exchanged it is the number.
  if (!isSubjectScheme(scheme)) throw new Fault("SUBJECT_SCHEME_UNKNOWN", { known: SUBJECT_SCHEMES.join(", ") });
  if (written.number.length > MAX_WRITTEN_LENGTH)
    throw new Fault("SUBJECT_NUMBER_INVALID", { scheme, reason: "format" });
  const { number, refusal } = schemes[scheme](normaliseNumber(written.number), chinaDate(asOf));
  if (number === undefined) throw new Fault("SUBJECT_NUMBER_INVALID", { scheme, reason: refusal });
  return `${scheme}:${number}` as SubjectId;
}

/** The OPRF input of a subject: the UTF-8 bytes of its canonical form. */
export function subjectInput(subject: SubjectId): Uint8Array {
  return utf8(subject);
}
