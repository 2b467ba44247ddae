import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { Ciphertext } from "../../../protocol/paillier/ciphertext.ts";
import { add, addConstant, multiply, rerandomise } from "../../../protocol/paillier/encryption.ts";
import {
  decodeKnowledgeProof,
  encodeKnowledgeProof,
  encryptWithProof,
  knowledgeProofBytes,
  verifyKnowledge,
} from "../../../protocol/paillier/knowledge-proof.ts";
import { freshRandomiser } from "../../../protocol/paillier/randomiser.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { encrypted, expectFault, flipBit, large, medium, random, small, zeros } from "./fixtures.ts";

const { key, secret } = small;
const CONTEXT = utf8("statistic 1, period 2, contributor 3");

describe("proof of knowing a plaintext", () => {
  it("holds for what was encrypted, and leaves it as it is", () => {
    const plaintext = fc.oneof(fc.bigInt({ min: 0n, max: key.n - 1n }), fc.constantFrom(0n, 1n, key.n - 1n));
    fc.assert(
      fc.property(plaintext, fc.uint8Array(), (m, context) => {
        const { ciphertext, proof } = encryptWithProof(key, m, context, random);
        expect(verifyKnowledge(key, ciphertext, context, proof)).to.equal(true);
        expect(decrypt(key, secret, ciphertext)).to.equal(m);
      }),
    );
  });

  it("does not hold in another context, for another ciphertext, for another key", () => {
    const { ciphertext, proof } = encryptWithProof(key, 5n, CONTEXT, random);
    expect(verifyKnowledge(key, ciphertext, utf8("statistic 1, period 2, contributor 4"), proof)).to.equal(false);
    expect(verifyKnowledge(key, ciphertext, new Uint8Array(0), proof)).to.equal(false);
    expect(verifyKnowledge(key, encrypted(key, 5n), CONTEXT, proof)).to.equal(false);
    expect(verifyKnowledge(medium.key, ciphertext, CONTEXT, proof)).to.equal(false);
  });

  it("does not hold for what was made of the ciphertext without knowing what is in it", () => {
    const { ciphertext, proof } = encryptWithProof(key, 5n, CONTEXT, random);
    const bent: readonly Ciphertext[] = [
      rerandomise(key, ciphertext, freshRandomiser(key, "half-exponent", random)),
      addConstant(key, ciphertext, 1n),
      multiply(key, ciphertext, 2n),
      add(key, ciphertext, encrypted(key, 0n)),
      (key.square.value - ciphertext) as Ciphertext,
    ];
    for (const each of bent) expect(verifyKnowledge(key, each, CONTEXT, proof)).to.equal(false);
  });

  it("does not hold with anything changed or out of range", () => {
    const { ciphertext, proof } = encryptWithProof(key, 5n, CONTEXT, random);
    const wrong = [
      { ...proof, challenge: proof.challenge ^ 1n },
      { ...proof, challenge: -proof.challenge },
      { ...proof, challenge: proof.challenge + (1n << 256n) },
      { ...proof, plaintextAnswer: (proof.plaintextAnswer + 1n) % key.n },
      { ...proof, plaintextAnswer: proof.plaintextAnswer + key.n },
      { ...proof, plaintextAnswer: -1n },
      { ...proof, exponentAnswer: proof.exponentAnswer + 1n },
      { ...proof, exponentAnswer: -proof.exponentAnswer },
      { ...proof, exponentAnswer: proof.exponentAnswer + (1n << 5000n) },
      { challenge: 0n, plaintextAnswer: 0n, exponentAnswer: 0n },
    ];
    for (const each of wrong) expect(verifyKnowledge(key, ciphertext, CONTEXT, each)).to.equal(false);
  });

  it("goes to bytes and back; any other bytes are refused or do not hold", () => {
    const { ciphertext, proof } = encryptWithProof(key, 5n, CONTEXT, random);
    const encoded = encodeKnowledgeProof(key, proof);
    expect(encoded).to.have.length(knowledgeProofBytes(key));
    expect(decodeKnowledgeProof(key, encoded)).to.deep.equal(proof);
    fc.assert(
      fc.property(fc.nat({ max: 8 * encoded.length - 1 }), (bit) => {
        const changed = decodeKnowledgeProof(key, flipBit(encoded, bit));
        expect(verifyKnowledge(key, ciphertext, CONTEXT, changed)).to.equal(false);
      }),
    );
    for (const wrong of [new Uint8Array(0), encoded.slice(1), Uint8Array.of(...encoded, 0)]) {
      expectFault(() => decodeKnowledgeProof(key, wrong), "PAILLIER_PROOF_LENGTH");
    }
  });

  it("with a source of randomness that only repeats itself still hides the exponent behind different nonces", () => {
    // Two plaintexts, one randomness: the nonce must differ, or two challenges would give the exponent away.
    const [a, b] = [encryptWithProof(key, 1n, CONTEXT, zeros), encryptWithProof(key, 2n, CONTEXT, zeros)];
    const difference = b.proof.challenge - a.proof.challenge;
    // With one nonce for both this would be the exponent, which zeros make 1.
    expect((a.proof.exponentAnswer - b.proof.exponentAnswer) / difference).not.to.equal(1n);
  });

  it("holds at 3,072 bits", () => {
    const wide = large().key;
    const { ciphertext, proof } = encryptWithProof(wide, 2n ** 3000n, CONTEXT, random);
    expect(verifyKnowledge(wide, ciphertext, CONTEXT, proof)).to.equal(true);
    expect(verifyKnowledge(wide, ciphertext, utf8("other"), proof)).to.equal(false);
    expect(knowledgeProofBytes(wide)).to.equal(657);
  });
});
