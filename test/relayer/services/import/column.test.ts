import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault, type Fault } from "../../../../protocol/errors/fault.ts";
import { authorisationColumns } from "../../../../relayer/services/import/authorisation-line.ts";
import { readHeader } from "../../../../relayer/services/import/column.ts";
import { recordColumns } from "../../../../relayer/services/import/record-line.ts";

const CHINESE = "记录编号,证件类型,证件号码,数据类别,事件日期,涉及金额（万元）,状态,状态日期,备注".split(",");

function fault(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (isFault(error)) return error;
  }
  throw new Error("no fault");
}

describe("readHeader", () => {
  it("knows the columns in Chinese, in English and mixed, in any order, however decorated", () => {
    expect(readHeader(CHINESE, recordColumns).positions.get("document_number")).to.equal(2);
    const english = [
      "Status Date",
      " STATUS",
      "Amount_CNY",
      "Event-Date",
      "Class",
      "Document Number",
      "ID type",
      "*Record ID:",
    ];
    const layout = readHeader(english, recordColumns);
    expect([...layout.positions.keys()].sort()).to.deep.equal(
      [
        "amount",
        "class",
        "document_number",
        "document_type",
        "event_date",
        "record_id",
        "status",
        "status_date",
      ].sort(),
    );
    expect(
      readHeader(
        ["授权编号", "document_type", "证件号", "文件类型", "SM3摘要", "范围", "用途", "签订日期", "客户类别"],
        authorisationColumns,
      ).width,
    ).to.equal(9);
  });

  it("takes the amount's unit from the header", () => {
    const unit = (title: string): unknown =>
      readHeader(
        CHINESE.map((cell, i) => (i === 5 ? title : cell)),
        recordColumns,
      ).amountUnit;
    expect(unit("涉及金额（万元）")).to.equal("wan");
    expect(unit("涉及金额(单位：万元)")).to.equal("wan");
    expect(unit("金额万元")).to.equal("wan");
    expect(unit("金额[元]")).to.equal("yuan");
    expect(unit("amount (CNY)")).to.equal("yuan");
    expect(unit("金额")).to.equal(undefined);
  });

  it("drops names, telephones and the like, and says so", () => {
    const layout = readHeader([...CHINESE, "客户姓名", "手机号码", "住址", "E-mail", "客户经理评语"], recordColumns);
    expect(layout.dropped).to.deep.equal(["客户姓名", "手机号码", "住址", "E-mail"]);
    expect(layout.ignored).to.deep.equal(["客户经理评语"]);
  });

  it("names what lacks, and repeats nothing of a file without a header", () => {
    const error = fault(() =>
      readHeader(["R1", "居民身份证", "119999199003070013", "B1", "2024-01-01"], recordColumns),
    );
    expect(error.code).to.equal("IMPORT_HEADER_MISSING");
    expect(error.values["columns"]).to.include("证件号码 (document_number)");
    expect(JSON.stringify(error)).to.not.include("119999199003070013");
    expect(error.message).to.not.include("119999199003070013");
  });

  it("does not repeat a header that looks like a value", () => {
    const layout = readHeader([...CHINESE, "119999199003070013", "=1+1", ""], recordColumns);
    expect(layout.ignored).to.deep.equal(["column 10", "column 11", "column 12"]);
  });

  it("refuses two columns of one meaning", () => {
    expect(fault(() => readHeader([...CHINESE, "证件号"], recordColumns)).code).to.equal("IMPORT_HEADER_REPEATED");
  });
});
