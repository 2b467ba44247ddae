import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { openShare, sealShare, toSealedShare } from "../../../protocol/ceremony/sealed-share.ts";
import { concatBytes, fromBase64Url, fromHex, toBase64Url, utf8 } from "../../../protocol/encoding/bytes.ts";
import { encrypt } from "../../../protocol/sm/sm2-encryption.ts";
import { expectFault, flipBit, medium, random } from "../paillier/fixtures.ts";
import { held, holders, testKey } from "./fixtures.ts";

const { thresholdKey, keyShares } = testKey;
const { record, sealed } = held();
const [first, second] = sealed;
const [holder, other] = holders;
const id = fromHex(record.id);

describe("sealed share", () => {
  it("opens for its holder to the dealt share", () => {
    for (const [position, share] of sealed.entries()) {
      expect(openShare(thresholdKey, share, holders[position]!.secretKey)).to.deep.equal(keyShares[position]);
    }
  });

  it("opens for nobody else, nor with a bit changed", () => {
    expectFault(() => openShare(thresholdKey, first!, other!.secretKey), "SM2_CIPHERTEXT_INVALID");
    const bytes = fromBase64Url(first!.sealed);
    fc.assert(
      fc.property(fc.nat({ max: 8 * bytes.length - 1 }), (bit) => {
        const changed = { ...first!, sealed: toBase64Url(flipBit(bytes, bit)) };
        expectFault(() => openShare(thresholdKey, changed, holder!.secretKey), "SM2_CIPHERTEXT_INVALID");
      }),
      { numRuns: 20 },
    );
    expectFault(
      () => openShare(thresholdKey, { ...first!, sealed: "=" }, holder!.secretKey),
      "CEREMONY_SEALED_SHARE_INVALID",
    );
  });

  it("of another ceremony, holder or key is recognised", () => {
    for (const wrong of [
      { ...first!, ceremony: held().record.id },
      { ...first!, index: 2 },
      toSealedShare(record.id, 1, sealShare(id, medium.thresholdKey, medium.keyShares[0]!, holder!.publicKey, random)),
      toSealedShare(record.id, 1, sealShare(id, thresholdKey, keyShares[1]!, holder!.publicKey, random)),
    ]) {
      expectFault(() => openShare(thresholdKey, wrong, holder!.secretKey), "CEREMONY_SEALED_SHARE_INVALID");
    }
  });

  it("that does not fit its verification key is recognised", () => {
    const wrong = { ...keyShares[0]!, value: keyShares[0]!.value + 1n };
    const share = toSealedShare(record.id, 1, sealShare(id, thresholdKey, wrong, holder!.publicKey, random));
    expectFault(() => openShare(thresholdKey, share, holder!.secretKey), "PAILLIER_KEY_SHARE_INVALID");
  });

  it("with anything else in it is recognised", () => {
    for (const message of [utf8("x"), new Uint8Array(128), concatBytes(utf8("riskveil"), new Uint8Array(500))]) {
      const share = toSealedShare(record.id, 1, encrypt(holder!.publicKey, message, random));
      expectFault(() => openShare(thresholdKey, share, holder!.secretKey), "CEREMONY_SEALED_SHARE_INVALID");
    }
    expect(second!.index).to.equal(2);
  });
});
