import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { parseSubject } from "../../../protocol/subject/subject.ts";
import { ASSOCIATION, generateSampleData, SAMPLE_DAY, type SampleData } from "../../../scripts/sample-data/generate.ts";
import { DEMO_KINDS, DEMO_OF_EACH } from "../../../scripts/sample-data/population.ts";
import { recordServices, type RecordServices } from "../../support/record-services.ts";

const FIRMS = ["alpha", "beta", "gamma", "delta"];
const asOf = new Date("2026-01-01T00:00:00Z");

describe("sample data", function () {
  this.timeout(480_000);
  let directory: string;
  let data: SampleData;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-sample-"));
    data = await generateSampleData({ seed: 5, members: FIRMS, subjectsPerMember: 600, outDir: join(directory, "a") });
  });
  after(() => rm(directory, { recursive: true }));

  async function contents(name: string): Promise<Map<string, string>> {
    const files = await readdir(join(directory, name), { recursive: true, withFileTypes: true });
    return new Map(
      await Promise.all(
        files
          .filter((file) => file.isFile())
          .map(
            async (file) =>
              [
                file.parentPath.slice(join(directory, name).length) + file.name,
                await readFile(join(file.parentPath, file.name), "latin1"),
              ] as const,
          ),
      ),
    );
  }

  it("is the same for the same seed, byte by byte, and another for another", async () => {
    const options = { members: FIRMS, subjectsPerMember: 600 };
    await generateSampleData({ ...options, seed: 5, outDir: join(directory, "again") });
    await generateSampleData({ ...options, seed: 6, outDir: join(directory, "other") });
    const first = await contents("a");
    expect(first.size).to.equal(10);
    expect(await contents("again")).to.deep.equal(first);
    for (const [name, content] of await contents("other")) expect(content === first.get(name), name).to.equal(false);
  });

  it("names nobody: every number is in order and of a region that does not exist", () => {
    const numbers = [...data.expectations.demo, ...data.expectations.queryRefusals].map((entry) => entry.number);
    expect(new Set(numbers).size).to.equal(numbers.length);
    for (const number of numbers) {
      expect(number).to.match(/^\d{2}9999/);
      expect(parseSubject({ scheme: "cn-resident-id", number }, { asOf })).to.be.a("string");
    }
  });

  it("has demo subjects of every kind for every firm, at the holders that it says and never at the querier", () => {
    for (const querier of FIRMS) {
      for (const kind of DEMO_KINDS) {
        const subjects = data.expectations.demo.filter((entry) => entry.querier === querier && entry.kind === kind);
        expect(subjects).to.have.length(DEMO_OF_EACH);
        for (const { answers } of subjects) {
          const holders = Object.keys(answers);
          expect(holders).to.not.include(querier);
          expect(holders.length).to.equal(
            { "two-holders": 2, "one-holder": 1, none: 0, "one-holder-and-association": 2 }[kind],
          );
          expect(holders.includes(ASSOCIATION)).to.equal(kind === "one-holder-and-association");
        }
      }
    }
  });

  it("refuses a list of firms that cannot be", async () => {
    for (const members of [["alpha"], ["alpha", "alpha"], ["alpha", ASSOCIATION]]) {
      let refused = false;
      await generateSampleData({ seed: 1, members, outDir: join(directory, "none") }).catch(() => (refused = true));
      expect(refused, members.join()).to.equal(true);
    }
  });

  describe("imported through the same door as real files", () => {
    const services = new Map<string, RecordServices>();

    before(async () => {
      for (const member of [...FIRMS, ASSOCIATION]) {
        const its = await recordServices(member === ASSOCIATION ? "Association" : "SecuritiesFirm");
        services.set(member, its);
        const files = data.files[member];
        for (const kind of ["records", "authorisations"] as const) {
          const file = files?.[kind];
          if (file === undefined) continue;
          const { state, report } = await its.importText(kind, await readFile(file));
          expect([state, report.faults, report.counts.refused], `${member} ${kind}`).to.deep.equal(["done", [], 0]);
        }
      }
    });
    after(async () => {
      for (const { database } of services.values()) await database.close();
    });

    const of = (member: string): RecordServices => services.get(member) ?? expect.fail(member);

    it("has exactly the subjects asked for, and publishes what it expects", async () => {
      for (const member of [...FIRMS, ASSOCIATION]) {
        const publishable = of(member).records.collectPublishable({
          asOf: SAMPLE_DAY,
          categories: member === ASSOCIATION ? ["A"] : ["B", "C"],
          existingCustomersIncluded: false,
          expiryMonths: 60,
        });
        const answers = new Map<string, unknown>();
        for await (const { subject, records } of publishable) {
          answers.set(
            subject,
            records
              .map((record) =>
                JSON.stringify([
                  record.class,
                  record.status,
                  record.eventDate,
                  record.statusDate,
                  record.amountFen ?? null,
                  record.note ?? null,
                ]),
              )
              .sort(),
          );
        }
        const { subjects, records, refused } = publishable.report();
        const expected = data.expectations.publication[member];
        expect(
          { subjects, records, refused: Object.fromEntries(refused.map(({ code, count }) => [code, count])) },
          member,
        ).to.deep.equal({
          subjects: expected?.subjects,
          records: expected?.records,
          refused: expected?.refused,
        });
        for (const { number, answers: all } of data.expectations.demo) {
          const wanted = all[member]?.map((record) =>
            JSON.stringify([
              record.class,
              record.status,
              record.eventDate,
              record.statusDate,
              record.amountFen,
              record.note,
            ]),
          );
          expect(answers.get(`cn-resident-id:${number}`)).to.deep.equal(wanted?.sort());
        }
        const { n } = await of(member)
          .db.selectFrom("records")
          .select((eb) => eb.fn.count("subject_index").distinct().as("n"))
          .executeTakeFirstOrThrow();
        expect(Number(n)).to.equal(member === ASSOCIATION ? 120 : 600);
      }
    });

    it("lets each firm ask about its demo subjects, and refuses the others as it says", async () => {
      for (const { querier, number, authorisation } of data.expectations.demo) {
        const subject = parseSubject({ scheme: "cn-resident-id", number }, { asOf });
        const purposes = ["CREDIT_GRANTING", "ANTI_FRAUD", "MONITORING", "RISK_CONTROL"] as const;
        const demand = { subject, scope: "query" as const, purposes, at: asOf, existingCustomersIncluded: false };
        expect((await of(querier).register.require({ ...demand, id: authorisation })).documentDigest).to.have.length(
          32,
        );
      }
      for (const { querier, number, purpose, code } of data.expectations.queryRefusals) {
        const subject = parseSubject({ scheme: "cn-resident-id", number }, { asOf });
        let refusal = "none";
        try {
          await of(querier).register.require({
            subject,
            scope: "query",
            purposes: [purpose],
            at: asOf,
            existingCustomersIncluded: false,
          });
        } catch (error) {
          if (isFault(error)) refusal = error.code;
        }
        expect(refusal).to.equal(code);
      }
    });
  });
});
