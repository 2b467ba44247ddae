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

/** The same day `months` later; where that month has no such day, the first of the next: a term is never cut short. */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const shifted = day <= last ? new Date(Date.UTC(year, month - 1 + months, day)) : Date.UTC(year, month + months, 1);
  return new Date(shifted).toISOString().slice(0, 10);
}
