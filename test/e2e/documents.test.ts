/** One investor with two documents: one answer, one authorisation, evidence for each document. */
import { expect } from "chai";
import { before, describe, it } from "mocha";

import { evidenceSchema } from "../../protocol/evidence/package.ts";
import { verifyEvidence } from "../../protocol/evidence/verify.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { createLedgerFacts } from "../../scripts/evidence/ledger-facts.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

const newNumber = createIdentities(createPrng(909));

describe("an investor with two documents", function () {
  this.timeout(480_000);
  let net: TestNetwork;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
  });

  it("is asked about in one query, answered once, and each document's evidence verifies", async () => {
    const [named] = await net.authorise("alpha", [newNumber()]);
    const documents = [
      { scheme: "cn-passport", number: "E45678901" },
      { scheme: "cn-resident-id", number: named?.number ?? "" },
    ];
    const body = JSON.stringify({
      subjects: [{ documents, authorisation: named?.authorisation }],
      purpose: "CREDIT_GRANTING",
    });
    const headers = { "content-type": "application/json", prefer: "wait=30" };
    const response = await net.call("alpha", "credit_officer", "/v1/queries", { method: "POST", headers, body });
    expect(response.status).to.equal(202);
    const { id, query } = (await response.json()) as { id: string; query: QueryView };
    expect(query.subjects.map(({ documents: count, outcome }) => [count, outcome])).to.deep.equal([[2, "not_found"]]);
    await net.anchored("alpha", id);
    for (const [document, { scheme, number }] of documents.entries()) {
      const path = `/v1/queries/${id}/subjects/0/evidence?document=${String(document)}`;
      const pkg = evidenceSchema.parse(await (await net.call("alpha", "credit_officer", path)).json());
      expect(pkg.query.subject).to.equal(`${scheme}:${number}`);
      const { verdict } = await verifyEvidence(pkg, createLedgerFacts(net.provider, pkg.chain));
      expect(verdict).to.equal("verified");
    }
    const none = await net.call("alpha", "credit_officer", `/v1/queries/${id}/subjects/0/evidence?document=2`);
    expect(none.status).to.equal(404);
  });
});
