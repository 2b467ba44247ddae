import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { decodeRecords, encodeRecords } from "../../../../protocol/sealed-table/record.ts";
import type {
  PublishableSubject,
  PublicationDemand,
  PublicationReport,
} from "../../../../relayer/services/records/publishable.ts";
import { authorisationsFile, numberAt, recordsFile } from "../../../support/sample-lines.ts";
import { recordServices, type RecordServices } from "../../../support/record-services.ts";

const demand: PublicationDemand = {
  asOf: new Date("2026-01-15T03:00:00Z"),
  categories: ["B", "C"],
  existingCustomersIncluded: false,
  expiryMonths: 60,
};

describe("collectPublishable", function () {
  this.timeout(240_000);
  let services: RecordServices;

  before(async () => {
    services = await recordServices();
    const at = (index: number) => ({ document_number: numberAt(index) });
    const { state } = await services.importText(
      "records",
      recordsFile(
        { record_id: "in-order", ...at(0), note: "协商展期中" },
        { record_id: "second", ...at(0), class: "C2", event_date: "2024-03-04" },
        { record_id: "ended", ...at(0), status: "withdrawn" },
        { record_id: "cured-long-ago", ...at(0), event_date: "2019-01-01", status: "cured", status_date: "2021-01-15" },
        { record_id: "cured-lately", ...at(0), event_date: "2019-01-01", status: "cured", status_date: "2021-01-16" },
        { record_id: "no-authorisation", ...at(1) },
        { record_id: "query-only", ...at(2) },
        { record_id: "half-the-purposes", ...at(3) },
        { record_id: "expired", ...at(4) },
        { record_id: "not-signed-yet", ...at(5) },
        { record_id: "no-notice", ...at(6) },
        { record_id: "existing", ...at(7) },
        { record_id: "taken-back", ...at(8) },
        { record_id: "said-to-be-expired", ...at(0), status: "expired" },
      ),
    );
    expect(state).to.equal("done");
    const { report } = await services.importText(
      "authorisations",
      authorisationsFile(
        { authorisation_id: "S0", ...at(0) },
        { authorisation_id: "S2", ...at(2), scope: "query" },
        { authorisation_id: "S3", ...at(3), purposes: "授信|反欺诈" },
        { authorisation_id: "S4", ...at(4), valid_until: "2026-01-14" },
        { authorisation_id: "S5", ...at(5), signed_on: "2026-01-16" },
        { authorisation_id: "S6", ...at(6), notice_date: "", notice_means: "" },
        { authorisation_id: "S7", ...at(7), cohort: "存量" },
        { authorisation_id: "S8", ...at(8) },
      ),
    );
    expect(report.counts.added).to.equal(8);
    const row = await services.db
      .selectFrom("authorisations")
      .select("id")
      .where("number", "=", "S8")
      .executeTakeFirstOrThrow();
    await services.register.withdraw(row.id, "SUBJECT_REQUEST", "test");
  });
  after(() => services.database.close());

  async function collect(
    change: Partial<PublicationDemand> = {},
  ): Promise<{ subjects: PublishableSubject[]; report: PublicationReport }> {
    const publishable = services.records.collectPublishable({ ...demand, ...change });
    const subjects = await Array.fromAsync(publishable);
    return { subjects, report: publishable.report() };
  }

  it("gives the records in order, and says of each other why not, by the firm's own ids", async () => {
    const { subjects, report } = await collect();
    expect(subjects.map(({ subject }) => subject)).to.deep.equal([`cn-resident-id:${numberAt(0)}`]);
    expect(subjects[0]?.records.map((record) => [record.class, record.status, record.eventDate])).to.deep.equal([
      ["B1", "cured", "2019-01-01"],
      ["C2", "open", "2024-03-04"],
      ["B1", "open", "2024-03-05"],
    ]);
    expect(
      Object.fromEntries(report.refused.map(({ code, recordIds }) => [code, [...recordIds].sort()])),
    ).to.deep.equal({
      AUTHORISATION_COHORT_EXCLUDED: ["existing"],
      AUTHORISATION_EXPIRED: ["expired"],
      AUTHORISATION_MISSING: ["no-authorisation"],
      AUTHORISATION_NOTICE_MISSING: ["no-notice"],
      AUTHORISATION_NOT_YET_SIGNED: ["not-signed-yet"],
      AUTHORISATION_PURPOSE: ["half-the-purposes"],
      AUTHORISATION_SCOPE: ["query-only"],
      AUTHORISATION_WITHDRAWN: ["taken-back"],
      RECORD_EXPIRED: ["cured-long-ago", "said-to-be-expired"],
      RECORD_WITHDRAWN: ["ended"],
    });
    expect(report).to.deep.include({ asOf: "2026-01-15", subjects: 1, records: 3, byClass: { B1: 2, C2: 1 } });
  });

  it("gives records that a table takes, with ids that are not the firm's and a note that is", async () => {
    const { subjects } = await collect();
    const records = subjects[0]?.records ?? [];
    expect(decodeRecords(encodeRecords(records))).to.deep.equal(records);
    expect(records.map((record) => record.note)).to.deep.equal([undefined, undefined, "协商展期中"]);
    expect(JSON.stringify(records)).to.not.match(/in-order|second|cured-lately|S0/);
  });

  it("refers to the authorisation so that two records cannot be linked by it, the same at every publication", async () => {
    const references = (await collect()).subjects[0]?.records.map((record) => record.authorisation) ?? [];
    expect(new Set(references).size).to.equal(3);
    expect((await collect()).subjects[0]?.records.map((record) => record.authorisation)).to.deep.equal(references);
  });

  it("lets existing customers in when the switch is on, and keeps records longer when the term is", async () => {
    expect((await collect({ existingCustomersIncluded: true })).report.subjects).to.equal(2);
    const { report } = await collect({ expiryMonths: 72 });
    expect(report.refused.find(({ code }) => code === "RECORD_EXPIRED")?.recordIds).to.deep.equal([
      "said-to-be-expired",
    ]);
  });

  it("gives nothing of other categories", async () => {
    expect((await collect({ categories: ["A"] })).report).to.deep.include({ subjects: 0, records: 0, refused: [] });
    expect((await collect({ categories: ["C"] })).report).to.deep.include({ subjects: 1, records: 1 });
  });

  it("asks no authorisation for class A", async () => {
    const association = await recordServices("Association");
    await association.importText(
      "records",
      recordsFile({ class: "A1" }, { record_id: "R2", class: "A2", document_number: numberAt(1) }),
    );
    const publishable = association.records.collectPublishable({ ...demand, categories: ["A"] });
    const subjects = await Array.fromAsync(publishable);
    expect(subjects).to.have.length(2);
    expect(subjects.flatMap(({ records }) => records.map((record) => record.authorisation))).to.deep.equal([
      null,
      null,
    ]);
    await association.database.close();
  });

  it("goes over many pages in one stable order, over the store as it was at the start, and frees it when broken off", async () => {
    const many = await recordServices();
    const lines = Array.from({ length: 1_300 }, (_, i) => ({
      record_id: `R${String(i)}`,
      document_type: "cn-passport",
      document_number: `E${String(10_000_000 + i)}`,
    }));
    await many.importText("records", recordsFile(...lines));
    await many.importText(
      "authorisations",
      authorisationsFile(...lines.map((line, i) => ({ ...line, authorisation_id: `S${String(i)}` }))),
    );
    const order = async (during?: () => Promise<unknown>): Promise<string[]> => {
      const seen: string[] = [];
      for await (const { subject } of many.records.collectPublishable(demand)) {
        if (seen.length === 10) await during?.();
        seen.push(subject);
      }
      return seen;
    };
    const first = await order();
    expect(new Set(first).size).to.equal(1_300);
    const withdrawAll = () => many.db.updateTable("records").set({ status: "withdrawn" }).execute();
    expect(await order(withdrawAll)).to.deep.equal(first);
    expect(await order()).to.deep.equal([]);
    await many.db.updateTable("records").set({ status: "open" }).execute();
    // More times than the pool has connections: a snapshot that stayed open would stop the next.
    for (let i = 0; i < 12; i += 1) for await (const _ of many.records.collectPublishable(demand)) break;
    expect((await order()).length).to.equal(1_300);
    await many.database.close();
  });
});
