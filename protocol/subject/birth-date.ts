const EARLIEST = "18500101";
const CHINA_OFFSET_MS = 8 * 3600 * 1000;

/** The date in China at an instant, as YYYYMMDD: birth dates are dates there. */
export function chinaDate(instant: Date): string {
  return new Date(instant.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 10).replaceAll("-", "");
}

/** True for a day of the calendar from 1850 to `today`; both as YYYYMMDD. */
export function isBirthDate(date: string, today: string): boolean {
  if (date < EARLIEST || date > today) return false;
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(4, 6)), Number(date.slice(6, 8))];
  const parsed = new Date(Date.UTC(year, month - 1, day));
  return parsed.getUTCMonth() === month - 1 && parsed.getUTCDate() === day;
}
