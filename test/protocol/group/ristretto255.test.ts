import { ristretto255 as noble, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import sodium from "libsodium-wrappers-sumo";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { ristretto255 as group } from "../../../protocol/group/ristretto255.ts";
import type { Element, Scalar } from "../../../protocol/group/group.ts";
import {
  BAD_ENCODINGS,
  bytes,
  expectFault,
  faultOf,
  fixedScalar,
  hex,
  IDENTITY,
  ORDER,
  random,
} from "../oprf/fixtures.ts";

const scalars = fc.uint8Array({ minLength: 64, maxLength: 64 }).map((wide) => group.randomScalar(() => wide.slice()));
const elements = scalars.map((scalar) => group.multiplyBase(scalar));
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const integer = (scalar: Uint8Array): bigint => BigInt(`0x${hex(scalar.slice().reverse())}`);
const point = (element: Uint8Array) => noble.Point.fromBytes(element);

describe("ristretto255 by libsodium", () => {
  it("multiplies, adds and sums as @noble/curves does", () => {
    fc.assert(
      fc.property(scalars, scalars, elements, elements, (a, b, p, q) => {
        expect(hex(group.multiply(a, p))).to.equal(hex(point(p).multiply(integer(a)).toBytes()));
        expect(hex(group.add(p, q))).to.equal(hex(point(p).add(point(q)).toBytes()));
        expect(hex(group.multiplyBase(a))).to.equal(hex(noble.Point.BASE.multiply(integer(a)).toBytes()));
        expect(group.multiplyEach(a, [p, q]).map(hex)).to.deep.equal(
          [p, q].map((each) => hex(group.multiply(a, each))),
        );
        const sum = point(p)
          .multiply(integer(a))
          .add(point(q).multiply(integer(b)));
        expect(hex(group.linearCombination([a, b], [p, q]))).to.equal(hex(sum.toBytes()));
      }),
      { numRuns: 20 },
    );
  });

  it("computes with scalars modulo the order", () => {
    fc.assert(
      fc.property(scalars, scalars, scalars, (a, b, c) => {
        const expected = (((integer(a) - integer(b) * integer(c)) % L) + L) % L;
        expect(integer(group.subtractProduct(a, b, c))).to.equal(expected);
        expect((integer(group.invert(a)) * integer(a)) % L).to.equal(1n);
      }),
    );
  });

  describe("decodeElement", () => {
    for (const [reason, encoding] of BAD_ENCODINGS) {
      it(`refuses ${reason} (${encoding.slice(0, 4)}..)`, () => {
        expectFault(() => group.decodeElement(bytes(encoding)), "ELEMENT_NOT_CANONICAL");
      });
    }

    it("refuses the identity", () => {
      expectFault(() => group.decodeElement(new Uint8Array(32)), "ELEMENT_IDENTITY");
    });

    it("refuses any other length", () => {
      for (const length of [0, 1, 31, 33, 64]) {
        expectFault(() => group.decodeElement(new Uint8Array(length).fill(1)), "ELEMENT_NOT_CANONICAL");
      }
    });

    it("agrees with @noble/curves on random strings", () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (candidate) => {
          let valid: boolean;
          try {
            valid = !point(candidate).equals(noble.Point.ZERO);
          } catch {
            valid = false;
          }
          if (valid) expect(hex(group.decodeElement(candidate))).to.equal(hex(candidate));
          else expect(faultOf(() => group.decodeElement(candidate)).code).to.match(/^ELEMENT_/);
        }),
      );
    });

    it("names the element", () => {
      expect(faultOf(() => group.decodeElement(new Uint8Array(32), 7)).values).to.deep.equal({ index: 7 });
    });
  });

  describe("decodeScalar", () => {
    const less = ORDER.slice();
    less[0]! -= 1;
    const more = ORDER.slice();
    more[0]! += 1;

    it("accepts 1 and the order less 1", () => {
      const one = new Uint8Array(32);
      one[0] = 1;
      expect(hex(group.decodeScalar(one))).to.equal(hex(one));
      expect(hex(group.decodeScalar(less))).to.equal(hex(less));
    });

    it("refuses zero, the order and above, and other lengths", () => {
      const bad = [
        new Uint8Array(32),
        ORDER,
        more,
        new Uint8Array(32).fill(255),
        new Uint8Array(31),
        new Uint8Array(33),
      ];
      for (const scalar of bad) expectFault(() => group.decodeScalar(scalar), "SCALAR_INVALID");
    });

    it("leaves zero to proofs", () => {
      expect(group.isReduced(new Uint8Array(32))).to.equal(true);
      expect(group.isReduced(ORDER)).to.equal(false);
      expect(group.isReduced(new Uint8Array(31))).to.equal(false);
    });
  });

  describe("operands that a cast let through", () => {
    const two = group.randomScalar(random);
    const good = group.multiplyBase(two);

    for (const [reason, encoding] of BAD_ENCODINGS) {
      it(`multiply refuses ${reason} (${encoding.slice(0, 4)}..)`, () => {
        const bad = bytes(encoding) as Element;
        expectFault(() => group.multiply(two, bad), "ELEMENT_NOT_CANONICAL");
        expectFault(() => group.multiplyEach(two, [good, bad]), "ELEMENT_NOT_CANONICAL");
        expectFault(() => group.linearCombination([two, two], [good, bad]), "ELEMENT_NOT_CANONICAL");
        expectFault(() => group.add(good, bad), "ELEMENT_NOT_CANONICAL");
        expectFault(() => group.add(bad, good), "ELEMENT_NOT_CANONICAL");
      });
    }

    it("multiply refuses the identity and a zero scalar", () => {
      expectFault(() => group.multiply(two, IDENTITY), "ELEMENT_IDENTITY");
      expectFault(() => group.multiply(new Uint8Array(32) as Scalar, good), "SCALAR_INVALID");
      expectFault(() => group.multiplyBase(new Uint8Array(32) as Scalar), "SCALAR_INVALID");
      expectFault(() => group.invert(new Uint8Array(32) as Scalar), "SCALAR_INVALID");
    });

    it("never writes past its buffer", () => {
      expect(() => group.multiply(new Uint8Array(64) as Scalar, good)).to.throw(RangeError);
      expectFault(() => group.multiply(two, new Uint8Array(64) as Element), "ELEMENT_NOT_CANONICAL");
      expect(() => group.add(good, new Uint8Array(33) as Element)).to.throw(RangeError);
      expect(() => group.linearCombination([two], [])).to.throw(RangeError);
      expect(() => group.linearCombination([], [])).to.throw(RangeError);
    });
  });

  it("refuses a sum that is the identity", () => {
    const one = group.randomScalar(random);
    const opposite = group.subtractProduct(new Uint8Array(32) as Scalar, one, fixedOne()) as Scalar;
    const base = group.multiplyBase(fixedOne());
    expectFault(() => group.add(group.multiplyBase(one), group.multiplyBase(opposite)), "ELEMENT_IDENTITY");
    expectFault(() => group.linearCombination([one, opposite], [base, base]), "ELEMENT_IDENTITY");
  });

  it("draws a reduced scalar and refuses a source of zeros", () => {
    expect(hex(group.randomScalar(fixedScalar(fixedOne())))).to.equal(hex(fixedOne()));
    expectFault(() => group.randomScalar((length) => new Uint8Array(length)), "SCALAR_INVALID");
    expect(() => group.randomScalar(() => new Uint8Array(32).fill(1))).to.throw(RangeError);
  });

  it("hashes to the group as @noble/curves does", () => {
    const dst = utf8("HashToGroup-OPRFV1-\u0001-ristretto255-SHA512");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const expected = ristretto255_hasher.hashToCurve(message, { DST: dst }).toBytes();
        expect(hex(group.hashToElement(message, dst))).to.equal(hex(expected));
        const scalar = ristretto255_hasher.hashToScalar(message, { DST: dst });
        expect(integer(group.hashToScalar(message, dst))).to.equal(scalar);
      }),
      { numRuns: 30 },
    );
  });

  it("leaves no secret operand in the WASM heap buffer", () => {
    const secret = group.randomScalar(random);
    const element = group.multiplyBase(secret);
    group.multiply(secret, element);
    group.invert(secret);
    group.subtractProduct(secret, secret, secret);
    expectFault(() => group.multiply(secret, bytes(BAD_ENCODINGS[0]![1]) as Element), "ELEMENT_NOT_CANONICAL");
    const heap = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8;
    expect(Buffer.from(heap.buffer, heap.byteOffset, heap.length).indexOf(secret)).to.equal(-1);
  });

  it("goes on working after the WASM heap has grown", () => {
    const scalar = group.randomScalar(random);
    const before = hex(group.multiplyBase(scalar));
    sodium.crypto_generichash(32, new Uint8Array(48 * 1024 * 1024), null);
    expect(hex(group.multiplyBase(scalar))).to.equal(before);
  });
});

function fixedOne(): Scalar {
  const one = new Uint8Array(32);
  one[0] = 1;
  return one as Scalar;
}
