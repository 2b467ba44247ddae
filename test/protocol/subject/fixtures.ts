import { expect } from "chai";
import fc from "fast-check";

import { isFault } from "../../../protocol/errors/fault.ts";
import { mod11Check, mod31Check, SOCIAL_CREDIT_ALPHABET } from "../../../protocol/subject/check-character.ts";
import type { Refusal } from "../../../protocol/subject/scheme.ts";
import { parseSubject, type SubjectScheme } from "../../../protocol/subject/subject.ts";

export const TODAY = new Date("2026-03-01T04:00:00Z");

export function parse(scheme: SubjectScheme, number: string, asOf: Date = TODAY): string {
  return parseSubject({ scheme, number }, { asOf });
}

export function expectNumber(scheme: SubjectScheme, written: string, canonical: string = written): void {
  expect(parse(scheme, written)).to.equal(`${scheme}:${canonical}`);
}

/** The reason of the refusal; undefined if the number is accepted. */
export function refusalOf(scheme: SubjectScheme, number: string, asOf: Date = TODAY): string | undefined {
  try {
    parse(scheme, number, asOf);
    return undefined;
  } catch (error) {
    if (!isFault(error, "SUBJECT_NUMBER_INVALID")) throw error;
    expect(error.values["scheme"]).to.equal(scheme);
    return String(error.values["reason"]);
  }
}

export function expectRefused(scheme: SubjectScheme, number: string, reason: Refusal): void {
  expect(refusalOf(scheme, number), `reason for a ${scheme}`).to.equal(reason);
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${String(length)}}$`));

export const birthDates = fc
  .date({ min: new Date("1900-01-01T00:00:00Z"), max: new Date("2025-12-31T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10).replaceAll("-", ""));

export const residentIds = fc
  .tuple(fc.constantFrom("11", "31", "44", "65", "81", "83"), digits(4), birthDates, digits(3))
  .map((parts) => parts.join(""))
  .map((body) => body + mod11Check(body));

const socialCreditCharacters = fc.constantFrom(...Array.from(SOCIAL_CREDIT_ALPHABET));

export const socialCreditCodes = fc
  .tuple(
    fc.string({ unit: socialCreditCharacters, minLength: 2, maxLength: 2 }),
    digits(6),
    fc.string({ unit: socialCreditCharacters, minLength: 9, maxLength: 9 }),
  )
  .map((parts) => parts.join(""))
  .map((body) => body + mod31Check(body));

export function replaceAt(text: string, index: number, character: string): string {
  return text.slice(0, index) + character + text.slice(index + 1);
}

export function swapAt(text: string, index: number): string {
  return text.slice(0, index) + text.charAt(index + 1) + text.charAt(index) + text.slice(index + 2);
}
