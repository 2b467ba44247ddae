import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { signatureFromDer, signatureToDer } from "../../../protocol/sm/sm2-signature-der.ts";
import type { Sm2Signature } from "../../../protocol/sm/sm2-signature.ts";
import { bytes, hex } from "./fixtures.ts";

describe("DER of a signature", () => {
  it("comes back as it went, also with leading zeros and high bits", () => {
    const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
    const raw = fc.oneof(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.array(byte, { minLength: 64, maxLength: 64 }),
    );
    fc.assert(
      fc.property(raw, (each) => {
        const signature = new Uint8Array(each) as Uint8Array as Sm2Signature;
        expect(signatureFromDer(signatureToDer(signature))).to.deep.equal(signature);
      }),
    );
  });

  it("has one form only", () => {
    const one = "0201";
    const good = `3006${one}01${one}02`;
    expect(hex(signatureFromDer(bytes(good)) ?? new Uint8Array())).to.equal(`${"00".repeat(31)}01${"00".repeat(31)}02`);
    for (const [what, der] of [
      ["nothing", ""],
      ["something behind", `${good}00`],
      ["something behind inside", `3008${one}01${one}020500`],
      ["three integers", `3009${one}01${one}02${one}03`],
      ["one integer", `3003${one}01`],
      ["a long length", `308106${one}01${one}02`],
      ["an indefinite length", `3080${one}01${one}020000`],
      ["a padded integer", `300702020001${one}02`],
      ["a negative integer", `3006${one}81${one}02`],
      ["an empty integer", `30050200${one}02`],
      ["33 bytes", `3026022101${"00".repeat(32)}${one}02`],
      ["another tag", `3106${one}01${one}02`],
    ] as const) {
      expect(signatureFromDer(bytes(der)), what).to.equal(undefined);
    }
  });
});
