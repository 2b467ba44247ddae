import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { describe, it } from "mocha";

import { ristretto255Sha512 as suite } from "../../../protocol/oprf/oprf.ts";
import { bytes, fixedScalar, hex } from "./fixtures.ts";
import { keyInfo, publicKey, secretKey, seed, vectors } from "./rfc9497-vectors.ts";

describe("RFC 9497 appendix A.1.2: ristretto255-SHA512, VOPRF", () => {
  it("is named and sized as the standard says", () => {
    expect(suite.name).to.equal("ristretto255-SHA512");
    expect([suite.elementBytes, suite.scalarBytes, suite.proofBytes, suite.outputBytes]).to.deep.equal([
      32, 32, 64, 64,
    ]);
  });

  it("derives the key pair from seed and info", () => {
    const key = suite.deriveKeyPair(bytes(seed), bytes(keyInfo));
    expect(hex(key.secretKey)).to.equal(secretKey);
    expect(hex(key.publicKey)).to.equal(publicKey);
    expect(hex(suite.publicKeyOf(key.secretKey))).to.equal(publicKey);
  });

  for (const vector of vectors) {
    describe(vector.title, () => {
      const key = { secretKey: suite.decodeScalar(bytes(secretKey)), publicKey: suite.decodeElement(bytes(publicKey)) };
      const inputs = vector.input.map(bytes);
      const blinds = vector.blind.map((blind) => suite.decodeScalar(bytes(blind)));
      const blinded = vector.blindedElement.map((element) => suite.decodeElement(bytes(element)));
      const evaluated = vector.evaluationElement.map((element) => suite.decodeElement(bytes(element)));

      it("blinds", () => {
        const result = inputs.map((input, index) => hex(suite.blind(input, blinds[index]!)));
        expect(result).to.deep.equal(vector.blindedElement);
      });

      it("evaluates and proves", () => {
        const result = suite.blindEvaluate(key, blinded, fixedScalar(bytes(vector.proofRandomScalar)));
        expect(result.evaluated.map(hex)).to.deep.equal(vector.evaluationElement);
        expect(hex(result.proof)).to.equal(vector.proof);
        expect(suite.evaluateWithoutProof(key.secretKey, blinded).map(hex)).to.deep.equal(vector.evaluationElement);
      });

      it("accepts the proof", () => {
        expect(suite.verifyProof(key.publicKey, blinded, evaluated, bytes(vector.proof))).to.equal(true);
      });

      it("finalizes to the output, as does the holder of the key alone", () => {
        const finalized = inputs.map((input, index) => hex(suite.finalize(input, blinds[index]!, evaluated[index]!)));
        expect(finalized).to.deep.equal(vector.output);
        expect(inputs.map((input) => hex(suite.evaluate(key.secretKey, input)))).to.deep.equal(vector.output);
      });

      it("is what @noble/curves computes from the same values", () => {
        const other = ristretto255_oprf.voprf;
        const answer = other.blindEvaluateBatch(key.secretKey, key.publicKey, blinded);
        expect(answer.evaluated.map(hex)).to.deep.equal(vector.evaluationElement);
        const outputs = other.finalizeBatch(
          inputs.map((input, index) => ({
            input,
            blind: blinds[index]!,
            evaluated: evaluated[index]!,
            blinded: blinded[index]!,
          })),
          key.publicKey,
          bytes(vector.proof),
        );
        expect(outputs.map(hex)).to.deep.equal(vector.output);
      });
    });
  }
});
