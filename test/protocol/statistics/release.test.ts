import { expect } from "chai";
import { describe, it } from "mocha";

import { encrypt, rerandomise } from "../../../protocol/paillier/encryption.ts";
import { createLayout } from "../../../protocol/paillier/packing.ts";
import { freshRandomiser } from "../../../protocol/paillier/randomiser.ts";
import { contribute, contributionDigest } from "../../../protocol/statistics/contribution.ts";
import { admitRelease, type ReleaseFacts, type ReleaseRequest } from "../../../protocol/statistics/release.ts";
import { encrypted, expectFault, hex, random, small } from "../paillier/fixtures.ts";
import { collection, committedBy, contributionsOf, layout, productOf } from "./fixtures.ts";

const { key } = small;
const RULES = { leastContributors: 4 };
const contributions = contributionsOf(5);
const request: ReleaseRequest = { collection, contributions, ciphertext: productOf(contributions) };
const facts: ReleaseFacts = { closed: true, committed: committedBy(contributions) };

const without = (contributor: number) => contributions.filter((each) => each.contributor !== contributor);

describe("release of a statistic", () => {
  it("is admitted for the product of all that was committed, in whatever order it comes", () => {
    const admitted = admitRelease(request, facts, RULES);
    expect(admitted.ciphertext).to.equal(request.ciphertext);
    expect(admitted.contributors).to.deep.equal([1, 2, 3, 4, 5]);
    const other = admitRelease({ ...request, contributions: contributions.toReversed() }, facts, RULES);
    expect(hex(other.context)).to.equal(hex(admitted.context));
    const shuffled = new Map([...facts.committed].toReversed());
    expect(hex(admitRelease(request, { ...facts, committed: shuffled }, RULES).context)).to.equal(
      hex(admitted.context),
    );
  });

  it("waits until nothing can be added", () => {
    expectFault(() => admitRelease(request, { ...facts, closed: false }, RULES), "STATISTIC_COLLECTION_OPEN");
  });

  it("needs k contributors, and three whatever k is", () => {
    const few = (count: number): [ReleaseRequest, ReleaseFacts] => {
      const some = contributions.slice(0, count);
      return [
        { collection, contributions: some, ciphertext: productOf(some) },
        { closed: true, committed: committedBy(some) },
      ];
    };
    expectFault(() => admitRelease(...few(3), RULES), "STATISTIC_CONTRIBUTORS_TOO_FEW");
    admitRelease(...few(4), RULES);
    for (const leastContributors of [0, 1, 2, -5, Number.NaN]) {
      expectFault(() => admitRelease(...few(2), { leastContributors }), "STATISTIC_CONTRIBUTORS_TOO_FEW");
    }
    expectFault(() => admitRelease(...few(5), { leastContributors: Number.NaN }), "STATISTIC_CONTRIBUTORS_TOO_FEW");
    admitRelease(...few(3), { leastContributors: 1 });
    expectFault(() => admitRelease(...few(1), { leastContributors: 1 }), "STATISTIC_CONTRIBUTORS_TOO_FEW");
    expectFault(() => admitRelease(...few(0), { leastContributors: 0 }), "STATISTIC_CONTRIBUTORS_TOO_FEW");
  });

  it("leaves nobody out: the difference would be that one's contribution", () => {
    const some = without(3);
    expectFault(
      () => admitRelease({ collection, contributions: some, ciphertext: productOf(some) }, facts, RULES),
      "STATISTIC_CONTRIBUTION_MISSING",
    );
  });

  it("takes in nobody who has not committed, and nobody twice", () => {
    const committed = committedBy(without(5));
    expectFault(() => admitRelease(request, { ...facts, committed }, RULES), "STATISTIC_CONTRIBUTION_UNCOMMITTED");
    const twice = [...contributions, contributions[0]!];
    expectFault(
      () => admitRelease({ ...request, contributions: twice, ciphertext: productOf(twice) }, facts, RULES),
      "STATISTIC_CONTRIBUTION_REPEATED",
    );
  });

  it("is refused a second time with other contributions, and given again for the same", () => {
    const { contributions: released, context } = admitRelease(request, facts, RULES);
    expect(hex(admitRelease(request, { ...facts, released }, RULES).context)).to.equal(hex(context));
    // Struck after the release: the difference would be the one that was struck.
    const some = without(2);
    const fewer = { collection, contributions: some, ciphertext: productOf(some) };
    const struck = { closed: true, committed: committedBy(some) };
    admitRelease(fewer, struck, RULES);
    expectFault(() => admitRelease(fewer, { ...struck, released }, RULES), "STATISTIC_ALREADY_RELEASED");
    // The same members with one contribution replaced: the difference would be what it changed by.
    const replaced = contributions.with(1, contribute(collection, 2, { records: 9n, amount: 9n }, random));
    const changed = { closed: true, committed: committedBy(replaced), released };
    expectFault(
      () => admitRelease({ collection, contributions: replaced, ciphertext: productOf(replaced) }, changed, RULES),
      "STATISTIC_ALREADY_RELEASED",
    );
  });

  it("decrypts nothing but the product: no contribution alone, no other ciphertext", () => {
    for (const ciphertext of [
      contributions[0]!.ciphertext,
      productOf(without(1)),
      encrypted(key, 5n),
      rerandomise(key, contributions[0]!.ciphertext, freshRandomiser(key, "half-exponent", random)),
      (request.ciphertext * contributions[0]!.ciphertext) % key.square.value,
      request.ciphertext + key.square.value,
      -request.ciphertext,
      0n,
      1n,
    ]) {
      expectFault(() => admitRelease({ ...request, ciphertext }, facts, RULES), "STATISTIC_CIPHERTEXT_DIFFERS");
    }
  });

  it("refuses what is not what its contributor committed", () => {
    const other = contribute(collection, 2, { records: 2n, amount: 2000n }, random);
    const changed = contributions.with(1, other);
    expectFault(
      () => admitRelease({ collection, contributions: changed, ciphertext: productOf(changed) }, facts, RULES),
      "STATISTIC_CONTRIBUTION_DIFFERS",
    );
    const exchanged = [
      { ...contributions[0]!, contributor: 2 },
      { ...contributions[1]!, contributor: 1 },
      ...contributions.slice(2),
    ];
    expectFault(
      () => admitRelease({ ...request, contributions: exchanged }, facts, RULES),
      "STATISTIC_CONTRIBUTION_DIFFERS",
    );
  });

  it("refuses a contribution of another statistic or period", () => {
    for (const other of [
      { ...collection, period: 13 },
      { ...collection, statistic: new Uint8Array(32) },
    ]) {
      // Committed as it is for the other one.
      expectFault(
        () => admitRelease({ ...request, collection: other }, facts, RULES),
        "STATISTIC_CONTRIBUTION_DIFFERS",
      );
      // And committed by its owner for this one: the proof is still the other's.
      const committed = committedBy(contributions, other);
      expectFault(
        () => admitRelease({ ...request, collection: other }, { ...facts, committed }, RULES),
        "STATISTIC_CONTRIBUTION_UNPROVEN",
      );
    }
  });

  it("refuses a copy of another member's contribution that colluding members would read in a statistic of their own", () => {
    const victim = contributions[0]!;
    const theirs = { ...collection, statistic: new Uint8Array(32).fill(9) };
    const copied = rerandomise(key, victim.ciphertext, freshRandomiser(key, "half-exponent", random));
    const colluding = [
      { ...contribute(theirs, 11, { records: 0n, amount: 0n }, random), ciphertext: copied },
      ...[12, 13, 14].map((id) => contribute(theirs, id, { records: 0n, amount: 0n }, random)),
    ];
    const committed = new Map(colluding.map((each) => [each.contributor, contributionDigest(theirs, each)]));
    const asked = { collection: theirs, contributions: colluding, ciphertext: productOf(colluding) };
    expectFault(() => admitRelease(asked, { closed: true, committed }, RULES), "STATISTIC_CONTRIBUTION_UNPROVEN");
  });

  it("is of whole periods: 12.5 is not another name for 12", () => {
    const half = { ...collection, period: 12.5 };
    expect(() => admitRelease({ ...request, collection: half }, facts, RULES)).to.throw(RangeError);
  });

  it("refuses more contributors than the slots hold", () => {
    const narrow = { ...collection, layout: createLayout(layout.fields, 3, 512) };
    const four = contributionsOf(4, narrow);
    const asked = { collection: narrow, contributions: four, ciphertext: productOf(four) };
    expectFault(
      () => admitRelease(asked, { closed: true, committed: committedBy(four, narrow) }, RULES),
      "STATISTIC_CONTRIBUTORS_TOO_MANY",
    );
  });

  it("refuses contributions that hide nothing", () => {
    const unhidden = encrypt(key, 1n, { key, spend: () => 1n });
    const bare = contributions.map((each) => ({ ...each, ciphertext: unhidden }));
    expectFault(
      () => admitRelease({ ...request, contributions: bare }, { closed: true, committed: committedBy(bare) }, RULES),
      "STATISTIC_CONTRIBUTION_UNPROVEN",
    );
  });
});
