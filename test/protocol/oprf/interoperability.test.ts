import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { ristretto255Sha512 as ours } from "../../../protocol/oprf/oprf.ts";
import { hex, random } from "./fixtures.ts";

const theirs = ristretto255_oprf.voprf;
const inputs = fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1, maxLength: 6 });
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("interoperability with @noble/curves ristretto255_oprf", () => {
  it("derives the same keys", () => {
    fc.assert(
      fc.property(seed, fc.uint8Array({ maxLength: 40 }), (keySeed, info) => {
        const a = ours.deriveKeyPair(keySeed, info);
        const b = theirs.deriveKeyPair(keySeed, info);
        expect([hex(a.secretKey), hex(a.publicKey)]).to.deep.equal([hex(b.secretKey), hex(b.publicKey)]);
      }),
      { numRuns: 20 },
    );
  });

  it("serves noble's client", () => {
    fc.assert(
      fc.property(seed, inputs, (keySeed, batch) => {
        const key = ours.deriveKeyPair(keySeed, new Uint8Array(0));
        const blindings = batch.map((input) => theirs.blind(input));
        const blinded = ours.decodeElements(Buffer.concat(blindings.map((blinding) => blinding.blinded)));
        const { evaluated, proof } = ours.blindEvaluate(key, blinded, random);
        const items = batch.map((input, index) => ({
          input,
          blind: blindings[index]!.blind,
          blinded: blinded[index]!,
          evaluated: evaluated[index]!,
        }));
        const outputs = theirs.finalizeBatch(items, key.publicKey, proof);
        expect(outputs.map(hex)).to.deep.equal(batch.map((input) => hex(ours.evaluate(key.secretKey, input))));
      }),
      { numRuns: 15 },
    );
  });

  it("is served by noble's server", () => {
    fc.assert(
      fc.property(seed, inputs, (keySeed, batch) => {
        const key = theirs.deriveKeyPair(keySeed, new Uint8Array(0));
        const blinds = batch.map(() => ours.randomScalar(random));
        const blinded = batch.map((input, index) => ours.blind(input, blinds[index]!));
        const answer = theirs.blindEvaluateBatch(key.secretKey, key.publicKey, blinded);
        const evaluated = answer.evaluated.map((element) => ours.decodeElement(element));
        expect(ours.verifyProof(key.publicKey, blinded, evaluated, answer.proof)).to.equal(true);
        const outputs = batch.map((input, index) => hex(ours.finalize(input, blinds[index]!, evaluated[index]!)));
        const items = batch.map((input, index) => ({
          input,
          blind: blinds[index]!,
          blinded: blinded[index]!,
          evaluated: evaluated[index]!,
        }));
        expect(theirs.finalizeBatch(items, key.publicKey, answer.proof).map(hex)).to.deep.equal(outputs);
      }),
      { numRuns: 15 },
    );
  });
});
