import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { toHex } from "../../../../protocol/encoding/bytes.ts";
import {
  openOpening,
  openSecrets,
  openSubject,
  pieces,
  sealOpening,
  sealSecrets,
  sealSubject,
  type AnswerOpening,
  type ExchangeSecrets,
} from "../../../../relayer/services/query/secrets.ts";
import { createColumnCipher } from "../../../../relayer/store/column-cipher.ts";
import { random } from "../../../support/asking-ledger.ts";

const cipher = createColumnCipher({ encryption: random(16), authentication: random(32), index: random(32) }, random);

const hex = (bytes: number): fc.Arbitrary<`0x${string}`> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => toHex(each));
const secrets: fc.Arbitrary<ExchangeSecrets> = fc.record({
  blinds: hex(64),
  consents: fc.array(fc.record({ salt: hex(32), documentDigest: hex(32), commitment: hex(32) }), { maxLength: 4 }),
});
const openings: fc.Arbitrary<AnswerOpening> = fc.record({
  tag: hex(16),
  next: hex(16),
  entryHash: hex(32),
  path: fc.array(hex(32), { maxLength: 4 }),
  entry: fc.option(hex(48)),
  records: fc.option(fc.string({ unit: "binary" })),
});

describe("what only the querier knows, in the store", () => {
  it("comes back as it was sealed", () => {
    fc.assert(
      fc.property(secrets, openings, fc.string(), (secret, opening, subject) => {
        expect(openSecrets(cipher, "e", sealSecrets(cipher, "e", secret))).to.deep.equal(secret);
        expect(openOpening(cipher, "p", sealOpening(cipher, "p", opening))).to.deep.equal(opening);
        expect(openSubject(cipher, "q", 3, sealSubject(cipher, "q", 3, subject))).to.equal(subject);
      }),
      { numRuns: 20 },
    );
  });

  it("does not open in another row or another column", () => {
    const subject = sealSubject(cipher, "q", 1, "cn-passport:E12345678");
    expect(subject.includes("E12345678")).to.equal(false);
    expect(() => openSubject(cipher, "q", 2, subject)).to.throw();
    expect(() => openSubject(cipher, "r", 1, subject)).to.throw();
    const secret = sealSecrets(cipher, "e", { blinds: "0x", consents: [] });
    expect(() => openSecrets(cipher, "f", secret)).to.throw();
    expect(() => openOpening(cipher, "e", secret)).to.throw();
  });

  it("splits bytes into pieces that make the whole again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(9), (width, count) => {
        const bytes = random(width * count);
        const parts = pieces(bytes, width);
        expect(parts.map(({ length }) => length)).to.deep.equal(Array.from({ length: count }, () => width));
        expect(Buffer.concat(parts)).to.deep.equal(Buffer.from(bytes));
      }),
    );
  });
});
