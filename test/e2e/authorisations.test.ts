/** Nothing about a person is shared or asked without an authorisation that allows it: each way to lack one has its code. */
import { readFileSync } from "node:fs";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { governance, replyOf, said } from "../support/attacker.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";
import { authorisationsFile, importFile, recordsFile, type AuthorisationEntry } from "../support/sample-upload.ts";

const newNumber = createIdentities(createPrng(4_711));

/** Of a publication, as the relayer logs it. */
interface Report {
  readonly epoch: number;
  readonly revision: number;
  readonly refused: Readonly<Record<string, number>>;
}

interface Flawed extends AuthorisationEntry {
  readonly code: string;
}

/** Every way an authorisation can fail to allow what is done under it; undefined fields are as they should be. */
function flawed(prefix: string, scope: "share" | "query"): Flawed[] {
  const entry = (code: string, change: Partial<AuthorisationEntry> = {}): Flawed => {
    const number = newNumber();
    return { number, authorisation: `${prefix}-${code}`, scope, ...change, code };
  };
  return [
    entry("AUTHORISATION_SCOPE", { scope: scope === "share" ? "query" : "share" }),
    entry("AUTHORISATION_PURPOSE", { purposes: "监控预警" }),
    entry("AUTHORISATION_EXPIRED", { validUntil: "2025-01-31" }),
    entry("AUTHORISATION_NOT_YET_SIGNED", { signedOn: "2099-01-04", validUntil: "2100-01-01" }),
    entry("AUTHORISATION_WITHDRAWN"),
    entry("AUTHORISATION_NOTICE_MISSING", { noticeDate: "", noticeMeans: "" }),
    entry("AUTHORISATION_COHORT_EXCLUDED", { cohort: "存量" }),
  ];
}

