import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { ristretto255Sha512 as suite, type Element, type Scalar } from "../../../protocol/oprf/oprf.ts";
import { BAD_ENCODINGS, bytes, exchange, expectFault, faultOf, hex, IDENTITY, ORDER, random } from "./fixtures.ts";

const bad = BAD_ENCODINGS.map(([, encoding]) => bytes(encoding) as Element);
const flip = (data: Uint8Array, position: number, bit: number): Uint8Array => {
  const copy = data.slice();
  copy[position]! ^= 1 << bit;
  return copy;
};

describe("blind, evaluate, verify, finalize", () => {
  for (const count of [1, 2, 3, 99, 100, 1000]) {
    it(`answers a batch of ${String(count)}`, () => {
      const { key, blinded, evaluated, proof } = exchange(count);
      expect(evaluated.length).to.equal(count);
      expect(proof.length).to.equal(suite.proofBytes);
      expect(suite.verifyProof(key.publicKey, blinded, evaluated, proof)).to.equal(true);
    });
  }

  it("gives the client what the key holder computes alone", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        const key = suite.generateKeyPair(random);
        const blind = suite.randomScalar(random);
        const [evaluated] = suite.evaluateWithoutProof(key.secretKey, [suite.blind(input, blind)]);
        expect(hex(suite.finalize(input, blind, evaluated!))).to.equal(hex(suite.evaluate(key.secretKey, input)));
      }),
      { numRuns: 30 },
    );
  });

  it("shows the server another element each time, and gives another output under another key", () => {
    const input = random(18);
    const elements = Array.from({ length: 20 }, () => hex(suite.blind(input, suite.randomScalar(random))));
    expect(new Set(elements).size).to.equal(20);
    const outputs = [1, 2].map(() => hex(suite.evaluate(suite.generateKeyPair(random).secretKey, input)));
    expect(outputs[0]).not.to.equal(outputs[1]);
  });

  it("changes neither its operands nor a key while it computes", () => {
    const { key, blinded } = exchange(3);
    const before = [key.secretKey, key.publicKey, ...blinded].map(hex);
    const { evaluated } = suite.blindEvaluate(key, blinded, random);
    const blind = suite.randomScalar(random);
    const operands = [hex(blind), hex(evaluated[0]!)];
    suite.finalize(random(8), blind, evaluated[0]!);
    suite.evaluate(key.secretKey, random(8));
    expect([key.secretKey, key.publicKey, ...blinded].map(hex)).to.deep.equal(before);
    expect([hex(blind), hex(evaluated[0]!)]).to.deep.equal(operands);
  });
});

