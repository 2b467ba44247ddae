import { CertificateList, CRLReason, CRLReasons } from "@peculiar/asn1-x509";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes, toHex, uint, type Hex } from "../../../protocol/encoding/bytes.ts";
import { isSignedBy } from "../../../protocol/certificates/certificate.ts";
import { extension } from "../../../protocol/certificates/extensions.ts";
import {
  issueRevocationList,
  parseRevocationList,
  revocationListFromPem,
  revocationListToPem,
  revocationReasons,
  type RevocationReason,
} from "../../../protocol/certificates/revocation-list.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { decodeDer, encodeDer, toArrayBuffer } from "../../../protocol/sm/der.ts";
import { expectFault } from "../oprf/fixtures.ts";
import { flipBit, runs } from "../sm/fixtures.ts";
import { authority, DAY, member, NOW, random, revocationList } from "./fixtures.ts";

const root = authority();
const reasons = Object.keys(revocationReasons) as RevocationReason[];
const revoked = reasons.map((reason, index) => ({
  serial: `0x${(0x80 + index).toString(16)}${"0".repeat(30)}` as Hex,
  at: NOW - index * DAY,
  reason,
}));
const list = revocationList(root, { number: 300, revoked });

/** The list with its content changed; the signature then holds for nothing. */
function changed(change: (asn: CertificateList) => void): Uint8Array {
  const asn = decodeDer(list.der, CertificateList)!;
  change(asn);
  return encodeDer(new CertificateList({ ...asn }));
}

describe("revocation list", () => {
  it("comes back as it was issued, with every reason", () => {
    const read = parseRevocationList(revocationListFromPem(revocationListToPem(list.der)));
    expect(read).to.deep.equal(list);
    expect([read.number, read.thisUpdate, read.nextUpdate]).to.deep.equal([300, NOW - DAY, NOW + 7 * DAY]);
    expect([...read.revoked.values()]).to.deep.equal(revoked);
    expect(isSignedBy(read, root.key.publicKey)).to.equal(true);
    expect(read.authorityKeyIdentifier).to.deep.equal(root.certificate.subjectKeyIdentifier);
    expectFault(() => revocationListFromPem("no list"), "REVOCATION_LIST_MALFORMED");
  });

  it("may be empty, or long", () => {
    expect(revocationList(root).revoked.size).to.equal(0);
    const many = Array.from({ length: 500 }, (_, index) => ({
      serial: toHex(uint(0x01000000 + index, 4)),
      at: NOW,
      reason: "superseded" as const,
    }));
    expect(revocationList(root, { revoked: many }).revoked.size).to.equal(500);
  });

  it("with any bit flipped is malformed or not signed", () => {
    fc.assert(
      fc.property(fc.nat({ max: list.der.length * 8 - 1 }), (bit) => {
        try {
          expect(isSignedBy(parseRevocationList(flipBit(list.der, bit)), root.key.publicKey)).to.equal(false);
        } catch (error) {
          if (!isFault(error, "REVOCATION_LIST_MALFORMED")) throw error;
        }
      }),
      { numRuns: runs(100) },
    );
  });

  it("is malformed without a next update, of version 1, partial, with an unknown critical entry, or not DER", () => {
    const { der } = list;
    const partial = extension("2.5.29.28", new CRLReason(CRLReasons.unspecified), true);
    const first = (asn: CertificateList) => asn.tbsCertList.revokedCertificates![1]!;
    for (const bad of [
      changed((asn) => delete asn.tbsCertList.nextUpdate),
      changed((asn) => delete asn.tbsCertList.version),
      changed((asn) => asn.tbsCertList.crlExtensions?.push(partial)),
      changed((asn) => (first(asn).crlEntryExtensions = [partial])),
      changed(
        (asn) => (first(asn).crlEntryExtensions = [extension("2.5.29.21", new CRLReason(CRLReasons.removeFromCRL))]),
      ),
      changed((asn) => (first(asn).userCertificate = toArrayBuffer(Uint8Array.of(0)))),
      changed((asn) => (asn.signatureAlgorithm.algorithm = "1.2.840.10045.4.3.2")),
      der.subarray(1),
      der.subarray(0, -1),
      concatBytes(der, Uint8Array.of(0)),
      new Uint8Array(0),
      new Uint8Array(1_000_001),
    ]) {
      expectFault(() => parseRevocationList(bad), "REVOCATION_LIST_MALFORMED");
    }
  });

  it("is issued only by an authority, with a number, a later next update and each serial once", () => {
    const content = { number: 1, thisUpdate: NOW, nextUpdate: NOW + DAY, revoked: [] };
    const entry = revoked[0]!;
    for (const bad of [
      { number: 0 },
      { number: 1.5 },
      { nextUpdate: NOW },
      { thisUpdate: Number.NaN },
      { thisUpdate: -1 },
      { revoked: [entry, entry] },
    ]) {
      expectFault(() => issueRevocationList(root, { ...content, ...bad }, random), "CERTIFICATE_REQUEST_INVALID");
    }
    expectFault(() => issueRevocationList(member(root, "alpha"), content, random), "CERTIFICATE_REQUEST_INVALID");
    expectFault(
      () => issueRevocationList({ ...root, key: authority().key }, content, random),
      "CERTIFICATE_REQUEST_INVALID",
    );
  });
});
