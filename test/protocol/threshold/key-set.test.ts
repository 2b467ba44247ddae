import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { decodeKeySet, encodeKeySet, publicShare } from "../../../protocol/threshold/key-set.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { expectFault, hex } from "../oprf/fixtures.ts";
import { trustedKey } from "./ceremony.ts";

const { keys } = trustedKey({ threshold: 3, nodes: 5 });
const encoded = encodeKeySet(keys);

describe("the public side of a shared key", () => {
  it("reads back what was written", () => {
    expect(hex(encodeKeySet(decodeKeySet(encoded)))).to.equal(hex(encoded));
    expect(encoded.length).to.equal(2 + 6 * 32);
  });

  it("is refused with one share of another polynomial, or two exchanged", () => {
    const other = trustedKey({ threshold: 3, nodes: 5 });
    for (const position of [0, 1, 2, 3, 4]) {
      const publicShares = keys.publicShares.with(position, other.keys.publicShares[position]!);
      expectFault(() => decodeKeySet(encodeKeySet({ ...keys, publicShares })), "KEY_SET_INCONSISTENT");
    }
    const exchanged = keys.publicShares.with(0, keys.publicShares[1]!).with(1, keys.publicShares[0]!);
    expectFault(() => decodeKeySet(encodeKeySet({ ...keys, publicShares: exchanged })), "KEY_SET_INCONSISTENT");
    const publicKey = other.keys.publicKey;
    expectFault(() => decodeKeySet(encodeKeySet({ ...keys, publicKey })), "KEY_SET_INCONSISTENT");
  });

  it("is a fault, never another exception, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: encoded.length - 1 }), (junk, position) => {
        const flipped = encoded.slice();
        flipped[position]! ^= 1;
        for (const hostile of [junk, flipped, Uint8Array.from([3, 5, ...junk]), encoded.slice(0, position)]) {
          try {
            decodeKeySet(hostile);
            expect.fail("decoded");
          } catch (error) {
            expect(isFault(error)).to.equal(true);
          }
        }
      }),
    );
  });

  it("has no share of a node it does not have", () => {
    for (const index of [0, 6, -1, 1.5]) expectFault(() => publicShare(keys, index), "THRESHOLD_INDICES_INVALID");
  });
});
