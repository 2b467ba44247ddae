import { expect } from "chai";
import { describe, it } from "mocha";

import { concatBytes, lengthPrefixed, uint, utf8 } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { decodeStatisticsKey, encodeStatisticsKey } from "../../../protocol/statistics/statistics-key.ts";
import { expectFault, flipBit, hex, large, medium, small } from "../paillier/fixtures.ts";

const { thresholdKey } = small;
const bytes = encodeStatisticsKey(thresholdKey);

describe("statistics key on chain", () => {
  it("comes back as it was, under its own name only", () => {
    const back = decodeStatisticsKey(bytes, thresholdKey.digest, 512);
    expect(hex(back.digest)).to.equal(hex(thresholdKey.digest));
    expect([back.threshold, back.shares]).to.deep.equal([3, 5]);
    expect(back.verificationKeys).to.deep.equal(thresholdKey.verificationKeys);
    expectFault(() => decodeStatisticsKey(bytes, medium.thresholdKey.digest, 512), "STATISTICS_KEY_MALFORMED");
  });

  it("of 3,072 bits fits on chain, and a shorter one is refused unless asked for", () => {
    const { thresholdKey: full } = large();
    const encoded = encodeStatisticsKey(full);
    expect(encoded.length).to.be.below(16_384);
    expect(decodeStatisticsKey(encoded, full.digest).key.bits).to.equal(3072);
    expectFault(() => decodeStatisticsKey(bytes, thresholdKey.digest), "PAILLIER_KEY_INVALID");
  });

  it("with any bit changed, cut, prolonged or in other fields is refused", () => {
    for (let bit = 0; bit < 8 * bytes.length; bit += 37) {
      let refused = false;
      try {
        decodeStatisticsKey(flipBit(bytes, bit), thresholdKey.digest, 512);
      } catch (error) {
        refused = isFault(error);
      }
      expect(refused, `bit ${String(bit)}`).to.equal(true);
    }
    const wrong = [
      new Uint8Array(0),
      bytes.subarray(0, -1),
      bytes.subarray(0, 3),
      concatBytes(bytes, lengthPrefixed(utf8("x"))),
      lengthPrefixed(utf8("riskveil/statistics/key/1")),
      lengthPrefixed(...Array.from({ length: 100 }, () => uint(1, 1))),
      concatBytes(uint(0xffff_ffff, 4), utf8("x")),
    ];
    for (const each of wrong) {
      expectFault(() => decodeStatisticsKey(each, thresholdKey.digest, 512), "STATISTICS_KEY_MALFORMED");
    }
  });
});
