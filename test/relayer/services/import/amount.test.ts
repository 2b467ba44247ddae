import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { parseAmount, type AmountUnit } from "../../../../relayer/services/import/amount.ts";
import { cellText } from "../../../../relayer/services/import/cell.ts";

const fen = (cell: string, unit?: AmountUnit): unknown => {
  const reading = parseAmount(cellText(cell), unit);
  return "value" in reading ? reading.value : reading.code;
};

describe("parseAmount", () => {
  const accepted: readonly (readonly [string, number, AmountUnit?])[] = [
    ["0", 0],
    ["1234", 123_400],
    ["1234.5", 123_450],
    ["1,234.50", 123_450],
    ["1，234.50", 123_450],
    ["¥1234.5", 123_450],
    ["￥ 1,234.50", 123_450],
    ["RMB 12", 1_200],
    ["人民币12元整", 1_200],
    ["12.00元", 1_200],
    ["１２３４．５０", 123_450],
    ["12万", 12_000_000],
    ["12万元", 12_000_000],
    ["1.2亿", 12_000_000_000],
    ["1.2 亿元", 12_000_000_000],
    ["1.23456万", 1_234_560],
    ["300万", 300_000_000],
    ["3百万", 300_000_000],
    ["12.5", 12_500_000, "wan"],
    ["12.5万元", 12_500_000, "wan"],
    ["12.50元", 1_250, "yuan"],
    ["0.000001", 1, "wan"],
    ["0.010000000", 10_000, "wan"],
    ["00012", 1_200],
    ["'1234", 123_400],
    ['="1234"', 123_400],
  ];
  for (const [cell, expected, unit] of accepted) {
    it(`reads ${cell}${unit === undefined ? "" : ` under ${unit}`} as ${String(expected)} fen`, () => {
      expect(fen(cell, unit)).to.equal(expected);
    });
  }

  const refused: readonly (readonly [string, string, AmountUnit?])[] = [
    ["-1", "AMOUNT_NEGATIVE"],
    ["−1", "AMOUNT_NEGATIVE"],
    ["-¥1", "AMOUNT_NEGATIVE"],
    ["¥-1", "AMOUNT_NEGATIVE"],
    ["(1,234.00)", "AMOUNT_NEGATIVE"],
    ["（1,234.00）", "AMOUNT_NEGATIVE"],
    ["12-", "AMOUNT_NEGATIVE"],
    ["负12万", "AMOUNT_NEGATIVE"],
    ["1.234", "AMOUNT_TOO_PRECISE"],
    ["1.500", "AMOUNT_TOO_PRECISE"],
    ["1.2345678万", "AMOUNT_TOO_PRECISE"],
    ["1.2345678", "AMOUNT_TOO_PRECISE", "wan"],
    ["12,34", "AMOUNT_UNREADABLE"],
    ["1,23", "AMOUNT_UNREADABLE"],
    ["1.234,50", "AMOUNT_UNREADABLE"],
    ["1 234", "AMOUNT_UNREADABLE"],
    ["12%", "AMOUNT_UNREADABLE"],
    [".5", "AMOUNT_UNREADABLE"],
    ["5.", "AMOUNT_UNREADABLE"],
    ["十二万", "AMOUNT_UNREADABLE"],
    ["12万万", "AMOUNT_UNREADABLE"],
    ["万", "AMOUNT_UNREADABLE"],
    ["NaN", "AMOUNT_UNREADABLE"],
    ["Infinity", "AMOUNT_UNREADABLE"],
    ["0x10", "AMOUNT_UNREADABLE"],
    ["=1+1", "AMOUNT_UNREADABLE"],
    ["$12", "AMOUNT_UNREADABLE"],
    ["1.2E+05", "AMOUNT_SCIENTIFIC"],
    ["1e5", "AMOUNT_SCIENTIFIC"],
    ["100000000000000", "AMOUNT_TOO_LARGE"],
    ["9".repeat(400), "AMOUNT_TOO_LARGE"],
    ["12万", "AMOUNT_UNIT_CONFLICT", "yuan"],
    ["12元", "AMOUNT_UNIT_CONFLICT", "wan"],
    ["1亿", "AMOUNT_UNIT_CONFLICT", "wan"],
  ];
  for (const [cell, code, unit] of refused) {
    it(`refuses ${cell.slice(0, 20)}${unit === undefined ? "" : ` under ${unit}`}: ${code}`, () => {
      expect(fen(cell, unit)).to.equal(code);
    });
  }

  const amounts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const decimal = (value: number, places: number): string => {
    const digits = String(value).padStart(places + 1, "0");
    return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  };

  it("reads back every amount however it was written", () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 4 }), (value, style) => {
        const plain = decimal(value, 2);
        const [whole = "", fraction = ""] = plain.split(".");
        const grouped = `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
        const styles = [plain, grouped, `¥${grouped}`, `${decimal(value, 6)}万元`, `${decimal(value, 10)}亿`];
        expect(fen(styles[style] ?? "")).to.equal(value);
        expect(fen(decimal(value, 6), "wan")).to.equal(value);
      }),
    );
  });

  it("gives a safe integer or a code for any text, and never throws", () => {
    const texts = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: fc.constantFrom(..."0123456789,.¥￥元万亿千百整-()（） eE+") }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const reading = parseAmount(cellText(text));
        if ("value" in reading) expect(Number.isSafeInteger(reading.value) && reading.value >= 0).to.equal(true);
        else expect(reading.code).to.match(/^AMOUNT_/);
      }),
    );
  });
});
