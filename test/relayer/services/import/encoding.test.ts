import { expect } from "chai";
import iconv from "iconv-lite";
import { describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { detectDelimiter, detectEncoding, type Encoding } from "../../../../relayer/services/import/encoding.ts";

const text = "记录编号,证件类型\r\nR1,居民身份证\r\n";

function detected(file: Uint8Array, named?: Encoding): string {
  try {
    return detectEncoding(file, named);
  } catch (error) {
    if (isFault(error)) return `${error.code} ${String(error.values["kind"] ?? error.values["encoding"] ?? "")}`.trim();
    throw error;
  }
}

describe("detectEncoding", () => {
  it("tells UTF-8 from GB18030", () => {
    expect(detected(Buffer.from(text))).to.equal("utf-8");
    expect(detected(iconv.encode(text, "utf8", { addBOM: true }))).to.equal("utf-8");
    expect(detected(iconv.encode(text, "gb18030"))).to.equal("gb18030");
    expect(detected(Buffer.from("a,b\n1,2"))).to.equal("utf-8");
  });

  it("takes an encoding that was named, and holds the file to it", () => {
    expect(detected(Buffer.from("a,b"), "gb18030")).to.equal("gb18030");
    expect(detected(iconv.encode(text, "gb18030"), "utf-8")).to.equal("IMPORT_ENCODING utf-8");
  });

  it("refuses what is no text, by name", () => {
    expect(detected(Buffer.alloc(0))).to.equal("IMPORT_EMPTY");
    expect(detected(Buffer.from("PK\x03\x04rest", "latin1"))).to.equal("IMPORT_NOT_TEXT XLSX");
    expect(detected(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1]))).to.equal("IMPORT_NOT_TEXT XLS");
    expect(detected(iconv.encode(text, "utf16", { addBOM: true }))).to.equal("IMPORT_NOT_TEXT UTF-16");
    expect(detected(Buffer.from("%PDF-1.7"))).to.equal("IMPORT_NOT_TEXT PDF");
    expect(detected(Buffer.from("a,b\0c"))).to.equal("IMPORT_NOT_TEXT binary data");
  });
});

describe("detectDelimiter", () => {
  it("takes what the header has most of, outside quotation marks", () => {
    expect(detectDelimiter("a,b,c")).to.equal(",");
    expect(detectDelimiter("a\tb\tc,d")).to.equal("\t");
    expect(detectDelimiter('"a,b,c,d";e;f')).to.equal(";");
    expect(detectDelimiter("alone")).to.equal(",");
  });
});
