import { expect } from "chai";
import { describe, it } from "mocha";

import { encryptWithProof } from "../../../protocol/paillier/knowledge-proof.ts";
import { createLayout } from "../../../protocol/paillier/packing.ts";
import { lengthPrefixed, uint, utf8 } from "../../../protocol/encoding/bytes.ts";
import { openRelease, releaseShare } from "../../../protocol/statistics/answer.ts";
import { admitRelease } from "../../../protocol/statistics/release.ts";
import type { Collection, Contribution } from "../../../protocol/statistics/contribution.ts";
import { expectFault, large, medium, random, small, type TestKey } from "../paillier/fixtures.ts";
import { collection, collectionOf, committedBy, contributionsOf, layout, productOf } from "./fixtures.ts";

const RULES = { leastContributors: 3 };

function admitted(contributions: readonly Contribution[], to: Collection = collection) {
  const facts = { closed: true, committed: committedBy(contributions, to) };
  return admitRelease({ collection: to, contributions, ciphertext: productOf(contributions, to) }, facts, RULES);
}

function sharesOf({ thresholdKey, keyShares }: TestKey, release: ReturnType<typeof admitted>) {
  return keyShares.map((share) => releaseShare(thresholdKey, share, release, random));
}

describe("answer to a released statistic", () => {
  it("has the sums over all contributors and their number, from t shares", () => {
    const release = admitted(contributionsOf(6));
    const shares = sharesOf(small, release).slice(1, 4);
    expect(openRelease(small.thresholdKey, release, shares)).to.deep.equal({
      values: { records: 21n, amount: 21_000n },
      contributors: 6,
      indices: [2, 3, 4],
      rejected: [],
    });
  });

  it("comes out right although a node lies, and names it", () => {
    const release = admitted(contributionsOf(4));
    const [first, ...others] = sharesOf(small, release);
    const { key } = small;
    const lie = { ...first!, value: key.square.multiply(first!.value, key.g) };
    const { values, rejected } = openRelease(small.thresholdKey, release, [lie, ...others]);
    expect(values).to.deep.equal({ records: 10n, amount: 10_000n });
    expect(rejected).to.deep.equal([{ position: 0, index: 1, code: "PAILLIER_SHARE_PROOF_INVALID" }]);
  });

  it("takes no shares of another release of the same contributions", () => {
    const other = admitted(contributionsOf(5));
    const release = admitted(contributionsOf(5));
    expectFault(() => openRelease(small.thresholdKey, release, sharesOf(small, other)), "PAILLIER_SHARES_TOO_FEW");
  });

  it("is not published when somebody packed by other rules", () => {
    const contributions = contributionsOf(4);
    const { key } = collection;
    const context = lengthPrefixed(
      utf8("riskveil/statistics/contribution/1"),
      ...[key.digest, collection.statistic, uint(12, 4), layout.digest, uint(2, 4)],
    );
    // Two counted as one: everything else is as it should be.
    const proven = encryptWithProof(key, 2n << 81n, context, random);
    const spoilt = contributions.with(1, { ...contributions[1]!, ...proven });
    const release = admitted(spoilt);
    expectFault(() => openRelease(small.thresholdKey, release, sharesOf(small, release)), "PACKING_SUM_INVALID");
  });

  it("is given under the collection's key only", () => {
    const release = admitted(contributionsOf(3));
    expectFault(() => releaseShare(medium.thresholdKey, medium.keyShares[0]!, release, random), "PAILLIER_KEY_DIFFERS");
    expectFault(() => openRelease(medium.thresholdKey, release, []), "PAILLIER_KEY_DIFFERS");
  });

  it("comes out at 3,072 bits", () => {
    const wide = large();
    const to = collectionOf(wide, { layout: createLayout(layout.fields, 100, wide.key.bits) });
    const release = admitted(contributionsOf(3, to), to);
    const shares = sharesOf(wide, release).slice(0, 3);
    expect(openRelease(wide.thresholdKey, release, shares).values).to.deep.equal({ records: 6n, amount: 6000n });
  });
});
