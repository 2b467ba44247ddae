/**
 * Citizen number (公民身份号码), GB 11643-1999: six digits of region, date of birth, three of sequence, check character.
 * Also on residence permits of Hong Kong, Macao and Taiwan residents (regions 810000, 820000, 830000).
 */
import { isBirthDate } from "./birth-date.ts";
import { mod11Check } from "./check-character.ts";
import { isProvince } from "./region.ts";
import type { Scheme } from "./scheme.ts";

const CURRENT = /^\d{17}[\dX]$/;
/** GB 11643-1989, issued until 1999: two digits of the year, no check character. */
const OLD = /^\d{15}$/;
/** Sequence numbers that GB 11643-1989 kept for those over a hundred years old, so born in the 1800s. */
const CENTENARIAN_FROM = 996;

export const residentId: Scheme = (text, today) => {
  if (OLD.test(text)) return residentId(upgrade(text), today);
  if (!CURRENT.test(text)) return { refusal: "format" };
  if (!isProvince(text.slice(0, 2))) return { refusal: "region" };
  if (!isBirthDate(text.slice(6, 14), today)) return { refusal: "birth-date" };
  if (mod11Check(text.slice(0, 17)) !== text.charAt(17)) return { refusal: "check-digit" };
  return { number: text };
};

/** The number its holder has had since 1999: the century inserted, the check character appended. */
function upgrade(old: string): string {
  const century = Number(old.slice(12)) >= CENTENARIAN_FROM ? "18" : "19";
  const digits = old.slice(0, 6) + century + old.slice(6);
  return digits + mod11Check(digits);
}
