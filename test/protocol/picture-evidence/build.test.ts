import { expect } from "chai";
import { describe, it } from "mocha";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { sealDigest } from "../../../protocol/evidence/seal.ts";
import { recoverAddress } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { pictureEvidenceSchema } from "../../../protocol/picture-evidence/package.ts";
import { subject } from "../evidence/evidence-fixture.ts";
import { querierAddress } from "../oblivious-lookup/lookup-fixture.ts";
import { buildPicture, pictureFacts, sums } from "./picture-fixture.ts";

const facts = pictureFacts(true);
const pkg = buildPicture(facts);

describe("evidence package of a picture", () => {
  it("is a package of its own format, also after it was a file", () => {
    expect(pictureEvidenceSchema.parse(JSON.parse(JSON.stringify(pkg)))).to.deep.equal(pkg);
  });

  it("holds the subject, the sums or that there is no row, and every answer of a node", () => {
    expect(pkg.query.subject).to.equal(subject);
    expect(pkg.picture).to.deep.include({ outcome: "found", sums });
    expect(pkg.exchanges.map(({ service, proved }) => [service, proved])).to.deep.equal([
      ["evaluation", false],
      ["evaluation", true],
      ["evaluation", true],
      ["locator", true],
      ["locator", true],
      ["query", true],
      ["query", true],
    ]);
    const absent = buildPicture(pictureFacts(false)).picture;
    expect(absent.outcome).to.equal("not_found");
    expect(absent).not.to.have.any.keys("row", "sums");
  });

  it("is sealed over everything else, and for its own format", () => {
    const { seal, ...body } = pkg;
    expect(recoverAddress(sealDigest(body), fromHex(seal))).to.equal(querierAddress);
    expect(sealDigest(pkg)).to.deep.equal(sealDigest(body));
    const other = sealDigest({ ...body, format: "riskveil-evidence/1" });
    expect(toHex(other)).not.to.equal(toHex(sealDigest(body)));
  });

  it("writes addresses in lower case, whatever case they come in", () => {
    const upper = `0x${facts.chain.algorithmNodes.slice(2).toUpperCase()}` as const;
    expect(buildPicture({ ...facts, chain: { ...facts.chain, algorithmNodes: upper } })).to.deep.equal(pkg);
  });

  it("is not made of facts that are no package", () => {
    const { picture } = facts;
    const wrong = [
      { ...facts, exchanges: [] },
      { ...facts, anchors: [] },
      { ...facts, picture: { ...picture, blinds: picture.blinds.slice(1) } },
      { ...facts, picture: { ...picture, found: { row: new Uint8Array(528), sums: { ...sums, counts: { A1: 1 } } } } },
    ];
    for (const each of wrong) expect(() => buildPicture(each)).to.throw();
  });
});
