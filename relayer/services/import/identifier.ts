/** The firm's own number of a line: it appears in reports, so it must name nobody. */
import type { Reading } from "./cell.ts";

const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N}\-_./#]{0,63}$/u;

// A resident identity number of 18 or 15 digits, told by the birth date within.
const IDENTITY =
  /[1-9]\d{5}(?:(?:18|19|20)\d{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|(?<!\d)[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)/;

/** `documentNumber` is the text of the line's own document number, "" if there is none. */
export function readIdentifier(text: string, documentNumber: string): Reading<string> {
  if (!PLAIN.test(text)) return { code: "IDENTIFIER_FORMAT" };
  const holds =
    IDENTITY.test(text) || (documentNumber.length >= 6 && text.toUpperCase().includes(documentNumber.toUpperCase()));
  return holds ? { code: "IDENTIFIER_HOLDS_IDENTITY" } : { value: text };
}
