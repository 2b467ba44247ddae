import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { combine, interpolate, sortShares } from "../../../protocol/paillier/combination.ts";
import { decryptShare, type DecryptionShare } from "../../../protocol/paillier/decryption-share.ts";
import { add, multiply } from "../../../protocol/paillier/encryption.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import {
  agreementCases,
  DEEP_TIMEOUT,
  encrypted,
  expectFault,
  large,
  medium,
  random,
  small,
  type TestKey,
} from "./fixtures.ts";

const context = utf8("task");

function sharesOf({ thresholdKey, keyShares }: TestKey, task: Parameters<typeof decryptShare>[2]): DecryptionShare[] {
  return keyShares.map((share) => decryptShare(thresholdKey, share, task, random));
}

/** 0, 1, n - 1, and both sides of where slots of usual widths begin. */
function boundaries(n: bigint): bigint[] {
  const slots = [7n, 24n, 57n, 64n, 128n, 255n, 256n, 500n].map((bits) => 1n << bits);
  return [0n, 1n, 2n, n - 1n, n - 2n, n / 2n, ...slots.flatMap((slot) => [slot - 1n, slot, slot + 1n])];
}

describe("threshold decryption", () => {
  it("by any t of l is plain decryption, for the bounds of slots too", () => {
    const { key, secret, thresholdKey, keyShares } = small;
    const plaintext = fc.oneof(fc.bigInt({ min: 0n, max: key.n - 1n }), fc.constantFrom(...boundaries(key.n)));
    const holders = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(plaintext, holders, (m, chosen) => {
        const task = { ciphertext: encrypted(key, m), context };
        const shares = chosen.map((position) => decryptShare(thresholdKey, keyShares[position]!, task, random));
        const { plaintext: combined, rejected, indices } = combine(thresholdKey, task, shares);
        expect(combined).to.equal(m);
        expect(combined).to.equal(decrypt(key, secret, task.ciphertext));
        expect(rejected).to.deep.equal([]);
        expect(indices).to.deep.equal(chosen.map((position) => position + 1));
      }),
      { numRuns: agreementCases(300) },
    );
  }).timeout(DEEP_TIMEOUT);

  it("of every boundary is exact", () => {
    const { key, thresholdKey } = medium;
    for (const m of boundaries(key.n)) {
      const task = { ciphertext: encrypted(key, m), context };
      expect(combine(thresholdKey, task, sharesOf(medium, task)).plaintext).to.equal(m);
    }
  });

  it("by every set of t is the same", () => {
    const task = { ciphertext: encrypted(small.key, 31_337n), context };
    const shares = sharesOf(small, task);
    for (let mask = 0; mask < 32; mask++) {
      const chosen = shares.filter((_, position) => (mask >> position) % 2 === 1);
      if (chosen.length < 3) {
        expectFault(() => combine(small.thresholdKey, task, chosen), "PAILLIER_SHARES_TOO_FEW");
      } else expect(combine(small.thresholdKey, task, chosen).plaintext).to.equal(31_337n);
    }
  });

  it("of sums and products is theirs", () => {
    const { key, thresholdKey } = medium;
    const numbers = fc.bigInt({ min: 0n, max: (1n << 400n) - 1n });
    fc.assert(
      fc.property(numbers, numbers, fc.bigInt({ min: 1n, max: 1n << 64n }), (a, b, factor) => {
        const ciphertext = multiply(key, add(key, encrypted(key, a), encrypted(key, b)), factor);
        const task = { ciphertext, context };
        expect(combine(thresholdKey, task, sharesOf(medium, task)).plaintext).to.equal((a + b) * factor);
      }),
      { numRuns: 20 },
    );
  });

  it("at 3,072 bits is plain decryption", () => {
    const wide = large();
    for (const m of [0n, wide.key.n - 1n, (1n << 3000n) + 12_345n]) {
      const task = { ciphertext: encrypted(wide.key, m), context };
      const shares = [4, 0, 2].map((position) =>
        decryptShare(wide.thresholdKey, wide.keyShares[position]!, task, random),
      );
      expect(combine(wide.thresholdKey, task, shares).plaintext).to.equal(m);
    }
  });
});

describe("combination of shares", () => {
  const { key, thresholdKey } = small;
  const task = { ciphertext: encrypted(key, 99n), context };
  const right = sharesOf(small, task);

  it("answers from t right shares and names every liar, wherever they stand", () => {
    const spoilt = { ...right[0]!, value: key.square.multiply(right[0]!.value, key.g) };
    const replayed = decryptShare(thresholdKey, small.keyShares[1]!, { ...task, context: utf8("other") }, random);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([spoilt, replayed, right[2]!, right[3]!, right[4]!], { minLength: 5 }),
        (shares) => {
          const { plaintext, indices, rejected } = combine(thresholdKey, task, shares);
          expect(plaintext).to.equal(99n);
          expect(indices.toSorted()).to.deep.equal([3, 4, 5]);
          const named = rejected.map(({ index, code }) => `${String(index)} ${code}`).toSorted();
          expect(named).to.deep.equal(["1 PAILLIER_SHARE_PROOF_INVALID", "2 PAILLIER_SHARE_OF_OTHER_CONTEXT"]);
          for (const { position, index } of rejected) expect(shares[position]!.index).to.equal(index);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("counts a holder once, and a wrong share under its number does not stand in its way", () => {
    const forged = { ...right[0]!, value: 12_345n };
    const { rejected, indices } = combine(thresholdKey, task, [forged, ...right, right[1]!]);
    expect(indices).to.deep.equal([1, 2, 3]);
    expect(rejected).to.deep.equal([
      { position: 0, index: 1, code: "PAILLIER_SHARE_PROOF_INVALID" },
      { position: 6, index: 2, code: "PAILLIER_SHARE_REPEATED" },
    ]);
    const twice = [right[0]!, right[0]!, right[1]!];
    expectFault(() => combine(thresholdKey, task, twice), "PAILLIER_SHARES_TOO_FEW");
  });

  it("of too few names who was refused", () => {
    const shares = [right[0]!, { ...right[1]!, value: 1n }, right[2]!];
    expectFault(() => combine(thresholdKey, task, shares), "PAILLIER_SHARES_TOO_FEW");
    const { right: kept, rejected } = sortShares(thresholdKey, task, shares);
    expect(kept.map(({ index }) => index)).to.deep.equal([1, 3]);
    expect(rejected).to.deep.equal([{ position: 1, index: 2, code: "PAILLIER_SHARE_TRIVIAL" }]);
  });

  it("unexamined and wrong gives no plaintext", () => {
    const wrong = right.slice(0, 3).with(0, { ...right[0]!, value: right[3]!.value });
    expectFault(() => interpolate(thresholdKey, wrong), "PAILLIER_NOT_A_PLAINTEXT");
    const noUnit = right.slice(0, 3).with(1, { ...right[1]!, value: key.n });
    expectFault(() => interpolate(thresholdKey, noUnit), "PAILLIER_NOT_A_PLAINTEXT");
  });
});
