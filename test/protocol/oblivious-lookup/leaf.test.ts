import { expect } from "chai";
import { describe, it } from "mocha";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { queryLeaf, type Exchange, type QueryLeaf } from "../../../protocol/oblivious-lookup/leaf.ts";
import { seededRandom } from "./lookup-fixture.ts";

const random = seededRandom("leaf");

function exchange(): Exchange {
  return { dataset: random(32), requestDigest: random(32), responseDigest: random(32), consent: random(32) };
}

const [first, second, third, fourth] = [exchange(), exchange(), exchange(), exchange()];
const leaf: QueryLeaf = {
  salt: random(32),
  queryId: random(16),
  purpose: "ANTI_FRAUD",
  exchanges: [first, second, third],
};

describe("query leaf", () => {
  it("does not depend on the order in which the holders are listed", () => {
    const orders = [
      [second, first, third],
      [third, second, first],
      [first, third, second],
    ];
    for (const exchanges of orders) expect(queryLeaf({ ...leaf, exchanges })).to.deep.equal(queryLeaf(leaf));
  });

  it("binds salt, query, purpose and every holder's request, response and consent", () => {
    const changed: QueryLeaf[] = [
      leaf,
      { ...leaf, salt: first.dataset },
      { ...leaf, queryId: first.dataset.subarray(0, 16) },
      { ...leaf, purpose: "MONITORING" },
      { ...leaf, exchanges: [first, second] },
      { ...leaf, exchanges: [first] },
      { ...leaf, exchanges: [first, second, third, fourth] },
      ...(["dataset", "requestDigest", "responseDigest", "consent"] as const).map((field) => ({
        ...leaf,
        exchanges: [first, second, { ...third, [field]: fourth[field] }],
      })),
      {
        ...leaf,
        exchanges: [
          first,
          second,
          { ...third, requestDigest: third.responseDigest, responseDigest: third.requestDigest },
        ],
      },
    ];
    expect(new Set(changed.map((each) => toHex(queryLeaf(each))))).to.have.length(changed.length);
  });

  it("is not made of nothing, of a dataset twice, or with a short query id or salt", () => {
    const wrong: QueryLeaf[] = [
      { ...leaf, exchanges: [] },
      { ...leaf, exchanges: [first, second, first] },
      { ...leaf, queryId: random(32) },
      { ...leaf, salt: random(16) },
    ];
    for (const each of wrong) expect(() => queryLeaf(each)).to.throw(RangeError);
  });
});
