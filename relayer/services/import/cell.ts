/**
 * What a cell of a firm's file says, and how to speak of it without repeating it. A report, a log or an error names a
 * cell by its line, its column and its *value class* ("18 characters, digits"), never by its content.
 */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";

/** A cell was understood, or it was not for a coded reason. `valueClass` may add what is known about why. */
export type Reading<T> = { readonly value: T } | { readonly code: FaultCode; readonly why?: string };

/**
 * The text of a cell as its writer meant it: compatibility forms folded (full-width digits and letters), blanks trimmed,
 * and the two disguises undone that keep a spreadsheet from turning digits into a number: `="0012"` and a leading `'`.
 */
export function cellText(raw: string): string {
  const text = isPlain(raw) ? raw.trim() : raw.normalize("NFKC").replace(INVISIBLE, "").trim();
  const quoted = /^="([^"]*)"$/.exec(text);
  if (quoted?.[1] !== undefined) return quoted[1].trim();
  return text.startsWith("'") ? text.slice(1).trim() : text;
}

/** A text that a spreadsheet would run as a formula when a later export is opened (CWE-1236). */
export function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text);
}

/** Fifteen or more digits in a row (an identity number, a bank card) or a mobile number: nothing to keep in free text. */
export function holdsPersonalNumber(text: string): boolean {
  const joined = text.replace(/(?<=\d)[\s-](?=\d)/g, "");
  return /\d{15}/.test(joined) || /(?<!\d)1[3-9]\d{9}(?!\d)/.test(joined);
}

/** Length and kinds of characters: what may be said about a value that must not be repeated. */
export function valueClass(text: string, why?: string): string {
  if (text === "") return why === undefined ? "empty" : `empty, ${why}`;
  const length = [...text].length;
  const kinds = KINDS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
  return [
    `${String(length)} ${length === 1 ? "character" : "characters"}`,
    kinds.join(" and "),
    ...(why === undefined ? [] : [why]),
  ].join(", ");
}

const KINDS: readonly (readonly [string, RegExp])[] = [
  ["digits", /\p{Nd}/u],
  ["letters", /[A-Za-z]/],
  ["Chinese characters", /\p{Script=Han}/u],
  ["spaces", /\s/u],
  ["other characters", /[^\p{Nd}A-Za-z\p{Script=Han}\s]/u],
];

// Zero-width characters and byte order marks that copying from web pages and documents leaves behind.
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g;

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}
