import { ristretto255 as noble } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import fc from "fast-check";
import sodium from "libsodium-wrappers-sumo";
import { describe, it } from "mocha";

import type { Point, Residue } from "../../../protocol/group/group.ts";
import {
  addPoints,
  combine,
  decodePoint,
  IDENTITY,
  isIdentity,
  multiplyGenerator,
  multiplyPoint,
  negatePoint,
  requireElement,
  subtractPoints,
  sumPoints,
} from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { BAD_ENCODINGS, bytes, expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { integer, points, residues } from "./arbitraries.ts";

const theirs = (point: Uint8Array) => noble.Point.fromBytes(point);
const times = (scalar: Residue, point: Point) =>
  integer(scalar) === 0n ? noble.Point.ZERO : theirs(point).multiply(integer(scalar));

/** RFC 9496 appendix A.1: multiples 0 to 8 of the generator. */
const MULTIPLES = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
  "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
  "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
  "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
  "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
  "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
  "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d",
  "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c",
];

describe("points of ristretto255, the identity among them", () => {
  it("are the multiples of RFC 9496 appendix A.1", () => {
    const generator = multiplyGenerator(residueOf(1));
    let sum: Point = IDENTITY;
    for (const [index, expected] of MULTIPLES.entries()) {
      expect(hex(multiplyGenerator(residueOf(index)))).to.equal(expected);
      expect(hex(multiplyPoint(residueOf(index), generator))).to.equal(expected);
      expect(hex(sum)).to.equal(expected);
      expect(hex(sumPoints(Array<Point>(index).fill(generator)))).to.equal(expected);
      sum = addPoints(sum, generator);
    }
  });

  it("add, subtract, negate, multiply and combine as @noble/curves does", () => {
    fc.assert(
      fc.property(residues, residues, points, points, (a, b, p, q) => {
        expect(hex(addPoints(p, q))).to.equal(hex(theirs(p).add(theirs(q)).toBytes()));
        expect(hex(subtractPoints(p, q))).to.equal(hex(theirs(p).subtract(theirs(q)).toBytes()));
        expect(hex(negatePoint(p))).to.equal(hex(theirs(p).negate().toBytes()));
        expect(hex(multiplyPoint(a, p))).to.equal(hex(times(a, p).toBytes()));
        const expected = times(a, MULTIPLIED).add(times(b, p)).add(times(a, q)).add(theirs(p)).add(theirs(q));
        const products = [
          [b, p],
          [a, q],
        ] as const;
        expect(hex(combine({ generator: a, products, addends: [p, q] }))).to.equal(hex(expected.toBytes()));
      }),
      { numRuns: 25 },
    );
  });

  it("come to the identity where they should", () => {
    fc.assert(
      fc.property(residues, points, (a, p) => {
        expect(isIdentity(subtractPoints(p, p))).to.equal(true);
        expect(isIdentity(addPoints(p, negatePoint(p)))).to.equal(true);
        expect(isIdentity(multiplyPoint(residueOf(0), p))).to.equal(true);
        expect(isIdentity(multiplyPoint(a, IDENTITY))).to.equal(true);
        expect(hex(addPoints(p, IDENTITY))).to.equal(hex(p));
        const product = multiplyPoint(a, p);
        expect(isIdentity(combine({ products: [[a, p]], addends: [negatePoint(product)] }))).to.equal(true);
      }),
      { numRuns: 25 },
    );
    expect(isIdentity(combine({}))).to.equal(true);
    expect(isIdentity(sumPoints([]))).to.equal(true);
    expectFault(() => requireElement(IDENTITY, 3), "ELEMENT_IDENTITY");
    expect(faultOf(() => requireElement(IDENTITY, 3)).values).to.deep.equal({ index: 3 });
  });

  for (const [reason, encoding] of BAD_ENCODINGS) {
    it(`refuse ${reason} (${encoding.slice(0, 4)}..)`, () => {
      const bad = bytes(encoding) as Point;
      const good = multiplyGenerator(residueOf(7));
      const two = residueOf(2);
      for (const action of [
        () => decodePoint(bad),
        () => addPoints(bad, good),
        () => addPoints(good, bad),
        () => subtractPoints(bad, good),
        () => subtractPoints(good, bad),
        () => multiplyPoint(two, bad),
        () => multiplyPoint(residueOf(0), bad),
        () => sumPoints([good, bad]),
        () => combine({ products: [[two, bad]] }),
        () => combine({ products: [[two, good]], addends: [bad] }),
      ])
        expectFault(action, "ELEMENT_NOT_CANONICAL");
      expect(faultOf(() => combine({ products: [[two, good]], addends: [good, bad] })).values).to.deep.equal({
        index: 2,
      });
      expect(faultOf(() => addPoints(good, bad)).values).to.deep.equal({ index: 1 });
    });
  }

  it("never write past the buffer", () => {
    const long = new Uint8Array(64);
    const good = multiplyGenerator(residueOf(1));
    expectFault(() => decodePoint(long), "ELEMENT_NOT_CANONICAL");
    expectFault(() => multiplyPoint(residueOf(1), long as Point), "ELEMENT_NOT_CANONICAL");
    expect(() => multiplyPoint(long as Residue, good)).to.throw(RangeError);
    expect(() => multiplyGenerator(long as Residue)).to.throw(RangeError);
    expect(() => addPoints(good, long as Point)).to.throw(RangeError);
    expect(() => combine({ addends: [long as Point] })).to.throw(RangeError);
  });

  it("leave no operand in the WASM heap buffer", () => {
    const secret = ristretto255.randomScalar(random);
    const point = multiplyGenerator(secret);
    combine({ generator: secret, products: [[secret, point]], addends: [point] });
    expectFault(() => multiplyPoint(secret, bytes(BAD_ENCODINGS[0]![1]) as Point), "ELEMENT_NOT_CANONICAL");
    const heap = (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8;
    expect(Buffer.from(heap.buffer, heap.byteOffset, heap.length).indexOf(secret)).to.equal(-1);
  });
});

const MULTIPLIED = bytes(MULTIPLES[1]!) as Point;