describe("a proof", () => {
  const { key, blinded, evaluated, proof } = exchange(4);

  it("fails with any bit flipped", () => {
    fc.assert(
      fc.property(fc.nat({ max: 63 }), fc.nat({ max: 7 }), (position, bit) => {
        expect(suite.verifyProof(key.publicKey, blinded, evaluated, flip(proof, position, bit))).to.equal(false);
      }),
    );
  });

  it("fails for any bit flipped in an element or in the key", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat({ max: 31 }), fc.nat({ max: 7 }), (index, position, bit) => {
        const changed = (list: Element[]) =>
          list.map((element, each) => (each === index ? flip(element, position, bit) : element));
        expect(suite.verifyProof(key.publicKey, changed(blinded), evaluated, proof)).to.equal(false);
        expect(suite.verifyProof(key.publicKey, blinded, changed(evaluated), proof)).to.equal(false);
        expect(suite.verifyProof(flip(key.publicKey, position, bit), blinded, evaluated, proof)).to.equal(false);
      }),
    );
  });

  it("fails when elements are exchanged, left out, repeated or replaced by valid ones", () => {
    const [a, b, c, d] = evaluated as [Element, Element, Element, Element];
    expect(suite.verifyProof(key.publicKey, blinded, [b, a, c, d], proof)).to.equal(false);
    expect(suite.verifyProof(key.publicKey, blinded, [a, a, c, d], proof)).to.equal(false);
    expect(suite.verifyProof(key.publicKey, blinded.slice(1), [b, c, d], proof)).to.equal(false);
    expect(suite.verifyProof(key.publicKey, evaluated, blinded, proof)).to.equal(false);
    expect(suite.verifyProof(key.publicKey, blinded, [exchange(1).evaluated[0]!, b, c, d], proof)).to.equal(false);
  });

  it("fails when both lists are reordered alike: positions are bound", () => {
    expect(suite.verifyProof(key.publicKey, [...blinded].reverse(), [...evaluated].reverse(), proof)).to.equal(false);
  });

  it("fails under a key other than the one that evaluated", () => {
    const other = suite.generateKeyPair(random);
    expect(suite.verifyProof(other.publicKey, blinded, evaluated, proof)).to.equal(false);
    // A holder that evaluates with one key and proves with the committed one.
    const mixed = suite.blindEvaluate({ secretKey: other.secretKey, publicKey: key.publicKey }, blinded, random);
    expect(suite.verifyProof(key.publicKey, blinded, mixed.evaluated, mixed.proof)).to.equal(false);
  });

  it("fails when one element of the batch was evaluated with another key", () => {
    const other = suite.generateKeyPair(random);
    const [wrong] = suite.evaluateWithoutProof(other.secretKey, blinded.slice(0, 1));
    const forged = [wrong!, ...evaluated.slice(1)];
    expect(suite.verifyProof(key.publicKey, blinded, forged, proof)).to.equal(false);
  });

  it("fails with unreduced scalars that are equal modulo the order", () => {
    const plusOrder = (scalar: Uint8Array): Uint8Array => {
      let carry = 0;
      return scalar.map((byte, index) => {
        const sum = byte + ORDER[index]! + carry;
        carry = sum >> 8;
        return sum & 0xff;
      });
    };
    const c = proof.slice(0, 32);
    const s = proof.slice(32);
    for (const forged of [Buffer.concat([plusOrder(c), s]), Buffer.concat([c, plusOrder(s)])]) {
      expect(suite.verifyProof(key.publicKey, blinded, evaluated, forged)).to.equal(false);
    }
  });

  it("is false, never an exception, for malformed content", () => {
    const zero = new Uint8Array(32);
    const cases: [Uint8Array, Uint8Array[], Uint8Array[], Uint8Array][] = [
      [key.publicKey, [], [], proof],
      [key.publicKey, blinded, evaluated.slice(1), proof],
      [key.publicKey, blinded, evaluated, new Uint8Array(0)],
      [key.publicKey, blinded, evaluated, new Uint8Array(63)],
      [key.publicKey, blinded, evaluated, new Uint8Array(64)],
      [key.publicKey, blinded, evaluated, new Uint8Array(65)],
      [key.publicKey, blinded, evaluated, new Uint8Array(64).fill(255)],
      [zero, blinded, evaluated, proof],
      [new Uint8Array(5), blinded, evaluated, proof],
      [key.publicKey, [zero, ...blinded.slice(1)], evaluated, proof],
      [key.publicKey, blinded, [zero, ...evaluated.slice(1)], proof],
      [key.publicKey, blinded, [new Uint8Array(31), ...evaluated.slice(1)], proof],
      [key.publicKey, Array<Element>(65_536).fill(blinded[0]!), Array<Element>(65_536).fill(evaluated[0]!), proof],
      ...bad.map((e): [Uint8Array, Uint8Array[], Uint8Array[], Uint8Array] => [e, blinded, evaluated, proof]),
      ...bad.map((e): [Uint8Array, Uint8Array[], Uint8Array[], Uint8Array] => [key.publicKey, [e], [e], proof]),
    ];
    for (const each of cases) expect(suite.verifyProof(...each)).to.equal(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.array(fc.uint8Array({ maxLength: 40 })), (junk, list) => {
        expect(suite.verifyProof(junk, list, list, junk)).to.equal(false);
      }),
    );
  });

  it("does not repeat: its nonce is fresh", () => {
    const again = suite.blindEvaluate(key, blinded, random);
    expect(hex(again.proof)).not.to.equal(hex(proof));
    expect(again.evaluated.map(hex)).to.deep.equal(evaluated.map(hex));
  });
});

