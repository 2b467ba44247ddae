import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { sm3, saltedDigest } from "../../../../protocol/encoding/digest.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { parseSubject, type SubjectId } from "../../../../protocol/subject/subject.ts";
import type { AuthorisationEntry } from "../../../../relayer/services/authorisations/entry.ts";
import type { SubjectDemand } from "../../../../relayer/services/authorisations/require.ts";
import { openSecrets } from "../../../../relayer/services/authorisations/row.ts";
import { numberAt } from "../../../support/sample-lines.ts";
import { recordServices, type RecordServices } from "../../../support/record-services.ts";

const subjectAt = (index: number): SubjectId =>
  parseSubject({ scheme: "cn-resident-id", number: numberAt(index) }, { asOf: new Date("2026-01-15T00:00:00Z") });

const entry = (change: Partial<AuthorisationEntry> = {}): AuthorisationEntry => ({
  number: null,
  subject: subjectAt(0),
  instrument: "MARGIN_AGREEMENT",
  documentSm3: sm3(Buffer.from("the signed document")),
  scope: ["share", "query"],
  purposes: ["CREDIT_GRANTING", "ANTI_FRAUD"],
  signedOn: "2024-01-02",
  validUntil: "2026-12-31",
  cohort: "incremental",
  noticeDate: "2024-01-02",
  noticeMeans: "paper",
  ...change,
});

const demand = (change: Partial<SubjectDemand> = {}): SubjectDemand => ({
  subject: subjectAt(0),
  scope: "query",
  purposes: ["CREDIT_GRANTING"],
  at: new Date("2026-01-15T03:00:00Z"),
  existingCustomersIncluded: false,
  ...change,
});

