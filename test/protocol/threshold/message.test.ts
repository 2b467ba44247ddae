import { expect } from "chai";
import { describe, it } from "mocha";

import fc from "fast-check";

import { isFault } from "../../../protocol/errors/fault.ts";
import { multiplyGenerator, requireElement } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import {
  decodeCommitments,
  decodeComplaint,
  decodeShareOf,
  encodeCommitments,
  encodeComplaint,
  encodeShareOf,
  wellFormed,
} from "../../../protocol/threshold/message.ts";
import { BAD_ENCODINGS, bytes, expectFault, hex, random } from "../oprf/fixtures.ts";

const ceremony = random(32);
const elements = [3, 4, 5].map((value) => requireElement(multiplyGenerator(residueOf(value))));

describe("messages of a ceremony", () => {
  it("are kind, ceremony and body in fixed bytes", () => {
    const prefix = (kind: number) => `0${String(kind)}${hex(ceremony)}`;
    expect(hex(encodeCommitments("dealing", ceremony, elements))).to.equal(prefix(1) + elements.map(hex).join(""));
    expect(hex(encodeComplaint(ceremony, 9))).to.equal(`${prefix(2)}09`);
    expect(hex(encodeShareOf("justification", ceremony, 4, new Uint8Array(2)))).to.equal(`${prefix(3)}040000`);
    expect(hex(encodeCommitments("extraction", ceremony, []))).to.equal(prefix(4));
    expect(hex(encodeShareOf("exposure", ceremony, 255, new Uint8Array(1)))).to.equal(`${prefix(5)}ff00`);
  });

  it("read back what was written", () => {
    const dealing = encodeCommitments("dealing", ceremony, elements);
    expect(decodeCommitments("dealing", ceremony, dealing, 3).map(hex)).to.deep.equal(elements.map(hex));
    expect(decodeComplaint(ceremony, encodeComplaint(ceremony, 9))).to.equal(9);
    const share = random(64);
    const { party, share: read } = decodeShareOf(
      "exposure",
      ceremony,
      encodeShareOf("exposure", ceremony, 7, share),
      64,
    );
    expect([party, hex(read)]).to.deep.equal([7, hex(share)]);
  });

  it("are malformed in another kind, ceremony or length, or with an element that is none", () => {
    const dealing = encodeCommitments("dealing", ceremony, elements);
    const bad = [
      () => decodeCommitments("extraction", ceremony, dealing, 3),
      () => decodeCommitments("dealing", random(32), dealing, 3),
      () => decodeCommitments("dealing", ceremony, dealing, 2),
      () => decodeCommitments("dealing", ceremony, dealing, 4),
      () => decodeCommitments("dealing", ceremony, dealing.slice(0, -1), 3),
      () => decodeCommitments("dealing", ceremony, dealing.slice().fill(0, -32), 3),
      ...BAD_ENCODINGS.map(([, encoding]) => () => {
        const copy = dealing.slice();
        copy.set(bytes(encoding), 33);
        return decodeCommitments("dealing", ceremony, copy, 3);
      }),
      () => decodeComplaint(ceremony, new Uint8Array(0)),
      () => decodeComplaint(ceremony, encodeComplaint(ceremony, 1).slice(0, -1)),
      () => decodeShareOf("exposure", ceremony, encodeShareOf("justification", ceremony, 1, random(64)), 64),
      () => decodeShareOf("exposure", ceremony, encodeShareOf("exposure", ceremony, 1, random(63)), 64),
    ];
    for (const action of bad) expectFault(action, "THRESHOLD_MESSAGE_MALFORMED");
    expect(() => encodeComplaint(new Uint8Array(31), 1)).to.throw(RangeError);
  });

  it("are a fault, never another exception, for any bytes, and nobody's in a transcript", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.uint8Array({ maxLength: 140 }), (kind, body) => {
        const hostile = Uint8Array.from([kind, ...ceremony, ...body]);
        for (const read of [
          () => decodeCommitments("dealing", ceremony, hostile, 3),
          () => decodeComplaint(ceremony, hostile),
          () => decodeShareOf("justification", ceremony, hostile, 64),
        ]) {
          try {
            read();
          } catch (error) {
            expect(isFault(error, "THRESHOLD_MESSAGE_MALFORMED")).to.equal(true);
          }
        }
      }),
    );
    const posted = [
      { from: 1, bytes: random(4) },
      { from: 2, bytes: encodeComplaint(ceremony, 5) },
    ];
    expect(wellFormed(posted, (each) => decodeComplaint(ceremony, each))).to.deep.equal([{ from: 2, message: 5 }]);
    expect(() =>
      wellFormed(posted, () => {
        throw new RangeError("a bug");
      }),
    ).to.throw(RangeError);
  });
});
