import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  checkSealed,
  holdCeremony,
  indexOf,
  openRecord,
  recordDigest,
  recordSchema,
  type CeremonyRecord,
} from "../../../protocol/ceremony/record.ts";
import { lengthPrefixed, toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { expectFault, faultOf, hex, random } from "../paillier/fixtures.ts";
import { AT, dealer, expectation, held, holders, plan, testKey } from "./fixtures.ts";

const { record, sealed } = held();

/** What a dealer could sign that does not deal rightly. */
function signedAnew(changes: Partial<CeremonyRecord>): CeremonyRecord {
  const { signature: _, ...content } = { ...record, ...changes };
  const message = lengthPrefixed(utf8("riskveil/ceremony/record/1"), utf8(canonicalJson(content)));
  return { ...content, signature: toHex(sign(dealer, message, random)) };
}

const withKey = (position: number, verificationKey: string): Partial<CeremonyRecord> => ({
  participants: record.participants.with(position, { ...record.participants[position]!, verificationKey }),
});

describe("record of a ceremony", () => {
  it("opens to the threshold key that was dealt, also after its way through JSON", () => {
    const read = recordSchema.parse(JSON.parse(JSON.stringify(record)));
    expect(hex(openRecord(read, expectation).digest)).to.equal(hex(testKey.thresholdKey.digest));
  });

  it("holds no secret", () => {
    const text = JSON.stringify(record);
    for (const { value } of testKey.keyShares) expect(text).not.to.include(value.toString());
    expect(text).not.to.include(testKey.secret.lambda.toString());
  });

  it("is refused from another dealer than the expected one", () => {
    const other = { ...expectation, dealer: generateKeyPair(random).publicKey };
    expectFault(() => openRecord(record, other), "CEREMONY_DEALER_UNEXPECTED");
  });

  it("is refused with anything changed", () => {
    const changes: readonly Partial<CeremonyRecord>[] = [
      { threshold: 3 },
      { id: `0x${"ab".repeat(32)}` },
      { at: "2026-11-27T08:00:00Z" },
      { rehearsal: false },
      { participants: record.participants.toReversed() },
      { publicKey: { ...record.publicKey, n: (testKey.key.n + 2n).toString() } },
      withKey(1, record.participants[0]!.verificationKey),
      { signature: `0x${"11".repeat(64)}` },
    ];
    for (const change of changes) {
      expectFault(() => openRecord({ ...record, ...change }, expectation), "CEREMONY_SIGNATURE_INVALID");
    }
  });

  it("of a rehearsal is taken for no real one, nor a real one for a rehearsal", () => {
    expectFault(() => openRecord(record, { ...expectation, rehearsal: false }), "CEREMONY_RECORD_INVALID");
    const real = signedAnew({ rehearsal: false });
    expectFault(() => openRecord(real, expectation), "CEREMONY_RECORD_INVALID");
    // And its short key is none that a real one may have.
    expectFault(() => openRecord(real, { ...expectation, rehearsal: false }), "PAILLIER_KEY_INVALID");
  });

  it("is refused although signed, where the dealing does not hold", () => {
    const [first, second] = record.participants;
    expectFault(() => openRecord(signedAnew({ threshold: 3 }), expectation), "PAILLIER_VERIFICATION_KEY_INVALID");
    expectFault(
      () => openRecord(signedAnew(withKey(0, second!.verificationKey)), expectation),
      "PAILLIER_VERIFICATION_KEY_INVALID",
    );
    expectFault(() => openRecord(signedAnew(withKey(0, "1")), expectation), "PAILLIER_VERIFICATION_KEY_INVALID");
    expectFault(() => openRecord(signedAnew(withKey(0, "0x12")), expectation), "PAILLIER_KEY_INVALID");
    expectFault(() => openRecord(signedAnew({ verificationBase: "4" }), expectation), "CEREMONY_RECORD_INVALID");
    const twice = signedAnew({ participants: [first!, { ...second!, institution: first!.institution }] });
    expectFault(() => openRecord(twice, expectation), "CEREMONY_INSTITUTION_REPEATED");
    const twoOfTheirs = signedAnew({
      participants: record.participants.map((each) => ({ ...each, association: true })),
    });
    expectFault(() => openRecord(twoOfTheirs, expectation), "CEREMONY_ASSOCIATION_REPEATED");
  });

  it("knows its sealed shares from changed ones, exchanged ones and those of another ceremony", () => {
    for (const share of sealed) checkSealed(record, share);
    const other = held();
    for (const wrong of [
      other.sealed[0]!,
      { ...other.sealed[0]!, ceremony: record.id },
      { ...sealed[0]!, index: 2 },
      { ...sealed[0]!, index: 4 },
      { ...sealed[0]!, sealed: sealed[1]!.sealed },
      { ...sealed[0]!, sealed: `${sealed[0]!.sealed}A` },
      { ...sealed[0]!, sealed: "*" },
      { ...sealed[0]!, ceremony: other.record.id },
    ]) {
      expectFault(() => checkSealed(record, wrong), "CEREMONY_SEALED_SHARE_INVALID");
    }
  });

  it("knows its participants", () => {
    expect(holders.map(({ publicKey }) => indexOf(record, publicKey))).to.deep.equal([1, 2, 3]);
    expectFault(() => indexOf(record, dealer.publicKey), "CEREMONY_NOT_A_PARTICIPANT");
  });

  it("has a digest of its own each time", () => {
    expect(recordDigest(record)).to.equal(recordDigest(recordSchema.parse(JSON.parse(JSON.stringify(record)))));
    expect(recordDigest(held().record)).not.to.equal(recordDigest(record));
  });

  it("signed with anything in its fields gives a fault and nothing else", () => {
    const own = record.publicKey.n + record.publicKey.g;
    const texts = fc.oneof(
      fc.constantFrom("", "0", "1", "-1", "4", "9".repeat(1900), "1e5", record.publicKey.n, record.publicKey.g),
      fc.bigInt({ min: 0n, max: 1n << 1100n }).map(String),
      fc.string(),
    );
    const change = fc.oneof(
      fc.record({ publicKey: fc.record({ n: texts, g: texts }) }).filter(({ publicKey: { n, g } }) => n + g !== own),
      fc.record({ verificationBase: texts.filter((text) => text !== record.verificationBase) }),
      fc.record({ threshold: fc.integer({ min: 3, max: 1 << 30 }) }),
      fc.tuple(fc.nat({ max: 2 }), texts).map(([position, text]) => withKey(position, text)),
      fc.tuple(fc.nat({ max: 2 }), fc.string()).map(([position, institution]) => ({
        participants: record.participants.with(position, { ...record.participants[position]!, institution }),
      })),
    );
    fc.assert(
      fc.property(change, (changes) => {
        expect(faultOf(() => openRecord(signedAnew(changes), expectation)).code).to.be.a("string");
      }),
      { numRuns: 60 },
    );
  });

  it("is not made for a plan that is not in order, or that the dealing does not fit", () => {
    const twice = { ...plan, participants: [...plan.participants, plan.participants[0]!] };
    const input = { dealing: testKey, dealer, at: AT, rehearsal: true };
    expectFault(() => holdCeremony({ ...input, plan: twice }, random), "CEREMONY_INSTITUTION_REPEATED");
    const [first, second, third] = testKey.keyShares;
    const short = { ...testKey, keyShares: [first!, second!] };
    expectFault(() => holdCeremony({ ...input, plan, dealing: short }, random), "CEREMONY_RECORD_INVALID");
    expectFault(() => held({ threshold: 3 }), "CEREMONY_RECORD_INVALID");
    expectFault(
      () => holdCeremony({ ...input, plan: { ...plan, participants: plan.participants.slice(1) } }, random),
      "CEREMONY_RECORD_INVALID",
    );
    const exchanged = { ...testKey, keyShares: [second!, first!, third!] };
    expectFault(() => holdCeremony({ ...input, plan, dealing: exchanged }, random), "CEREMONY_RECORD_INVALID");
  });
});
