/** Calendar dates `YYYY-MM-DD`, which compare as text. The platform's days are days in China (UTC+8, no summer time). */
const CHINA_OFFSET_MS = 8 * 3_600_000;

/** The day that `at` falls on in China. */
export function dayOf(at: Date): string {
  return new Date(at.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 10);
}

/** Whether `text` is `YYYY-MM-DD`, exists in the calendar, and lies in 1900-2199: nothing older or later is business of ours. */
export function isCalendarDate(text: string): boolean {
  const parts = /^((?:19|20|21)\d{2})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The same day `years` later; 29 February becomes 1 March where that year has none. */
export function addYears(date: string, years: number): string {
  const shifted = `${String(Number(date.slice(0, 4)) + years).padStart(4, "0")}${date.slice(4)}`;
  return shifted.endsWith("-02-29") && !isCalendarDate(shifted) ? `${shifted.slice(0, 5)}03-01` : shifted;
}
