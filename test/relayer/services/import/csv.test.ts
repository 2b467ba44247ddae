import { expect } from "chai";
import iconv from "iconv-lite";
import { describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { readCsv, type CsvLine } from "../../../../relayer/services/import/csv.ts";
import type { Encoding } from "../../../../relayer/services/import/encoding.ts";

async function* pieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield await Promise.resolve(file.subarray(at, at + size));
}

async function lines(text: string | Uint8Array, encoding: Encoding = "utf-8", size = 7): Promise<CsvLine[] | string> {
  try {
    const file = typeof text === "string" ? Buffer.from(text) : text;
    return await Array.fromAsync((await readCsv(pieces(file, size), encoding)).lines);
  } catch (error) {
    if (isFault(error)) return `${error.code} ${String(error.values["line"] ?? "")}`.trim();
    throw error;
  }
}

describe("readCsv", () => {
  it("numbers lines as an editor does, over blank lines and cells of several lines", async () => {
    expect(await lines('a,b\r\n1,"x\ny"\r\n\r\n,\r\n2,3\r\n')).to.deep.equal([
      { number: 1, cells: ["a", "b"] },
      { number: 2, cells: ["1", "x\ny"] },
      { number: 6, cells: ["2", "3"] },
    ]);
  });

  it("reads LF, CRLF and CR, with and without a last line end, quotes doubled", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const read = (await lines(`a;b${end}"1 ""x""";2`)) as CsvLine[];
      expect(read.map((line) => line.cells)).to.deep.equal([
        ["a", "b"],
        ['1 "x"', "2"],
      ]);
    }
  });

  it("drops a byte order mark and keeps characters that are cut by the end of a piece", async () => {
    const text = "姓名,金额\n张𠮷,１２\n";
    for (const size of [1, 2, 3, 5]) {
      const expected = [
        ["姓名", "金额"],
        ["张𠮷", "１２"],
      ];
      const utf8 = (await lines(iconv.encode(text, "utf8", { addBOM: true }), "utf-8", size)) as CsvLine[];
      expect(utf8.map((line) => line.cells)).to.deep.equal(expected);
      const gb = (await lines(iconv.encode(text, "gb18030"), "gb18030", size)) as CsvLine[];
      expect(gb.map((line) => line.cells)).to.deep.equal(expected);
    }
  });

  it("gives lines of other widths as they are, for the report", async () => {
    const read = (await lines("a,b\n1\n1,2,3\n")) as CsvLine[];
    expect(read.map((line) => line.cells.length)).to.deep.equal([2, 1, 3]);
  });

  it("refuses broken quotation marks, endless lines, emptiness and bytes of no character", async () => {
    expect(await lines('a,b\n"x"y,2\n')).to.equal("IMPORT_QUOTES 2");
    expect(await lines('a,b\n1,"open')).to.match(/^IMPORT_QUOTES/);
    expect(await lines(`a,b\n1,"${"x\n".repeat(40_000)}`, "utf-8", 4_096)).to.match(/^IMPORT_LINE_TOO_LONG/);
    expect(await lines("\n \n")).to.equal("IMPORT_EMPTY");
    expect(await lines(Buffer.from([0x61, 0x0a, 0xff, 0xff, 0x0a]), "gb18030")).to.equal("IMPORT_ENCODING");
  });

  it("says nothing of the line it stumbled over", async () => {
    const secret = "119999199003070013";
    try {
      await Array.fromAsync((await readCsv(pieces(Buffer.from(`a,b\n"${secret}"x,2\n`), 5), "utf-8")).lines);
      expect.fail("accepted");
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).to.not.include(secret);
      expect((error as Error).cause).to.equal(undefined);
    }
  });
});
