import { expect } from "chai";
import { describe, it } from "mocha";

import {
  checkDealing,
  checkKeyShare,
  openThresholdKey,
  verificationBaseOf,
} from "../../../protocol/paillier/threshold-key.ts";
import { dealt, expectFault, hex, medium, small } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

const { key, thresholdKey, keyShares } = small;
const { verificationKeys, threshold } = thresholdKey;
const { p, q } = PRIMES_512;

describe("threshold key", () => {
  it("has a base that generates the squares modulo n^2", () => {
    const order = (key.n * (p - 1n) * (q - 1n)) / 4n;
    const base = verificationBaseOf(key);
    expect(key.square.power(base, order)).to.equal(1n);
    for (const prime of [p, q, (p - 1n) / 2n, (q - 1n) / 2n]) {
      expect(key.square.power(base, order / prime)).not.to.equal(1n);
    }
  });

  it("is refused with a threshold below 2, above the shares, or more than 32 shares", () => {
    for (const wrong of [1, 0, -1, 6, 2.5, Number.NaN]) {
      expectFault(() => openThresholdKey({ key, threshold: wrong, verificationKeys }), "PAILLIER_THRESHOLD_INVALID");
    }
    const many = Array.from({ length: 33 }, () => verificationKeys[0]!);
    expectFault(() => openThresholdKey({ key, threshold, verificationKeys: many }), "PAILLIER_THRESHOLD_INVALID");
  });

  it("is refused with a verification key that is trivial, out of range or no unit", () => {
    const nSquared = key.square.value;
    for (const wrong of [0n, 1n, nSquared - 1n, nSquared, -1n, key.n, p]) {
      const replaced = verificationKeys.with(2, wrong);
      expectFault(
        () => openThresholdKey({ key, threshold, verificationKeys: replaced }),
        "PAILLIER_VERIFICATION_KEY_INVALID",
      );
    }
  });

  it("shows a dealing whose shares lie on no polynomial of the threshold's degree", () => {
    checkDealing(thresholdKey);
    const changed = (position: number, value: bigint) =>
      openThresholdKey({ key, threshold, verificationKeys: verificationKeys.with(position, value) });
    for (const position of [0, 1, 2, 3, 4]) {
      const wrong = key.square.multiply(verificationKeys[position]!, thresholdKey.verificationBase);
      expectFault(() => checkDealing(changed(position, wrong)), "PAILLIER_VERIFICATION_KEY_INVALID");
    }
    const exchanged = verificationKeys.with(0, verificationKeys[4]!).with(4, verificationKeys[0]!);
    expectFault(
      () => checkDealing(openThresholdKey({ key, threshold, verificationKeys: exchanged })),
      "PAILLIER_VERIFICATION_KEY_INVALID",
    );
    // A threshold below the true one would never decrypt.
    expectFault(
      () => checkDealing(openThresholdKey({ key, threshold: 2, verificationKeys })),
      "PAILLIER_VERIFICATION_KEY_INVALID",
    );
  });

  it("shows a threshold above the true one: fewer holders than it says would decrypt", () => {
    for (const claimed of [4, 5]) {
      expectFault(
        () => checkDealing(openThresholdKey({ key, threshold: claimed, verificationKeys })),
        "PAILLIER_VERIFICATION_KEY_INVALID",
      );
    }
    const alike = verificationKeys.map(() => verificationKeys[0]!);
    expectFault(
      () => checkDealing(openThresholdKey({ key, threshold: 2, verificationKeys: alike })),
      "PAILLIER_VERIFICATION_KEY_INVALID",
    );
  });

  it("shows a secret that is not 0 modulo the order, where there are as many shares as are needed", () => {
    const all = dealt(PRIMES_512, 3, 3).thresholdKey;
    checkDealing(all);
    const wrong = all.verificationKeys.with(1, key.square.multiply(all.verificationKeys[1]!, all.verificationBase));
    expectFault(
      () => checkDealing(openThresholdKey({ key: all.key, threshold: 3, verificationKeys: wrong })),
      "PAILLIER_VERIFICATION_KEY_INVALID",
    );
  });

  it("knows its shares from all others", () => {
    for (const share of keyShares) checkKeyShare(thresholdKey, share);
    const [first, second] = keyShares;
    for (const wrong of [
      { ...first!, index: 2 },
      { ...second!, index: 1 },
      { ...first!, index: 0 },
      { ...first!, index: 6 },
      { ...first!, index: 1.5 },
      { ...first!, value: first!.value + 1n },
      { ...first!, value: -first!.value },
      { ...first!, value: 0n },
      { ...first!, value: key.square.value },
      { index: 1, value: medium.keyShares[0]!.value },
    ]) {
      expectFault(() => checkKeyShare(thresholdKey, wrong), "PAILLIER_KEY_SHARE_INVALID");
    }
  });

  it("has a digest over modulus, threshold and all verification keys", () => {
    const digests = [
      thresholdKey,
      medium.thresholdKey,
      openThresholdKey({ key, threshold: 2, verificationKeys }),
      openThresholdKey({ key, threshold, verificationKeys: verificationKeys.slice(1) }),
      openThresholdKey({ key, threshold, verificationKeys: verificationKeys.toReversed() }),
    ].map(({ digest }) => hex(digest));
    expect(new Set(digests).size).to.equal(digests.length);
  });
});