describe("what enters a computation", () => {
  const { key, blinded, evaluated } = exchange(2);
  const blind = suite.randomScalar(random);
  const badScalars = [new Uint8Array(32), ORDER, new Uint8Array(32).fill(255), new Uint8Array(0), new Uint8Array(33)];

  it("is refused if a blinded element is malformed", () => {
    for (const element of bad) {
      const batch = [blinded[0]!, element];
      expect(faultOf(() => suite.blindEvaluate(key, batch, random))).to.include({ code: "ELEMENT_NOT_CANONICAL" });
      expect(faultOf(() => suite.evaluateWithoutProof(key.secretKey, batch)).values).to.deep.equal({ index: 1 });
    }
    expectFault(() => suite.blindEvaluate(key, [IDENTITY], random), "ELEMENT_IDENTITY");
    expectFault(() => suite.evaluateWithoutProof(key.secretKey, [IDENTITY]), "ELEMENT_IDENTITY");
  });

  it("is refused if the evaluated element is malformed", () => {
    for (const element of bad) {
      expectFault(() => suite.finalize(random(4), blind, element), "ELEMENT_NOT_CANONICAL");
    }
    expectFault(() => suite.finalize(random(4), blind, IDENTITY), "ELEMENT_IDENTITY");
  });

  it("is refused if the public key is malformed", () => {
    const malformed = { secretKey: key.secretKey, publicKey: bad[0]! };
    expectFault(() => suite.blindEvaluate(malformed, blinded, random), "ELEMENT_NOT_CANONICAL");
    const identity = { secretKey: key.secretKey, publicKey: IDENTITY };
    expectFault(() => suite.blindEvaluate(identity, blinded, random), "ELEMENT_IDENTITY");
  });

  it("is refused if a key or a blind is zero, unreduced or of wrong length", () => {
    for (const scalar of badScalars as Scalar[]) {
      expectFault(() => suite.blind(random(4), scalar), "SCALAR_INVALID");
      expectFault(() => suite.finalize(random(4), scalar, evaluated[0]!), "SCALAR_INVALID");
      expectFault(() => suite.evaluate(scalar, random(4)), "SCALAR_INVALID");
      expectFault(() => suite.publicKeyOf(scalar), "SCALAR_INVALID");
      expectFault(() => suite.evaluateWithoutProof(scalar, blinded), "SCALAR_INVALID");
      const zeroed = { secretKey: scalar, publicKey: key.publicKey };
      expectFault(() => suite.blindEvaluate(zeroed, blinded, random), "SCALAR_INVALID");
      expectFault(() => suite.decodeScalar(scalar), "SCALAR_INVALID");
    }
  });

  it("is refused if a batch is empty or has more than 65,535 elements", () => {
    expectFault(() => suite.blindEvaluate(key, [], random), "ELEMENTS_LENGTH");
    expectFault(() => suite.evaluateWithoutProof(key.secretKey, []), "ELEMENTS_LENGTH");
    const huge = Array<Element>(65_536).fill(blinded[0]!);
    expectFault(() => suite.blindEvaluate(key, huge, random), "ELEMENTS_LENGTH");
  });

  it("is refused if an input is longer than 65,535 bytes or a seed is not 32", () => {
    const long = new Uint8Array(65_536);
    expectFault(() => suite.blind(long, blind), "OPRF_INPUT_INVALID");
    expectFault(() => suite.evaluate(key.secretKey, long), "OPRF_INPUT_INVALID");
    expectFault(() => suite.finalize(long, blind, evaluated[0]!), "OPRF_INPUT_INVALID");
    expectFault(() => suite.deriveKeyPair(new Uint8Array(31), long.slice(1)), "OPRF_INPUT_INVALID");
    expectFault(() => suite.deriveKeyPair(new Uint8Array(32), long), "OPRF_INPUT_INVALID");
    expect(suite.evaluate(key.secretKey, long.slice(1)).length).to.equal(64);
    expect(suite.evaluate(key.secretKey, new Uint8Array(0)).length).to.equal(64);
  });
});

describe("decodeElements", () => {
  it("splits a concatenation and copies out of it", () => {
    const { blinded } = exchange(3);
    for (const concatenated of [Buffer.concat(blinded), new Uint8Array(Buffer.concat(blinded))]) {
      const decoded = suite.decodeElements(concatenated);
      concatenated.fill(0);
      expect(decoded.map(hex)).to.deep.equal(blinded.map(hex));
    }
  });

  it("refuses none, a part of one, and more than fit a batch", () => {
    for (const length of [0, 1, 31, 33, 63, 65_536 * 32]) {
      expectFault(() => suite.decodeElements(new Uint8Array(length).fill(1)), "ELEMENTS_LENGTH");
    }
  });

  it("names the first bad element", () => {
    const { blinded } = exchange(2);
    const values = (third: Uint8Array) => faultOf(() => suite.decodeElements(Buffer.concat([...blinded, third])));
    expect(values(IDENTITY)).to.deep.include({ code: "ELEMENT_IDENTITY", values: { index: 2 } });
    for (const element of bad) {
      expect(values(element)).to.deep.include({ code: "ELEMENT_NOT_CANONICAL", values: { index: 2 } });
    }
  });
});
