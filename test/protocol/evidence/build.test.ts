import { expect } from "chai";
import { describe, it } from "mocha";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { evidenceSchema } from "../../../protocol/evidence/package.ts";
import { sealDigest } from "../../../protocol/evidence/seal.ts";
import { recoverAddress } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { querierAddress } from "../oblivious-lookup/lookup-fixture.ts";
import { buildPackage, evidenceFacts, records, subject } from "./evidence-fixture.ts";

const pkg = buildPackage();

describe("evidence package", () => {
  it("is a package of its own format, also after it was a file", () => {
    expect(evidenceSchema.parse(JSON.parse(JSON.stringify(pkg)))).to.deep.equal(pkg);
  });

  it("holds the subject, the outcomes and the records as they were opened", () => {
    expect(pkg.query.subject).to.equal(subject);
    expect(pkg.answers.map(({ outcome }) => outcome)).to.deep.equal(["hit", "miss"]);
    expect(pkg.answers[0]).to.have.property("records").that.deep.equals(records);
    expect(pkg.answers[1]).not.to.have.any.keys("entry", "records");
    expect(pkg.unanswered).to.have.length(1);
  });

  it("is sealed over everything else", () => {
    const { seal, ...body } = pkg;
    expect(recoverAddress(sealDigest(body), fromHex(seal))).to.equal(querierAddress);
    expect(sealDigest(pkg)).to.deep.equal(sealDigest(body));
    const later = { ...body, sealedAt: "2030-01-01T00:00:00.000Z" };
    expect(toHex(sealDigest(later))).not.to.equal(toHex(sealDigest(body)));
  });

  it("writes addresses in lower case, whatever case they come in", () => {
    const upper = `0x${evidenceFacts.chain.memberRegistry.slice(2).toUpperCase()}` as const;
    const facts = { ...evidenceFacts, chain: { ...evidenceFacts.chain, memberRegistry: upper } };
    expect(buildPackage(facts)).to.deep.equal(pkg);
  });

  it("is not made of facts that are no package", () => {
    const [hit] = evidenceFacts.answers;
    if (!hit) throw new Error("an answer");
    const wrong = [
      { ...evidenceFacts, answers: [] },
      { ...evidenceFacts, anchors: [] },
      { ...evidenceFacts, query: { ...evidenceFacts.query, id: "42" } },
      { ...evidenceFacts, answers: [{ ...hit, root: hit.root.subarray(1) }] },
    ];
    for (const facts of wrong) expect(() => buildPackage(facts)).to.throw();
  });
});
