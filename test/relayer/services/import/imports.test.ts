import { fork } from "node:child_process";
import { once } from "node:events";

import { expect } from "chai";
import iconv from "iconv-lite";
import { after, afterEach, before, describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { numberAt, NUMBERS, RECORD, authorisationsFile, recordsFile } from "../../../support/sample-lines.ts";
import { recordServices, type RecordServices } from "../../../support/record-services.ts";

describe("imports", function () {
  this.timeout(240_000);
  let services: RecordServices;

  before(async () => {
    services = await recordServices();
  });
  afterEach(async () => {
    const { db } = services;
    for (const table of [
      "record_revisions",
      "records",
      "authorisation_revisions",
      "authorisations",
      "subjects",
      "import_chunks",
      "imports",
    ] as const) {
      await db.deleteFrom(table).execute();
    }
  });
  after(() => services.database.close());

  const records = (): Promise<{ record_id: string; status: string; revision: number; amount_fen: string | null }[]> =>
    services.db
      .selectFrom("records")
      .select(["record_id", "status", "revision", "amount_fen"])
      .orderBy("record_id")
      .execute();
  const count = async (table: "import_chunks" | "subjects" | "record_revisions" | "records"): Promise<number> =>
    Number(
      (
        await services.db
          .selectFrom(table)
          .select((eb) => eb.fn.countAll().as("n"))
          .executeTakeFirstOrThrow()
      ).n,
    );

  it("adds records and forgets the file", async () => {
    const { state, report } = await services.importText(
      "records",
      recordsFile({}, { record_id: "R2", document_number: numberAt(1) }),
    );
    expect(state).to.equal("done");
    expect(report).to.deep.include({ applied: true, duplicate: false, encoding: "utf-8", delimiter: ",", faults: [] });
    expect(report.counts).to.deep.equal({
      lines: 2,
      added: 2,
      corrected: 0,
      unchanged: 0,
      leftWithdrawn: 0,
      refused: 0,
    });
    expect((await records()).map((row) => row.record_id)).to.deep.equal(["R1", "R2"]);
    expect(await count("import_chunks")).to.equal(0);
  });

  it("reads GB18030 with Chinese headers as well", async () => {
    const text =
      "记录编号\t证件类型\t证件号码\t数据类别\t事件日期\t涉及金额（万元）\t状态\t状态日期\t备注\t客户姓名\r\n" +
      `R1\t居民身份证\t${numberAt(0)}\tB2 合约期满未清偿\t2024年3月5日\t12.5\t已结清\t2024/5/6\t协商展期中\t张三\r\n`;
    const { report } = await services.importText("records", iconv.encode(text, "gb18030"));
    expect(report).to.deep.include({
      encoding: "gb18030",
      delimiter: "\t",
      droppedColumns: ["客户姓名"],
      applied: true,
    });
    expect(await records()).to.deep.equal([{ record_id: "R1", status: "cured", revision: 1, amount_fen: "12500000" }]);
  });

  it("changes nothing for a file that came before, and says so", async () => {
    const file = recordsFile({}, { record_id: "R2" });
    const first = await services.importText("records", file);
    const again = await services.importText("records", file);
    expect(again.state).to.equal("done");
    expect(again.report).to.deep.include({ duplicate: true, duplicateOf: first.id });
    expect(again.report.counts).to.deep.include({ lines: 2, unchanged: 2, added: 0 });
    expect(await count("import_chunks")).to.equal(0);
  });

  it("does not let an old file that comes late undo a correction", async () => {
    const old = recordsFile({ amount: "1" });
    await services.importText("records", old);
    await services.importText("records", recordsFile({ amount: "2" }));
    expect((await services.importText("records", old)).report.duplicate).to.equal(true);
    expect((await records())[0]?.amount_fen).to.equal("200");
  });

  it("keeps the history of a corrected record and leaves the others", async () => {
    await services.importText("records", recordsFile({}, { record_id: "R2" }));
    const { report } = await services.importText(
      "records",
      recordsFile({ status: "cured", status_date: "2025-01-01" }, { record_id: "R2" }, { record_id: "R3" }),
    );
    expect(report.counts).to.deep.include({ added: 1, corrected: 1, unchanged: 1 });
    expect((await records()).map(({ record_id, status, revision }) => [record_id, status, revision])).to.deep.equal([
      ["R1", "cured", 2],
      ["R2", "open", 1],
      ["R3", "open", 1],
    ]);
    const [former] = await services.db.selectFrom("record_revisions").selectAll().execute();
    expect(former?.revision).to.equal(1);
    expect(former?.content).to.deep.include({ record_id: "R1", status: "open" });
  });

  it("moves a record to the subject that a correction names", async () => {
    await services.importText("records", recordsFile({}));
    const { report } = await services.importText("records", recordsFile({ document_number: numberAt(4) }));
    expect(report.counts.corrected).to.equal(1);
    expect(await count("subjects")).to.equal(2);
  });

  it("imports nothing of a file with a bad line, and reports every one", async () => {
    const file = recordsFile(
      {},
      { record_id: "R2", amount: "-1" },
      { record_id: "R3", class: "Z9", event_date: "45356" },
      { record_id: "R4" },
    );
    const { state, report } = await services.importText("records", file);
    expect(state).to.equal("refused");
    expect(report).to.deep.include({
      applied: false,
      reasons: { AMOUNT_NEGATIVE: 1, CLASS_UNKNOWN: 1, DATE_SPREADSHEET_SERIAL: 1 },
    });
    expect(report.faults).to.deep.equal([
      { line: 3, column: "amount", code: "AMOUNT_NEGATIVE", valueClass: "2 characters, digits and other characters" },
      { line: 4, column: "class", code: "CLASS_UNKNOWN", valueClass: "2 characters, digits and letters" },
      { line: 4, column: "event_date", code: "DATE_SPREADSHEET_SERIAL", valueClass: "5 characters, digits" },
    ]);
    expect(report.counts).to.deep.equal({
      lines: 4,
      added: 0,
      corrected: 0,
      unchanged: 0,
      leftWithdrawn: 0,
      refused: 2,
    });
    expect([await count("records"), await count("subjects"), await count("import_chunks")]).to.deep.equal([0, 0, 0]);
  });

  it("undoes batches that were written before the bad line", async () => {
    const many = Array.from({ length: 2_500 }, (_, i) => ({ record_id: `R${String(i)}` }));
    const { state } = await services.importText("records", recordsFile(...many, { record_id: "bad", amount: "x" }));
    expect(state).to.equal("refused");
    expect(await count("records")).to.equal(0);
  });

  it("skips bad lines when told to, and takes the file again once it is said to be whole", async () => {
    const file = recordsFile({}, { record_id: "R2", amount: "-1" });
    const { state, report } = await services.importText("records", file, { skipBadLines: true });
    expect(state).to.equal("done");
    expect(report.counts).to.deep.include({ lines: 2, added: 1, refused: 1 });
    // Lines were refused, so the file is not done with: its good lines are found unchanged.
    const again = await services.importText("records", file, { skipBadLines: true });
    expect(again.report).to.deep.include({ duplicate: false });
    expect(again.report.counts).to.deep.include({ unchanged: 1, refused: 1 });
  });

  it("refuses a record id that stands twice", async () => {
    const { state, report } = await services.importText("records", recordsFile({}, {}));
    expect(state).to.equal("refused");
    expect(report.faults).to.deep.equal([
      { line: 3, column: "record_id", code: "IDENTIFIER_REPEATED", valueClass: "2 characters, digits and letters" },
    ]);
  });

  it("lists a thousand faults and counts the rest", async () => {
    const many = Array.from({ length: 1_200 }, (_, i) => ({ record_id: `R${String(i)}`, amount: "x" }));
    const { report } = await services.importText("records", recordsFile(...many));
    expect(report.faults).to.have.length(1_000);
    expect(report).to.deep.include({ truncated: true, reasons: { AMOUNT_UNREADABLE: 1_200 } });
  });

  it("refuses files that are none, at once or with a coded report", async () => {
    const refusedAtOnce = async (file: Uint8Array): Promise<string> => {
      try {
        await services.imports.submit({ kind: "records", file, by: "test" });
      } catch (error) {
        if (isFault(error)) return error.code;
      }
      return "accepted";
    };
    expect(await refusedAtOnce(new Uint8Array())).to.equal("IMPORT_EMPTY");
    expect(await refusedAtOnce(Buffer.from("PK\x03\x04", "latin1"))).to.equal("IMPORT_NOT_TEXT");
    const entries = services.db.selectFrom("audit_log").select(["action", "outcome"]).orderBy("sequence", "desc");
    expect((await entries.limit(1).execute())[0]).to.include({ action: "import.records", outcome: "IMPORT_NOT_TEXT" });
    const coded: Readonly<Record<string, string>> = {
      "\n\n": "IMPORT_EMPTY",
      [recordsFile()]: "IMPORT_EMPTY",
      "a,b\n1,2\n": "IMPORT_HEADER_MISSING",
      [recordsFile({}).replace("note", "remark").replace("amount", "remarks")]: "IMPORT_HEADER_REPEATED",
      [`${recordsFile({})}R2,"x"y,,,,,,,\n`]: "IMPORT_QUOTES",
      [`${recordsFile({})}"${"x".repeat(70_000)}`]: "IMPORT_LINE_TOO_LONG",
    };
    for (const [text, code] of Object.entries(coded)) {
      const { state, report } = await services.importText("records", text);
      expect([state, report.fileFault?.code], code).to.deep.equal(["refused", code]);
      expect(await count("records"), code).to.equal(0);
    }
  });

  it("refuses the classes of others", async () => {
    expect((await services.importText("records", recordsFile({ class: "A1" }))).report.reasons).to.deep.equal({
      CLASS_NOT_YOURS: 1,
    });
    const association = await recordServices("Association");
    const codes = async (recordClass: string): Promise<unknown> =>
      (await association.importText("records", recordsFile({ class: recordClass }))).report.reasons;
    expect(await codes("监管公开数据")).to.deep.equal({});
    expect(await codes("B1")).to.deep.equal({ CLASS_NOT_YOURS: 1 });
    await association.database.close();
  });

  it("takes a class that was added to the catalogue without a release", async () => {
    await services.db
      .insertInto("record_classes")
      .values({ code: "C3", category: "C", name_en: "New", name_zh: "新类别", aliases: [] })
      .execute();
    expect((await services.importText("records", recordsFile({ class: "新类别" }))).report.counts.added).to.equal(1);
    await services.db.deleteFrom("records").execute();
    await services.db.deleteFrom("record_classes").where("code", "=", "C3").execute();
  });

  it("does not bring back a record that staff withdrew", async () => {
    await services.importText("records", recordsFile({}));
    const [row] = await services.db.selectFrom("records").select("id").execute();
    await services.records.withdraw(row?.id ?? "", "ENTERED_IN_ERROR", "test");
    const { report } = await services.importText("records", recordsFile({}, { record_id: "R2" }));
    expect(report.counts).to.deep.include({ leftWithdrawn: 1, added: 1 });
    expect((await records())[0]).to.deep.include({ record_id: "R1", status: "withdrawn", revision: 2 });
  });

  it("imports authorisations: added, unchanged, corrected with the same secrets", async () => {
    await services.importText(
      "authorisations",
      authorisationsFile({}, { authorisation_id: "Q2", document_number: numberAt(1) }),
    );
    const secrets = () =>
      services.db
        .selectFrom("authorisations")
        .select(["secrets", "document_digest", "revision"])
        .where("number", "=", "Q1")
        .executeTakeFirstOrThrow();
    const former = await secrets();
    const { report } = await services.importText(
      "authorisations",
      authorisationsFile({ document_sm3: "cd".repeat(32) }, { authorisation_id: "Q2", document_number: numberAt(1) }),
    );
    expect(report.counts).to.deep.include({ corrected: 1, unchanged: 1 });
    const now = await secrets();
    expect(now.revision).to.equal(2);
    expect(now.secrets.equals(former.secrets)).to.equal(true);
    expect(now.document_digest.equals(former.document_digest)).to.equal(false);
  });

  it("runs a job once, whatever the queue does, and two workers do not both apply", async () => {
    const id = await services.imports.submit({ kind: "records", file: Buffer.from(recordsFile({})), by: "test" });
    await Promise.all([services.imports.run(id), services.imports.run(id), services.imports.run(id)]);
    await services.imports.run(id);
    const { report } = await services.imports.find(id);
    expect(report?.counts.added).to.equal(1);
    expect(await records()).to.have.length(1);
    expect(services.jobs.at(-1)).to.deep.equal({ name: "import", data: { id } });
  });

  it("applies one of two equal files that run at once", async () => {
    const file = Buffer.from(recordsFile({}));
    const ids = [0, 1].map(() => services.imports.submit({ kind: "records", file, by: "test" }));
    await Promise.all((await Promise.all(ids)).map((id) => services.imports.run(id)));
    const reports = await Promise.all((await Promise.all(ids)).map((id) => services.imports.find(id)));
    expect(reports.map(({ report }) => report?.duplicate).sort()).to.deep.equal([false, true]);
  });

  it("tells its progress, never backwards, and ends at 1", async () => {
    const many = Array.from({ length: 6_000 }, (_, i) => ({ record_id: `R${String(i)}` }));
    const id = await services.imports.submit({ kind: "records", file: Buffer.from(recordsFile(...many)), by: "test" });
    const told: number[] = [];
    await services.imports.run(id, (fraction) => Promise.resolve(void told.push(fraction)));
    expect(told.length).to.be.greaterThan(1);
    expect(told).to.deep.equal([...told].sort((a, b) => a - b));
    expect(told.at(-1)).to.equal(1);
    expect((await services.imports.find(id)).progress).to.equal(1);
  });

  it("applies nothing when killed half-way, and finishes when started again", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      record_id: `R${String(i)}`,
      document_number: numberAt(i % NUMBERS.length),
    }));
    const id = await services.imports.submit({ kind: "records", file: Buffer.from(recordsFile(...many)), by: "test" });
    const victim = fork(new URL("imports.victim.ts", import.meta.url), {
      env: { ...process.env, VICTIM: JSON.stringify({ url: services.database.url, id }) },
    });
    const exit = once(victim, "exit");
    // It speaks when part of the file has been read, and rows have been written.
    await once(victim, "message");
    victim.kill("SIGKILL");
    await exit;
    expect(await count("records")).to.equal(0);
    expect((await services.imports.find(id)).state).to.equal("running");
    expect(await count("import_chunks")).to.be.greaterThan(0);
    services.imports.register();
    expect(await services.imports.resume()).to.equal(1);
    const { state, report } = await services.imports.find(id);
    expect([state, report?.counts.added]).to.deep.equal(["done", 20_000]);
    expect(await count("import_chunks")).to.equal(0);
  });

  it("gives up on an upload that was damaged, with a code", async () => {
    const id = await services.imports.submit({ kind: "records", file: Buffer.from(recordsFile({})), by: "test" });
    await services.db
      .updateTable("import_chunks")
      .set({ content: Buffer.alloc(64) })
      .execute();
    await services.imports.run(id);
    const { state, report } = await services.imports.find(id);
    expect([state, report?.fileFault?.code]).to.deep.equal(["failed", "COLUMN_NOT_AUTHENTIC"]);
    expect(await count("records")).to.equal(0);
  });

  it("leaves no identity number and no name in report, log, job, audit log or any column in the clear", async () => {
    const header = [...Object.keys(RECORD), "客户姓名"].join(",");
    const line = (id: string, number: string, rest: string): string =>
      `${id},cn-resident-id,${number},${rest},欧阳测试名`;
    const good = "B1,2024-03-05,12,open,2024-03-05,";
    const wrong = `${numberAt(3).slice(0, 17)}${numberAt(3).endsWith("1") ? "2" : "1"}`;
    const lines = [
      line("R1", numberAt(0), good),
      line(numberAt(1), numberAt(1), good),
      line("R3", wrong, good),
      line("R4", numberAt(4), `${numberAt(5)},2024-03-05,12,open,2024-03-05,`),
      line("R5", numberAt(5), `B1,${numberAt(5)},${numberAt(5)},${numberAt(5)},${numberAt(5)},see ${numberAt(5)}`),
      `${numberAt(6)},${numberAt(6)}`,
    ];
    await services.importText("records", [header, ...lines].join("\n"));
    await services.importText("records", [header, ...lines].join("\n"), { skipBadLines: true });
    await services.importText("records", lines.join("\n"));
    await services.importText("records", `${header}\nR1,"${numberAt(7)}"x`);
    await services.importText(
      "authorisations",
      authorisationsFile({ document_number: wrong }, { authorisation_id: numberAt(2), document_number: numberAt(2) }),
    );
    const dump: string[] = [services.logged(), JSON.stringify(services.jobs)];
    for (const table of [
      "imports",
      "import_chunks",
      "records",
      "record_revisions",
      "authorisations",
      "subjects",
      "audit_log",
    ] as const) {
      for (const row of await services.db.selectFrom(table).selectAll().execute()) {
        dump.push(JSON.stringify(row));
        for (const value of Object.values(row)) if (Buffer.isBuffer(value)) dump.push(value.toString("latin1"));
      }
    }
    const text = dump.join("\n");
    expect(text.length).to.be.greaterThan(5_000);
    for (const number of [...NUMBERS, wrong, "欧阳测试名"]) expect(text.includes(number)).to.equal(false);
    expect(text).to.include("IDENTITY_CHECK_DIGIT");
  });
});