describe("authorisation register", function () {
  this.timeout(240_000);
  let services: RecordServices;

  before(async () => {
    services = await recordServices();
  });
  after(() => services.database.close());

  async function code(action: Promise<unknown>): Promise<string> {
    try {
      await action;
      return "done";
    } catch (error) {
      if (isFault(error)) return error.code;
      throw error;
    }
  }
  const asked = (change: Partial<SubjectDemand>): Promise<string> => code(services.register.require(demand(change)));

  it("gives the authorisation's id, the salted digest of the document and its secret", async () => {
    const id = await services.register.add(entry({ number: "Q-1" }), "test");
    const found = await services.register.require(demand());
    const row = await services.db
      .selectFrom("authorisations")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const { documentSalt, consentSecret } = openSecrets(services.cipher, row);
    expect(found).to.deep.equal({
      id,
      documentDigest: saltedDigest("riskveil/document", documentSalt, [sm3(Buffer.from("the signed document"))], sm3),
      consentSecret,
    });
    expect(found.consentSecret).to.have.length(32);
    expect(found.consentSecret).to.not.deep.equal(documentSalt);
  });

  it("gives two entries of one document unlinkable digests and secrets", async () => {
    const subject = subjectAt(1);
    const refs = await Promise.all([1, 2].map(() => services.register.add(entry({ subject }), "test")));
    const [first, second] = await Promise.all(refs.map((id) => services.register.require(demand({ subject, id }))));
    expect(first?.documentDigest).to.not.deep.equal(second?.documentDigest);
    expect(first?.consentSecret).to.not.deep.equal(second?.consentSecret);
  });

  it("finds a named one by its id or by the firm's number", async () => {
    const { id } = await services.register.require(demand({ id: "Q-1" }));
    expect((await services.register.require(demand({ id }))).id).to.equal(id);
  });

  describe("refuses with a code of its own", () => {
    it("none on file", async () => {
      expect(await asked({ subject: subjectAt(9) })).to.equal("AUTHORISATION_MISSING");
      expect(await asked({ id: "nothing" })).to.equal("AUTHORISATION_MISSING");
    });
    it("another subject's", async () => {
      expect(await asked({ subject: subjectAt(9), id: "Q-1" })).to.equal("AUTHORISATION_OTHER_SUBJECT");
    });
    it("another scope", async () => {
      await services.register.add(entry({ subject: subjectAt(2), scope: ["share"] }), "test");
      expect(await asked({ subject: subjectAt(2) })).to.equal("AUTHORISATION_SCOPE");
      expect(await asked({ subject: subjectAt(2), scope: "share" })).to.equal("done");
    });
    it("another purpose", async () => {
      expect(await asked({ purposes: ["RISK_CONTROL"] })).to.equal("AUTHORISATION_PURPOSE");
      expect(await asked({ purposes: ["CREDIT_GRANTING", "RISK_CONTROL"] })).to.equal("AUTHORISATION_PURPOSE");
    });
    it("before it is signed and after it ended, by days in China", async () => {
      expect(await asked({ at: new Date("2024-01-01T15:59:59Z") })).to.equal("AUTHORISATION_NOT_YET_SIGNED");
      expect(await asked({ at: new Date("2024-01-01T16:00:00Z") })).to.equal("done");
      expect(await asked({ at: new Date("2026-12-31T15:59:59Z") })).to.equal("done");
      expect(await asked({ at: new Date("2026-12-31T16:00:00Z") })).to.equal("AUTHORISATION_EXPIRED");
    });
    it("no notice", async () => {
      await services.register.add(entry({ subject: subjectAt(3), noticeDate: null, noticeMeans: null }), "test");
      expect(await asked({ subject: subjectAt(3) })).to.equal("AUTHORISATION_NOTICE_MISSING");
    });
    it("an existing customer, both ways, until the switch is on", async () => {
      const subject = subjectAt(4);
      await services.register.add(entry({ subject, cohort: "existing" }), "test");
      for (const scope of ["share", "query"] as const) {
        expect(await asked({ subject, scope })).to.equal("AUTHORISATION_COHORT_EXCLUDED");
        expect(await asked({ subject, scope, existingCustomersIncluded: true })).to.equal("done");
      }
    });
    it("a withdrawn one, for good and with its history, also when it is named", async () => {
      const subject = subjectAt(5);
      const id = await services.register.add(entry({ subject }), "test");
      await services.register.withdraw(id, "SUBJECT_REQUEST", "officer");
      await services.register.withdraw(id, "OTHER", "officer");
      expect(await asked({ subject })).to.equal("AUTHORISATION_WITHDRAWN");
      expect(await asked({ subject, id })).to.equal("AUTHORISATION_WITHDRAWN");
      expect(await services.register.find(id, false)).to.deep.include({
        revision: 2,
        withdrawalReason: "SUBJECT_REQUEST",
      });
      const revisions = await services.db
        .selectFrom("authorisation_revisions")
        .selectAll()
        .where("id", "=", id)
        .execute();
      expect(revisions).to.have.length(1);
    });
  });

  it("says nothing of the person in a refusal", async () => {
    try {
      await services.register.require(demand({ purposes: ["RISK_CONTROL"] }));
      expect.fail("allowed");
    } catch (error) {
      if (!isFault(error)) throw error;
      const text = error.message + JSON.stringify(error.values) + error.title("zh") + error.remedy("zh");
      expect(text)
        .to.not.include(numberAt(0))
        .and.not.match(/\{\w+\}/);
    }
  });

  it("fills in every value of every refusal", async () => {
    for (const change of [
      { subject: subjectAt(9) },
      { scope: "share" as const, subject: subjectAt(2), purposes: ["MONITORING" as const] },
    ]) {
      try {
        await services.register.require(demand(change));
      } catch (error) {
        if (!isFault(error)) throw error;
        expect(error.message).to.not.match(/\{\w+\}/);
      }
    }
  });

  it("refuses a number that is taken, also when two come at once", async () => {
    const results = await Promise.all(
      [1, 2, 3].map(() => code(services.register.add(entry({ number: "Q-2" }), "test"))),
    );
    expect(results.sort()).to.deep.equal(["AUTHORISATION_NUMBER_TAKEN", "AUTHORISATION_NUMBER_TAKEN", "done"]);
  });

  it("shows who it is about masked, or not at all", async () => {
    const { id } = await services.register.require(demand({ id: "Q-1" }));
    const shown = (await services.register.find(id, true)).subject ?? "";
    expect(shown).to.match(/^cn-resident-id:\d{3}\*{11}[\dX]{4}$/);
    expect((await services.register.find(id, false)).subject).to.equal(null);
    expect(await code(services.register.find("00000000-0000-4000-8000-000000000000", true))).to.equal(
      "AUTHORISATION_UNKNOWN",
    );
    expect(await code(services.register.withdraw("00000000-0000-4000-8000-000000000000", "OTHER", "t"))).to.equal(
      "AUTHORISATION_UNKNOWN",
    );
  });

  it("lists page by page, each once", async () => {
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await services.register.list({ after, limit: 3 }, false);
      seen.push(...page.map((item) => item.id));
      after = page.at(-1)?.id;
      if (page.length < 3) break;
    }
    const rows = await services.db.selectFrom("authorisations").select("id").execute();
    expect(seen.sort()).to.deep.equal(rows.map((row) => row.id).sort());
  });

  it("does not open an identity that was put beside another's index", async () => {
    const rows = await services.db.selectFrom("subjects").selectAll().orderBy("subject_index").limit(2).execute();
    const [first, second] = rows;
    if (first === undefined || second === undefined) throw new Error("no subjects");
    await services.db
      .updateTable("subjects")
      .set({ identity: second.identity })
      .where("subject_index", "=", first.subject_index)
      .execute();
    expect(await code(services.register.list({ limit: 500 }, true))).to.equal("COLUMN_NOT_AUTHENTIC");
    await services.db
      .updateTable("subjects")
      .set({ identity: first.identity })
      .where("subject_index", "=", first.subject_index)
      .execute();
  });
});
