import { expect } from "chai";
import { describe, it } from "mocha";

import { readList, vocabulary } from "../../../../relayer/services/import/vocabulary.ts";

const words = vocabulary({ RISK_DISCLOSURE: ["风险揭示书", "risk disclosure"], OTHER: ["其他"] });

describe("vocabulary", () => {
  it("knows codes and synonyms, whatever case, blanks and hyphens", () => {
    for (const text of ["RISK_DISCLOSURE", "risk-disclosure", "Risk Disclosure", " 风险 揭示书 "]) {
      expect(words.read(text), text).to.equal("RISK_DISCLOSURE");
    }
    for (const text of ["", "风险", "constructor", "__proto__"]) expect(words.read(text), text).to.equal(undefined);
  });
});

describe("readList", () => {
  it("reads each once and refuses the whole if one is unknown", () => {
    expect(readList(words, "其他、风险揭示书;OTHER")).to.deep.equal(["OTHER", "RISK_DISCLOSURE"]);
    expect(readList(words, "其他,?")).to.equal(undefined);
    expect(readList(words, " , ")).to.equal(undefined);
  });
});