describe("authorisations", function () {
  this.timeout(480_000);
  let net: TestNetwork;
  const asked = flawed("AQ", "query");
  const shared = flawed("AS", "share");
  const unauthorised = newNumber();
  const unshared = newNumber();
  const good = newNumber();

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
    await importFile(net, "delta", "authorisations", authorisationsFile(asked));
    await withdraw("delta", "AQ-AUTHORISATION_WITHDRAWN");
  });

  async function withdraw(name: "delta" | "gamma", number: string): Promise<void> {
    const { id } = await net
      .database(name)
      .selectFrom("authorisations")
      .select("id")
      .where("number", "=", number)
      .executeTakeFirstOrThrow();
    await net.member(name).client.post("data_officer", `/v1/authorisations/${id}/withdraw`, {
      reason: "SUBJECT_REQUEST",
    });
  }

  const ask = async (number: string, authorisation?: string): Promise<string> =>
    said(
      await replyOf(
        net.call("delta", "credit_officer", "/v1/queries", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            subjects: [{ scheme: "cn-resident-id", number, ...(authorisation === undefined ? {} : { authorisation }) }],
            purpose: "CREDIT_GRANTING",
          }),
        }),
      ),
    );

  async function asking(): Promise<number> {
    const { count } = await net
      .database("delta")
      .selectFrom("queries")
      .select((eb) => eb.fn.countAll<string>().as("count"))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  it("to query: none, and none of the wrong ones, will do, named or found", async () => {
    const before = await asking();
    expect(await ask(unauthorised)).to.equal("403 AUTHORISATION_MISSING");
    expect(await ask(unauthorised, "no-such-number")).to.equal("403 AUTHORISATION_MISSING");
    for (const { number, authorisation, code } of asked) {
      expect(await ask(number), code).to.equal(`403 ${code}`);
      expect(await ask(number, authorisation), code).to.equal(`403 ${code}`);
    }
    expect(await asking()).to.equal(before);
  });

  it("to query: another subject's will not do, nor one good subject of two", async () => {
    const [own] = await net.authorise("delta", [newNumber()]);
    const before = await asking();
    expect(await ask(newNumber(), own?.authorisation)).to.equal("403 AUTHORISATION_OTHER_SUBJECT");
    const reply = await replyOf(
      net.call("delta", "credit_officer", "/v1/queries", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          subjects: [own, { scheme: "cn-resident-id", number: unauthorised }],
          purpose: "CREDIT_GRANTING",
        }),
      }),
    );
    expect(said(reply)).to.equal("403 AUTHORISATION_MISSING");
    expect(await asking()).to.equal(before);
  });

  it("to share: records under none or a wrong one are in no table; class A and what is in order are", async () => {
    const publicRecord = newNumber();
    await importFile(
      net,
      "gamma",
      "authorisations",
      authorisationsFile([...shared, { number: good, authorisation: "AS-GOOD" }]),
    );
    await withdraw("gamma", "AS-AUTHORISATION_WITHDRAWN");
    const numbers = [...shared.map(({ number }) => number), unshared, good];
    await importFile(
      net,
      "gamma",
      "records",
      recordsFile(numbers.map((number, i) => ({ number, record: `AS-R${String(i)}` }))),
    );
    await importFile(
      net,
      "association",
      "records",
      recordsFile([{ number: publicRecord, record: "AS-PUBLIC", class: "A1" }]),
    );
    const { refused } = await publish("gamma", "CREDIT");
    await publish("association", "REGULATORY");
    for (const { code } of [...shared, { code: "AUTHORISATION_MISSING" }]) {
      expect(refused[code], code).to.be.greaterThan(0);
    }
    // Not in the report alone: whoever asks finds nothing.
    const subjects = await net.authorise("delta", [...numbers, publicRecord]);
    const view = await net.ask("delta", subjects);
    const found = view.subjects.map(({ outcome, records }) => [outcome, ...records.map(({ holder }) => holder)]);
    expect(found).to.deep.equal([
      ...Array.from({ length: numbers.length - 1 }, () => ["not_found"]),
      ["found", "gamma"],
      ["found", "association"],
    ]);
    expect(view.cohortsNotCovered).to.deep.equal(["existing"]);
  });

  it("of existing customers count, both ways, as soon as the Association has switched them on", async () => {
    const rules = await governance(net);
    const existing = shared.find(({ code }) => code === "AUTHORISATION_COHORT_EXCLUDED");
    const own = asked.find(({ code }) => code === "AUTHORISATION_COHORT_EXCLUDED");
    if (existing === undefined || own === undefined) throw new Error("no such flaw");
    await (await rules.platformParameters.switchExistingCustomers(true)).wait();
    try {
      await net.wait("the switch", async () => ((await ask(own.number)) === "202" ? true : undefined));
      await publishUntil("gamma", ({ refused }) => !("AUTHORISATION_COHORT_EXCLUDED" in refused));
      const [subject] = await net.authorise("delta", [existing.number]);
      const view = await net.ask("delta", subject === undefined ? [] : [subject]);
      expect(view.subjects.map(({ outcome }) => outcome)).to.deep.equal(["found"]);
      expect(view.cohortsNotCovered).to.deep.equal([]);
    } finally {
      await (await rules.platformParameters.switchExistingCustomers(false)).wait();
    }
    await net.wait("the switch", async () =>
      (await ask(own.number)) === "403 AUTHORISATION_COHORT_EXCLUDED" ? true : undefined,
    );
    await publishUntil("gamma", ({ refused }) => "AUTHORISATION_COHORT_EXCLUDED" in refused);
  });

  it("that ends takes the answer back: it is not opened again", async () => {
    const [subject] = await net.authorise("delta", [good]);
    const view = await net.ask("delta", subject === undefined ? [] : [subject]);
    expect(view.subjects.map(({ outcome }) => outcome)).to.deep.equal(["found"]);
    await withdraw("delta", subject?.authorisation ?? "");
    const again = (await net.member("delta").client.get("credit_officer", `/v1/queries/${view.id}`)) as QueryView;
    expect(again.subjects.map(({ outcome, records }) => [outcome, records.length])).to.deep.equal([["withheld", 0]]);
  });

  /** Publishes again until the report says so: each relayer hears of a switch by itself, within half a second. */
  async function publishUntil(name: "gamma", said: (report: Report) => boolean): Promise<void> {
    await net.wait("the switch", async () => (said(await publish(name, "CREDIT")) ? true : undefined));
  }

  /** Publishes what there is and waits until the others have it; returns what the report says was kept out, by code. */
  async function publish(name: "gamma" | "association", label: string): Promise<Report> {
    const { client, logFile } = net.member(name);
    const reports = (): Report[] =>
      readFileSync(logFile, "utf8")
        .split("\n")
        .filter((line) => line.includes('"publish"') && line.includes(`"label":"${label}"`))
        .map((line) => JSON.parse(line) as Report);
    const before = reports().length;
    await client.post("data_officer", `/v1/datasets/${label}/publish`, {});
    const report = await net.wait(`the report of ${name}`, () => Promise.resolve(reports()[before]));
    const { id: dataset } = await net
      .database(name)
      .selectFrom("published_tables")
      .select("dataset as id")
      .executeTakeFirstOrThrow();
    await net.wait("the mirror of delta", async () => {
      const { items } = (await net.member("delta").client.get("data_officer", "/v1/mirrors")) as {
        items: { dataset: string; epoch: number; revision: number; state: string }[];
      };
      const { epoch, revision } = report;
      const copy = items.find((each) => each.dataset === dataset && each.epoch === epoch && each.revision === revision);
      return copy?.state === "verified" ? true : undefined;
    });
    return report;
  }
});
