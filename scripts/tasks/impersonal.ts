/** Texts that go on chain for good must not hold a person's number. */
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { normaliseNumber } from "../../protocol/subject/normalise.ts";
import { parseSubject, type SubjectScheme } from "../../protocol/subject/subject.ts";

/** Kinds whose numbers have a form of their own. A Taiwan permit's eight digits are also a date, a firm's code is public. */
const SCHEMES: readonly SubjectScheme[] = ["cn-resident-id", "cn-passport", "hk-macao-permit", "foreigner-permit"];
/** Runs of letters and digits, with what people put between digits. */
const CANDIDATE = /[\p{L}\p{N}][\p{L}\p{N} \u3000\t.\-‐-―]{6,40}[\p{L}\p{N}]/gu;
/** As long as a resident identity number, mistyped or not. */
const LONG_NUMBER = /(?<!\d)(?:\d{17}[\dX]|\d{15})(?!\d)/;

/** @throws Fault NOTE_PERSONAL, which does not say what was found */
export function requireImpersonal(text: string, asOf: Date = new Date()): void {
  // Addresses and digests have runs of digits of any length.
  const found = [...text.replace(/0x[0-9a-fA-F]+/g, "0x").matchAll(CANDIDATE)].some(([run]) => {
    if (LONG_NUMBER.test(normaliseNumber(run))) return true;
    return run
      .split(/[^A-Za-z0-9\uff01-\uff5e]+/)
      .some((word) => SCHEMES.some((scheme) => isNumber(scheme, word, asOf)));
  });
  if (found) throw new Fault("NOTE_PERSONAL");
}

function isNumber(scheme: SubjectScheme, number: string, asOf: Date): boolean {
  try {
    parseSubject({ scheme, number }, { asOf });
    return true;
  } catch (error) {
    if (isFault(error, "SUBJECT_NUMBER_INVALID")) return false;
    throw error;
  }
}
