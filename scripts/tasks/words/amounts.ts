/** Times, durations, points and parts of the platform, as people write and read them. */
import { decodeBytes32String, encodeBytes32String, formatUnits, parseUnits } from "ethers";

import { Fault } from "../../../protocol/errors/fault.ts";
import { joined, type Text } from "../language.ts";

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const POINT_DECIMALS = 18;

/** The time where the reader is, with its offset: `2026-03-01 16:00 +08:00`. */
export function moment(seconds: number): string {
  const offset = -new Date(seconds * 1000).getTimezoneOffset();
  const local = new Date((seconds + offset * 60) * 1000).toISOString();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${local.slice(0, 10)} ${local.slice(11, 16)} ${offset < 0 ? "-" : "+"}${hours ?? ""}:${minutes ?? ""}`;
}

/** ISO 8601 for programs; null for a time that there is not. */
export function iso(seconds: number | bigint | undefined): string | null {
  return seconds === undefined || Number(seconds) === 0 ? null : new Date(Number(seconds) * 1000).toISOString();
}

export function duration(seconds: number): Text {
  const parts: Text[] = [];
  let rest = seconds;
  for (const [unit, en, zh] of [
    ["d", "day", "天"],
    ["h", "hour", "小时"],
    ["m", "minute", "分钟"],
    ["s", "second", "秒"],
  ] as const) {
    const count = Math.floor(rest / UNITS[unit]);
    rest -= count * UNITS[unit];
    if (count > 0) parts.push({ en: `${count} ${en}${count === 1 ? "" : "s"}`, zh: `${count} ${zh}` });
  }
  return parts.length === 0 ? { en: "0 seconds", zh: "0 秒" } : joined(parts, { en: " ", zh: " " });
}

/** `90s`, `30m`, `4h`, `3d`; plain seconds too. @throws Fault ARGUMENT_INVALID */
export function parseDuration(argument: string, given: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd]?)$/.exec(given) ?? [];
  if (count === undefined) throw invalid(argument, given, "a number with s, m, h or d: 90s, 30m, 4h, 3d");
  return Number(count) * UNITS[(unit || "s") as keyof typeof UNITS];
}

export function points(amount: bigint): string {
  return formatUnits(amount, POINT_DECIMALS).replace(/\.0$/, "");
}

/** @throws Fault ARGUMENT_INVALID */
export function parsePoints(argument: string, given: string): bigint {
  if (!/^\d{1,12}(?:\.\d{1,18})?$/.test(given)) throw invalid(argument, given, "a number of points, such as 1.5");
  return parseUnits(given, POINT_DECIMALS);
}

/** Parts of the platform that a freeze stops, as contracts/types/Scope.sol numbers them. */
const SCOPES: readonly (readonly [string, number, Text])[] = [
  ["membership", 1, { en: "membership", zh: "成员管理" }],
  ["data", 2, { en: "data", zh: "数据" }],
  ["queries", 4, { en: "queries", zh: "查询" }],
  ["rules", 8, { en: "rules", zh: "规则" }],
];
const EVERYTHING = 15;

export function scopeNames(scope: number): string[] {
  return SCOPES.filter(([, bit]) => (scope & bit) !== 0).map(([name]) => name);
}

export function scopeText(scope: number): Text {
  if (scope === EVERYTHING) return { en: "everything", zh: "全部" };
  return joined(SCOPES.filter(([, bit]) => (scope & bit) !== 0).map(([, , text]) => text));
}

/** Names separated by commas, or `everything`. @throws Fault ARGUMENT_INVALID */
export function parseScope(argument: string, given: string): number {
  if (given === "everything") return EVERYTHING;
  return given.split(",").reduce((bits, name) => {
    const found = SCOPES.find(([known]) => known === name.trim());
    if (found === undefined) {
      throw invalid(argument, given, "everything, or some of membership, data, queries, rules separated by commas");
    }
    return bits | found[1];
  }, 0);
}

/** A whole number as contracts take it, below 2^32. @throws Fault ARGUMENT_INVALID */
export function parseCount(argument: string, given: string): number {
  const count = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (!(count < 2 ** 32)) throw invalid(argument, given, "a whole number");
  return count;
}

/** A bytes32 that holds a short text: categories, labels, names of contracts. */
export function label(bytes32: string): string {
  try {
    return decodeBytes32String(bytes32);
  } catch {
    return bytes32;
  }
}

/** @throws Fault ARGUMENT_INVALID */
export function parseLabel(argument: string, given: string): string {
  if (!/^[\x21-\x7e]{1,31}$/.test(given)) throw invalid(argument, given, "1 to 31 visible ASCII characters");
  return encodeBytes32String(given);
}

export function invalid(argument: string, given: string, expected: string): Fault {
  return new Fault("ARGUMENT_INVALID", { argument, given, expected });
}

/** @throws Fault ARGUMENT_MISSING */
export function required(argument: string, given: string | undefined): string {
  if (given === undefined || given === "") throw new Fault("ARGUMENT_MISSING", { argument });
  return given;
}
