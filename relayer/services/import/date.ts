/** Calendar dates as people write them, to `YYYY-MM-DD`. */
import { isCalendarDate } from "../records/calendar-date.ts";
import type { Reading } from "./cell.ts";

const YEAR_FIRST = /^(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?)$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
// What spreadsheets and databases append to a date that has no time.
const MIDNIGHT = /(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)$/;

/**
 * Accepts `2024-03-05`, `2024/3/5`, `2024.3.5`, `20240305`, `2024年3月5日`; `text` is a `cellText`. A bare number of a
 * spreadsheet (days since 1900 or 1904, nobody can tell) and a date with the year last (day or month first?) are refused.
 */
export function parseDate(text: string): Reading<string> {
  const bare = text.replace(MIDNIGHT, "").replace(/\s*([年月日])\s*/g, "$1");
  const compact = COMPACT.exec(bare);
  if (compact) return calendarDate(compact[1], compact[2], compact[3]);
  const parts = YEAR_FIRST.exec(bare);
  if (parts) return calendarDate(parts[1], parts[3] ?? parts[5], parts[4] ?? parts[6]);
  if (/^\d{5}(?:\.\d+)?$/.test(bare)) return { code: "DATE_SPREADSHEET_SERIAL" };
  if (/^\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{2})$/.test(bare)) return { code: "DATE_AMBIGUOUS" };
  return { code: "DATE_UNREADABLE" };
}

function calendarDate(year = "", month = "", day = ""): Reading<string> {
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isCalendarDate(date) ? { value: date } : { code: "DATE_IMPOSSIBLE" };
}
