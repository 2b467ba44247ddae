/** Amounts of money as people write them, to whole fen (分). */
import type { Reading } from "./cell.ts";

/** Unit that a column's header states: 金额(万元) or 金额(元); undefined if it states none, which means yuan. */
export type AmountUnit = "yuan" | "wan";

// Powers of ten from the unit to the fen.
const SHIFT: Readonly<Record<string, number>> = { 元: 2, 圆: 2, 千: 5, 万: 6, 百万: 8, 千万: 9, 亿: 10, 万亿: 14 };

const CURRENCY = /^(?:¥|RMB|CNY|人民币)\s*/i;
const NUMBER = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/;
const UNIT = /\s*(万亿|千万|百万|亿|万|千)?(元|圆)?整?$/;

/**
 * Accepts `1234.5`, `1,234.50`, `¥1234.5`, `12万`, `1.2亿元`; `text` is a `cellText`. More than two decimals of a yuan are
 * refused and not rounded; so is `1.500`, which may be a continental fifteen hundred.
 * @returns fen, at most Number.MAX_SAFE_INTEGER.
 */
export function parseAmount(text: string, headerUnit?: AmountUnit): Reading<number> {
  if (isNegative(text)) return { code: "AMOUNT_NEGATIVE" };
  const bare = text.replace(CURRENCY, "");
  const unit = UNIT.exec(bare);
  const number = (unit === null ? bare : bare.slice(0, unit.index)).trim();
  if (/^\d+(?:\.\d+)?e[+-]?\d+$/i.test(number)) return { code: "AMOUNT_SCIENTIFIC" };
  const digits = NUMBER.exec(number);
  if (digits?.[1] === undefined) return { code: "AMOUNT_UNREADABLE" };
  const cellUnit = unit?.[1] ?? unit?.[2];
  if (headerUnit !== undefined && cellUnit !== undefined && SHIFT[cellUnit] !== HEADER_SHIFT[headerUnit]) {
    return { code: "AMOUNT_UNIT_CONFLICT" };
  }
  const shift = (cellUnit === undefined ? undefined : SHIFT[cellUnit]) ?? HEADER_SHIFT[headerUnit ?? "yuan"];
  return scale(digits[1].replaceAll(",", ""), digits[2] ?? "", shift);
}

const HEADER_SHIFT: Readonly<Record<AmountUnit, number>> = { yuan: 2, wan: 6 };

function isNegative(text: string): boolean {
  return (
    /^(?:¥|RMB|CNY|人民币)?\s*[-−–△▲负]/i.test(text) || /^(?:¥|RMB|CNY)?\s*\(.*\)$/i.test(text) || /\d-$/.test(text)
  );
}

function scale(whole: string, fraction: string, shift: number): Reading<number> {
  const decimals = shift === 2 ? fraction : fraction.replace(/0+$/, "");
  if (decimals.length > shift) return { code: "AMOUNT_TOO_PRECISE" };
  const digits = (whole + decimals.padEnd(shift, "0")).replace(/^0+(?=\d)/, "");
  const fen = digits.length > 16 ? Number.POSITIVE_INFINITY : Number(digits);
  return fen > Number.MAX_SAFE_INTEGER ? { code: "AMOUNT_TOO_LARGE" } : { value: fen };
}
