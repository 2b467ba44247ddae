/**
 * Foreign permanent resident's card (外国人永久居留身份证). Since December 2023: 9, province, three digits of nationality
 * (ISO 3166-1 numeric), date of birth, sequence, and the check character of GB 11643. Before: three letters of nationality, four
 * digits of region, six of birth, one of sequence, and an ICAO check digit. The two numbers of one person are two subjects: the new one
 * cannot be computed from the old, so who knows both asks for both.
 */
import { isBirthDate } from "./birth-date.ts";
import { icaoCheck, mod11Check } from "./check-character.ts";
import { isProvince } from "./region.ts";
import type { Scheme } from "./scheme.ts";

const CURRENT = /^9\d{16}[\dX]$/;
const OLD = /^[A-Z]{3}\d{12}$/;

export const foreignerPermit: Scheme = (text, today) => {
  if (CURRENT.test(text)) {
    if (!isProvince(text.slice(1, 3))) return { refusal: "region" };
    if (!isBirthDate(text.slice(6, 14), today)) return { refusal: "birth-date" };
    return mod11Check(text.slice(0, 17)) === text.charAt(17) ? { number: text } : { refusal: "check-digit" };
  }
  if (!OLD.test(text)) return { refusal: "format" };
  if (!isProvince(text.slice(3, 5))) return { refusal: "region" };
  const birth = text.slice(7, 13);
  if (!isBirthDate(`19${birth}`, today) && !isBirthDate(`20${birth}`, today)) return { refusal: "birth-date" };
  return icaoCheck(text.slice(0, 14)) === text.charAt(14) ? { number: text } : { refusal: "check-digit" };
};
