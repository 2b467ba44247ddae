/** Each lie by which a holder could spoil a decryption, and the name it gets. */
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { Ciphertext } from "../../../protocol/paillier/ciphertext.ts";
import { combine, interpolate } from "../../../protocol/paillier/combination.ts";
import {
  decodeShare,
  decryptShare,
  encodeShare,
  examineShare,
  type DecryptionShare,
} from "../../../protocol/paillier/decryption-share.ts";
import { inverse, nonNegative } from "../../../protocol/paillier/integer.ts";
import { lagrange } from "../../../protocol/paillier/lagrange.ts";
import { encrypted, expectFault, faultOf, flipBit, large, medium, random, small, zeros } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

const { key, thresholdKey, keyShares } = small;
const { n, square } = key;
const nSquared = square.value;
const task = { ciphertext: encrypted(key, 2026n), context: utf8("release 7") };
const honest = keyShares.map((share) => decryptShare(thresholdKey, share, task, random));
const first = honest[0]!;

const examined = (share: DecryptionShare) => examineShare(thresholdKey, task, share);

/** What a liar with the key share of `index` may publish: its own proof of a share that it chose. */
function proofOf(value: bigint, index = 1): DecryptionShare {
  return { ...honest[index - 1]!, value };
}

describe("decryption share", () => {
  it("is right for every holder", () => {
    for (const share of honest) expect(examined(share)).to.equal(undefined);
  });

  it("is c^(2 l! s_i), and its proof another one each time", () => {
    expect(first.value).to.equal(square.power(task.ciphertext, 2n * 120n * keyShares[0]!.value));
    const again = decryptShare(thresholdKey, keyShares[0]!, task, random);
    expect(again.value).to.equal(first.value);
    expect(again.challenge).not.to.equal(first.challenge);
  });

  it("that is wrong does not prove", () => {
    for (const value of [2n, first.value + 1n, square.multiply(first.value, first.value), honest[1]!.value]) {
      expect(examined(proofOf(value))).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    }
  });

  it("times (1 + n)^x, by one who knows who decrypts and shifts the plaintext to where it wants, does not prove", () => {
    const set = [1, 3, 5];
    const shares = set.map((index) => honest[index - 1]!);
    const { delta } = thresholdKey;
    // To add 1,000,000: x = 1,000,000 * 4 l!^2 / (2 lambda_1).
    const lambda = nonNegative(2n * lagrange(delta, set, 1, 0), n);
    const x = (1_000_000n * 4n * delta * delta * inverse(lambda, n)!) % n;
    const shifted = { ...shares[0]!, value: square.multiply(shares[0]!.value, 1n + x * n) };
    // Unexamined it works, and to everybody it looks like a plaintext.
    expect(interpolate(thresholdKey, [shifted, shares[1]!, shares[2]!])).to.equal(1_002_026n);
    expect(examined(shifted)).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    const { plaintext, rejected, indices } = combine(thresholdKey, task, [shifted, ...honest.slice(1)]);
    expect(plaintext).to.equal(2026n);
    expect(indices).not.to.include(1);
    expect(rejected).to.deep.equal([{ position: 0, index: 1, code: "PAILLIER_SHARE_PROOF_INVALID" }]);
  });

  it("times (1 + n)^x does not prove with a proof made for it either", () => {
    // The liar runs the whole proof with another exponent: s_1 + x of the order's n part, which v_1 does not have.
    const order = ((PRIMES_512.p - 1n) * (PRIMES_512.q - 1n)) / 4n;
    const lie = decryptShare(thresholdKey, { index: 1, value: keyShares[0]!.value + order }, task, random);
    expect(lie.value).not.to.equal(first.value);
    expect(lie.value % n).to.equal(first.value % n);
    expect(examined(lie)).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("with a proof for another ciphertext is named so, and with its label changed does not prove", () => {
    const other = { ...task, ciphertext: encrypted(key, 2026n) };
    const share = decryptShare(thresholdKey, keyShares[0]!, other, random);
    expect(examined(share)).to.equal("PAILLIER_SHARE_OF_OTHER_CIPHERTEXT");
    const relabelled = { ...share, ciphertext: first.ciphertext };
    expect(examined(relabelled)).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    expect(examined({ ...relabelled, value: first.value })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("replayed from another context is named so, and with its label changed does not prove", () => {
    const share = decryptShare(thresholdKey, keyShares[0]!, { ...task, context: utf8("release 8") }, random);
    expect(share.value).to.equal(first.value);
    expect(examined(share)).to.equal("PAILLIER_SHARE_OF_OTHER_CONTEXT");
    expect(examined({ ...share, context: first.context })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("under another index does not prove, and under one that there is not is named so", () => {
    expect(examined({ ...first, index: 2 })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    expect(examined({ ...honest[1]!, index: 1 })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    for (const index of [0, -1, 6, 65_535, 1.5, Number.NaN]) {
      expect(examined({ ...first, index })).to.equal("PAILLIER_SHARE_INDEX_INVALID");
    }
    // A holder that computes with its own secret under another's number.
    const posing = decryptShare(thresholdKey, { index: 2, value: keyShares[0]!.value }, task, random);
    expect(examined(posing)).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("of another key is named so, and with its label changed does not prove", () => {
    const other = medium.thresholdKey;
    const share = decryptShare(other, medium.keyShares[0]!, { ...task, ciphertext: encrypted(medium.key, 1n) }, random);
    expect(examined(share)).to.equal("PAILLIER_SHARE_OF_OTHER_KEY");
    const { key: own, ciphertext } = first;
    expect(examined({ ...share, key: own, ciphertext })).to.be.oneOf([
      "PAILLIER_SHARE_OUT_OF_RANGE",
      "PAILLIER_SHARE_PROOF_INVALID",
    ]);
  });

  it("that is 0, 1 or -1 is named so", () => {
    for (const value of [0n, 1n, nSquared - 1n]) expect(examined(proofOf(value))).to.equal("PAILLIER_SHARE_TRIVIAL");
    // With proofs that hold for the trivial: z = 0 and e = 0 of v_i^0.
    expect(examined({ ...first, value: 1n, challenge: 0n, answer: 0n })).to.equal("PAILLIER_SHARE_TRIVIAL");
  });

  it("that is no unit is named so", () => {
    for (const value of [PRIMES_512.p, n, 5n * n, nSquared - PRIMES_512.q]) {
      expect(examined(proofOf(value))).to.equal("PAILLIER_SHARE_NOT_A_UNIT");
    }
  });

  it("out of range, or with a proof out of range, is named so", () => {
    for (const change of [
      { value: nSquared },
      { value: -first.value },
      { value: first.value + nSquared },
      { challenge: -1n },
      { challenge: first.challenge + (1n << 256n) },
      { answer: -1n },
      { answer: -first.answer },
      { answer: 1n << 9000n },
    ]) {
      expect(examined({ ...first, ...change })).to.equal("PAILLIER_SHARE_OUT_OF_RANGE");
    }
  });

  it("has no second answer by adding a multiple of what the liar may know of the order", () => {
    // n m is unknown to holders; n is not. Neither passes for a changed challenge.
    for (const more of [n, 2n * n, 1n]) {
      expect(examined({ ...first, answer: first.answer + more })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    }
    expect(examined({ ...first, challenge: first.challenge ^ 1n })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("of negative sign proves only if it was made so, and decrypts alike", () => {
    expect(examined(proofOf(nSquared - first.value))).to.equal("PAILLIER_SHARE_PROOF_INVALID");
    const negative = honest
      .slice(0, 3)
      .map((share, i) => (i === 0 ? { ...share, value: nSquared - share.value } : share));
    expect(interpolate(thresholdKey, negative)).to.equal(2026n);
  });

  it("is not made for an index that the key has not", () => {
    const wrong = { index: 6, value: keyShares[0]!.value };
    expectFault(() => decryptShare(thresholdKey, wrong, task, random), "PAILLIER_KEY_SHARE_INVALID");
  });

  it("with a source of randomness that repeats itself gives nothing away: the nonce depends on the task", () => {
    const other = { ...task, context: utf8("release 8") };
    const [a, b] = [task, other].map((each) => decryptShare(thresholdKey, keyShares[0]!, each, zeros));
    const exponent = 120n * keyShares[0]!.value;
    const nonce = ({ answer, challenge }: DecryptionShare): bigint => answer + challenge * exponent;
    expect(nonce(a!)).not.to.equal(nonce(b!));
  });

  it("goes to bytes and back; any flipped bit is caught, any other length refused", () => {
    const encoded = encodeShare(thresholdKey, first);
    expect(decodeShare(thresholdKey, encoded)).to.deep.equal(first);
    fc.assert(
      fc.property(fc.nat({ max: 8 * encoded.length - 1 }), (bit) => {
        expect(examined(decodeShare(thresholdKey, flipBit(encoded, bit)))).to.match(/^PAILLIER_SHARE_/);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        fc.pre(bytes.length !== encoded.length);
        expect(faultOf(() => decodeShare(thresholdKey, bytes)).code).to.equal("PAILLIER_SHARE_LENGTH");
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: encoded.length, maxLength: encoded.length }), (bytes) => {
        expect(examined(decodeShare(thresholdKey, bytes))).to.match(/^PAILLIER_SHARE_/);
        // With right labels it comes to the arithmetic.
        const labelled = Uint8Array.of(...encoded.subarray(0, 98), ...bytes.subarray(98));
        expect(examined(decodeShare(thresholdKey, labelled))).to.match(/^PAILLIER_SHARE_/);
      }),
    );
  });

  it("of a buffer does not change with it", () => {
    const encoded = Buffer.from(encodeShare(thresholdKey, first));
    const decoded = decodeShare(thresholdKey, encoded);
    encoded.fill(0);
    expect(decoded).to.deep.equal(first);
  });

  it("is right at 3,072 bits, and 1,715 bytes", () => {
    const wide = large();
    const wideTask = { ciphertext: encrypted(wide.key, 5n), context: utf8("x") };
    const share = decryptShare(wide.thresholdKey, wide.keyShares[2]!, wideTask, random);
    expect(examineShare(wide.thresholdKey, wideTask, share)).to.equal(undefined);
    expect(encodeShare(wide.thresholdKey, share)).to.have.length(1715);
    const lie = { ...share, value: wide.key.square.multiply(share.value, wide.key.g) };
    expect(examineShare(wide.thresholdKey, wideTask, lie)).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });

  it("is not fooled by a ciphertext's negative", () => {
    // -c has the same fourth power: only the transcript tells it from c.
    const negative = { ...task, ciphertext: (nSquared - task.ciphertext) as Ciphertext };
    const relabelled = decryptShare(thresholdKey, keyShares[0]!, negative, random);
    expect(relabelled.value).to.equal(first.value);
    expect(examined({ ...relabelled, ciphertext: first.ciphertext })).to.equal("PAILLIER_SHARE_PROOF_INVALID");
  });
});
