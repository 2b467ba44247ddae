/** Both schemes under the same laws: sums are exact, nobody below t reads, liars are named, shares serve one ciphertext and context. */
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { createElGamalScheme, elGamalHolder } from "../../../protocol/additive/elgamal-scheme.ts";
import { createPaillierScheme, paillierHolder } from "../../../protocol/additive/paillier-scheme.ts";
import type { AdditiveScheme, GivenShare, ShareHolder } from "../../../protocol/additive/scheme.ts";
import { createSumDecoder } from "../../../protocol/aggregate/sum-decoder.ts";
import { faultOf, flipBit, random, small } from "../paillier/fixtures.ts";
import { runs, trustedKey } from "../threshold/ceremony.ts";

const dealt = trustedKey({ threshold: 3, nodes: 5 });
const cases: { readonly scheme: AdditiveScheme; readonly holders: readonly ShareHolder[]; readonly largest: bigint }[] =
  [
    {
      scheme: createElGamalScheme(dealt.keys, createSumDecoder(2 ** 11)),
      holders: dealt.shares.map((share) => elGamalHolder(dealt.keys, share)),
      largest: 2n ** 20n,
    },
    {
      scheme: createPaillierScheme(small.thresholdKey),
      holders: small.keyShares.map((share) => paillierHolder(small.thresholdKey, share)),
      largest: small.key.n / 8n,
    },
  ];
const context = new TextEncoder().encode("a test");

for (const { scheme, holders, largest } of cases) {
  describe(`additive encryption: ${scheme.name}`, () => {
    const sharesOf = (ciphertext: Uint8Array, from: readonly ShareHolder[] = holders, of = context): GivenShare[] =>
      from.map((holder) => ({ index: holder.index, bytes: holder.share(ciphertext, of, random) }));
    const read = (ciphertext: Uint8Array) => scheme.combine(ciphertext, context, sharesOf(ciphertext)).plaintext;

    it("sums are exact, in any order, randomised anew or not", () => {
      const plaintexts = fc.array(fc.bigInt(0n, largest), { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(plaintexts, (values) => {
          const [first, ...others] = values.map((value) => scheme.encrypt(value, random));
          if (first === undefined) expect.fail();
          const sum = scheme.rerandomise(scheme.add(first, ...others), random);
          expect(read(sum)).to.equal(values.reduce((total, value) => total + value, 0n));
        }),
        { numRuns: runs(12) },
      );
    });

    it("two encryptions of one plaintext, and one randomised anew, have nothing in common", () => {
      const one = scheme.encrypt(5n, random);
      const texts = [one, scheme.encrypt(5n, random), scheme.rerandomise(one, random)].map((each) => each.join());
      expect(new Set(texts).size).to.equal(3);
    });

    it("any t holders read, and t - 1 do not, whoever they are", () => {
      const ciphertext = scheme.encrypt(77n, random);
      const shares = sharesOf(ciphertext);
      for (const three of [
        [0, 1, 2],
        [2, 3, 4],
        [4, 0, 3],
      ]) {
        const some = three.map((at) => shares[at] ?? expect.fail());
        expect(scheme.combine(ciphertext, context, some)).to.deep.equal({ plaintext: 77n, refused: [] });
      }
      const fault = faultOf(() => scheme.combine(ciphertext, context, shares.slice(0, 2)));
      expect(fault.code).to.equal("PARTIALS_TOO_FEW");
      expect(fault.values).to.deep.include({ good: 2, missing: 1 });
    });

    it("a wrong share, one for another ciphertext or context, and a truncated one are named, and the answer still comes", () => {
      const ciphertext = scheme.encrypt(123n, random);
      const other = scheme.encrypt(9n, random);
      const [first, second, ...rest] = sharesOf(ciphertext);
      if (!first || !second) expect.fail();
      const strangers = [
        { index: 1, bytes: sharesOf(other)[0]?.bytes ?? expect.fail() },
        { index: 1, bytes: sharesOf(ciphertext, holders, new Uint8Array(3))[0]?.bytes ?? expect.fail() },
        { index: 1, bytes: first.bytes.slice(1) },
        { index: 1, bytes: second.bytes },
        { index: 1, bytes: flipBit(first.bytes, first.bytes.length - 4) },
        { index: 9, bytes: first.bytes },
      ];
      for (const wrong of strangers) {
        const { plaintext, refused } = scheme.combine(ciphertext, context, [wrong, ...rest]);
        expect(plaintext).to.equal(123n);
        expect(refused.map(({ index }) => index)).to.deep.equal([wrong.index]);
        const fault = faultOf(() => scheme.combine(ciphertext, context, [wrong, second, ...rest.slice(0, 1)]));
        expect(fault.values["liars"]).to.equal(String(wrong.index));
      }
    });

    it("what is out of range or no ciphertext is refused by code", () => {
      faultOf(() => scheme.encrypt(-1n, random));
      faultOf(() => scheme.encrypt(scheme.limit, random));
      faultOf(() => scheme.add(new Uint8Array(5)));
      faultOf(() => scheme.rerandomise(new Uint8Array(64).fill(255), random));
    });
  });
}
