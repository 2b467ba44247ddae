import { expect } from "chai";
import { describe, it } from "mocha";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import {
  consentCommitment,
  consentRoot,
  consentSalt,
  type ConsentOpening,
} from "../../../protocol/oblivious-lookup/consent.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import { seededRandom } from "./lookup-fixture.ts";

const random = seededRandom("consent");
const [secret, otherSecret, requestSalt, otherSalt, dataset, otherDataset] = Array.from({ length: 6 }, () =>
  random(32),
);
if (!secret || !otherSecret || !requestSalt || !otherSalt || !dataset || !otherDataset) throw new Error("no bytes");

describe("consent commitment", () => {
  it("has another salt for each request, dataset, position and authorisation", () => {
    const salts = [
      consentSalt(secret, requestSalt, dataset, 0),
      consentSalt(secret, requestSalt, dataset, 1),
      consentSalt(secret, requestSalt, otherDataset, 0),
      consentSalt(secret, otherSalt, dataset, 0),
      consentSalt(otherSecret, requestSalt, dataset, 0),
    ];
    expect(new Set(salts.map(toHex))).to.have.length(salts.length);
    expect(consentSalt(secret, requestSalt, dataset, 0)).to.deep.equal(salts[0]);
  });

  it("binds document, purpose, subject and salt", () => {
    const opening: ConsentOpening = {
      salt: consentSalt(secret, requestSalt, dataset, 0),
      documentDigest: otherSalt,
      purpose: "CREDIT_GRANTING",
      subject: "cn-passport:E00000000" as SubjectId,
    };
    const commitments = [
      opening,
      { ...opening, salt: otherSalt },
      { ...opening, documentDigest: dataset },
      { ...opening, purpose: "MONITORING" as const },
      { ...opening, subject: "cn-passport:E00000001" as SubjectId },
    ].map((each) => toHex(consentCommitment(each)));
    expect(new Set(commitments)).to.have.length(commitments.length);
  });

  it("has a root that depends on every commitment and their order", () => {
    const roots = [[secret], [secret, secret], [secret, dataset], [dataset, secret], [secret, dataset, otherSalt], []];
    expect(new Set(roots.map((list) => toHex(consentRoot(list))))).to.have.length(roots.length);
  });
});
