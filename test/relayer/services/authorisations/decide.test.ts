import { expect } from "chai";
import { describe, it } from "mocha";

import type { AuthorisationTerms } from "../../../../relayer/services/authorisations/authorisation.ts";
import { decideAuthorisation, type AuthorisationDemand } from "../../../../relayer/services/authorisations/decide.ts";

const terms: AuthorisationTerms = {
  scope: ["query"],
  purposes: ["CREDIT_GRANTING", "MONITORING"],
  signedOn: "2024-01-02",
  validUntil: "2026-01-15",
  cohort: "incremental",
  noticeDate: "2024-01-02",
  withdrawn: false,
};
const demand: AuthorisationDemand = {
  scope: "query",
  purposes: ["CREDIT_GRANTING"],
  day: "2026-01-15",
  existingCustomersIncluded: false,
};

function outcome(candidates: readonly AuthorisationTerms[], change: Partial<AuthorisationDemand> = {}): string {
  const decision = decideAuthorisation(candidates, { ...demand, ...change });
  return "refusal" in decision ? decision.refusal : String(candidates.indexOf(decision.authorisation));
}

describe("decideAuthorisation", () => {
  it("takes the first that allows it, on its first and last day too", () => {
    expect(outcome([terms])).to.equal("0");
    expect(outcome([terms], { day: "2024-01-02" })).to.equal("0");
    expect(outcome([{ ...terms, withdrawn: true }, terms])).to.equal("1");
    expect(outcome([{ ...terms, validUntil: null }], { day: "2199-01-01" })).to.equal("0");
    expect(outcome([{ ...terms, cohort: "existing" }], { existingCustomersIncluded: true })).to.equal("0");
  });

  const refusals: readonly (readonly [
    string,
    readonly Partial<AuthorisationTerms>[],
    Partial<AuthorisationDemand>?,
  ])[] = [
    ["AUTHORISATION_MISSING", []],
    ["AUTHORISATION_SCOPE", [{ scope: ["share"] }]],
    ["AUTHORISATION_WITHDRAWN", [{ withdrawn: true }]],
    ["AUTHORISATION_NOT_YET_SIGNED", [{ signedOn: "2026-01-16", validUntil: null }]],
    ["AUTHORISATION_EXPIRED", [{ validUntil: "2026-01-14" }]],
    ["AUTHORISATION_NOTICE_MISSING", [{ noticeDate: null }]],
    ["AUTHORISATION_NOTICE_MISSING", [{ noticeDate: "2026-01-16" }]],
    ["AUTHORISATION_PURPOSE", [{}], { purposes: ["ANTI_FRAUD"] }],
    ["AUTHORISATION_PURPOSE", [{}], { purposes: ["CREDIT_GRANTING", "ANTI_FRAUD"] }],
    ["AUTHORISATION_COHORT_EXCLUDED", [{ cohort: "existing" }]],
    // Two that each cover half do not make one that covers both.
    ["AUTHORISATION_PURPOSE", [{ purposes: ["ANTI_FRAUD"] }, {}], { purposes: ["CREDIT_GRANTING", "ANTI_FRAUD"] }],
    // The one that got furthest says why.
    ["AUTHORISATION_EXPIRED", [{ scope: ["share"] }, { validUntil: "2025-01-01" }, { withdrawn: true }]],
  ];
  for (const [code, changes, change] of refusals) {
    it(`${code}: ${JSON.stringify(changes)}`, () => {
      const candidates = changes.map((part) => ({ ...terms, ...part }));
      expect(outcome(candidates, change)).to.equal(code);
    });
  }
});
