import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { cellText } from "../../../../relayer/services/import/cell.ts";
import { parseDate } from "../../../../relayer/services/import/date.ts";

const read = (cell: string): string => {
  const reading = parseDate(cellText(cell));
  return "value" in reading ? reading.value : reading.code;
};

describe("parseDate", () => {
  for (const cell of [
    "2024-03-05",
    "2024-3-5",
    "2024/3/5",
    "2024/03/05",
    "2024.3.5",
    "20240305",
    "2024年3月5日",
    "2024 年 03 月 05 日",
    "2024年3月5",
    "２０２４年３月５日",
    "２０２４－０３－０５",
    "2024-03-05 00:00:00",
    "2024/3/5 0:00",
    "2024-03-05T00:00:00.000",
    " 2024-03-05\u200b",
    "'2024-03-05",
  ]) {
    it(`reads ${cell}`, () => {
      expect(read(cell)).to.equal("2024-03-05");
    });
  }

  const refused: Readonly<Record<string, string>> = {
    "03/04/2024": "DATE_AMBIGUOUS",
    "25/12/2024": "DATE_AMBIGUOUS",
    "3-4-24": "DATE_AMBIGUOUS",
    "45356": "DATE_SPREADSHEET_SERIAL",
    "45356.5": "DATE_SPREADSHEET_SERIAL",
    "2024-02-30": "DATE_IMPOSSIBLE",
    "20230229": "DATE_IMPOSSIBLE",
    "2024-13-01": "DATE_IMPOSSIBLE",
    "2024年0月5日": "DATE_IMPOSSIBLE",
    "1024-01-01": "DATE_IMPOSSIBLE",
    "2024-03/05": "DATE_UNREADABLE",
    "2024-03": "DATE_UNREADABLE",
    "2024-03-05 13:45": "DATE_UNREADABLE",
    二〇二四年三月五日: "DATE_UNREADABLE",
    yesterday: "DATE_UNREADABLE",
    "=TODAY()": "DATE_UNREADABLE",
  };
  for (const [cell, code] of Object.entries(refused)) {
    it(`refuses ${cell}: ${code}`, () => {
      expect(read(cell)).to.equal(code);
    });
  }

  it("reads back every day however it was written", () => {
    const days = fc.date({
      min: new Date("1900-01-01T00:00:00Z"),
      max: new Date("2199-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 4 }), (date, style) => {
        const day = date.toISOString().slice(0, 10);
        const [y = "", m = "", d = ""] = day.split("-");
        const written = [
          day,
          y + m + d,
          `${y}/${String(Number(m))}/${String(Number(d))}`,
          `${y}年${String(Number(m))}月${d}日`,
          `${y}.${m}.${d}`,
        ];
        expect(read(written[style] ?? "")).to.equal(day);
      }),
    );
  });

  it("gives a day of the calendar or a code for any text, and never throws", () => {
    const texts = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: fc.constantFrom(..."0123456789-/.年月日 T:") }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = read(text);
        if (!result.startsWith("DATE_"))
          expect(new Date(`${result}T00:00:00Z`).toISOString().slice(0, 10)).to.equal(result);
      }),
    );
  });
});
