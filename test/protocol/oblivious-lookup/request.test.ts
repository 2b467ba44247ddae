import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { toBase64Url, toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { initialLane } from "../../../protocol/oblivious-lookup/lane-guard.ts";
import {
  composeRequest,
  decodeRequest,
  encodeRequest,
  MAX_ELEMENTS,
  requestDigest,
  verifyVoucher,
  type Inquiry,
} from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, encodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 as oprf } from "../../../protocol/oprf/oprf.ts";
import {
  codeThrown,
  dataset,
  domain,
  holderAddress,
  inquiry,
  querierAddress,
  signAsQuerier,
  request,
  respond,
  session,
} from "./lookup-fixture.ts";

const small = request(2, "small");
const wire = encodeRequest(small);

function decodeWith(change: object): () => unknown {
  return () => decodeRequest({ ...wire, ...change }, oprf);
}

describe("evaluate request", () => {
  it("survives its JSON", () => {
    expect(decodeRequest(JSON.parse(JSON.stringify(wire)), oprf)).to.deep.equal(small);
  });

  it("has a digest that every field of the inquiry changes", () => {
    const base = inquiry(2, "digest");
    const other = inquiry(2, "other");
    const changes: Partial<Inquiry>[] = [
      { session: other.salt },
      { dataset: other.salt },
      { epoch: 4 },
      { lane: 3 },
      { salt: other.salt },
      { purpose: "MONITORING" },
      { consent: other.consent },
      { elements: base.elements.toReversed() },
      { elements: base.elements.slice(0, 1) },
    ];
    const digests = [base, ...changes.map((change) => ({ ...base, ...change }))].map((each) =>
      toHex(requestDigest(each)),
    );
    expect(new Set(digests)).to.have.length(digests.length);
  });

  it("carries a voucher of the session's signer for this ledger only", () => {
    expect(() => verifyVoucher(small, domain, querierAddress)).not.to.throw();
    const mixedCase = `0x${querierAddress.slice(2).toUpperCase()}` as const;
    expect(() => verifyVoucher(small, domain, mixedCase)).not.to.throw();
    const refused = [
      (): unknown => verifyVoucher(small, domain, holderAddress),
      (): unknown => verifyVoucher(small, { ...domain, chainId: 1 }, querierAddress),
      (): unknown => verifyVoucher(small, { ...domain, ledger: `0x${"00".repeat(20)}` }, querierAddress),
      (): unknown => verifyVoucher({ ...small, count: 3 }, domain, querierAddress),
      (): unknown => verifyVoucher({ ...small, lane: 1 }, domain, querierAddress),
      (): unknown => verifyVoucher({ ...small, transcript: small.salt }, domain, querierAddress),
      (): unknown => verifyVoucher({ ...small, voucher: new Uint8Array(65) }, domain, querierAddress),
    ];
    for (const action of refused) expect(codeThrown(action)).to.equal("VOUCHER_SIGNATURE_INVALID");
  });

  it("refuses what is not exactly the fields in their canonical form", () => {
    const malformed: object[] = [
      { session: undefined },
      { session: `${wire.session}=` },
      { session: wire.session.slice(1) },
      { session: toBase64Url(new Uint8Array(33)) },
      { session: 1 },
      { session: null },
      { salt: wire.salt.replace(/.$/, "B") },
      { consent: "*".repeat(43) },
      { epoch: 0 },
      { epoch: 1.5 },
      { epoch: "3" },
      { epoch: 2 ** 32 },
      { epoch: Number.NaN },
      { lane: -1 },
      { count: 2 ** 53 },
      { voucher: toBase64Url(new Uint8Array(64)) },
      { elements: `${wire.elements.slice(0, -1)}+` },
      { elements: `${wire.elements}=` },
      { elements: ["a"] },
      { extra: 1 },
      { __proto__: { x: 1 }, toString: "x" },
    ];
    for (const change of malformed)
      expect(codeThrown(decodeWith(change)), JSON.stringify(change)).to.equal("REQUEST_MALFORMED");
    for (const body of [undefined, null, 1, "x", [], [wire], (): object => wire]) {
      expect(codeThrown(() => decodeRequest(body, oprf))).to.equal("REQUEST_MALFORMED");
    }
  });

  it("names the field and never the value", () => {
    try {
      decodeRequest({ ...wire, salt: "SECRET-TEXT", "13010119900101": 1 }, oprf);
      expect.fail("accepted");
    } catch (error) {
      if (!isFault(error)) throw error;
      expect(JSON.stringify([error.values, error.message, error.title("zh")])).not.to.match(/SECRET|1990/);
    }
  });

  it("refuses unknown purposes, no element, too many, broken and non-canonical ones with their own codes", () => {
    for (const purpose of ["", "credit_granting", "toString", "__proto__"]) {
      expect(codeThrown(decodeWith({ purpose }))).to.equal("PURPOSE_UNKNOWN");
    }
    expect(codeThrown(decodeWith({ elements: "" }))).to.equal("ELEMENTS_EMPTY");
    const text = (bytes: number, fill: number): string => toBase64Url(new Uint8Array(bytes).fill(fill));
    expect(codeThrown(decodeWith({ elements: text(32 * (MAX_ELEMENTS + 1), 255) }))).to.equal("ELEMENTS_TOO_MANY");
    expect(codeThrown(decodeWith({ elements: text(33, 1) }))).to.equal("ELEMENTS_LENGTH");
    expect(codeThrown(decodeWith({ elements: text(64, 0) }))).to.equal("ELEMENT_IDENTITY");
    expect(codeThrown(decodeWith({ elements: text(64, 255) }))).to.equal("ELEMENT_NOT_CANONICAL");
  });

  it("is not composed without elements or with 10,001", () => {
    const head = initialLane(session, dataset, 2);
    const one = inquiry(1, "one");
    const many = { ...one, elements: Array.from({ length: MAX_ELEMENTS + 1 }, () => one.elements[0] ?? expect.fail()) };
    expect(codeThrown(() => composeRequest({ ...one, elements: [] }, head, domain, signAsQuerier))).to.equal(
      "ELEMENTS_EMPTY",
    );
    expect(codeThrown(() => composeRequest(many, head, domain, signAsQuerier))).to.equal("ELEMENTS_TOO_MANY");
  });

  it("is refused with a 4xx fault, or is the same request, whatever was changed in its JSON", () => {
    const values = fc.oneof(
      fc.json().map((text): unknown => JSON.parse(text)),
      fc.string(),
      fc.nat(),
      fc.constant(undefined),
    );
    const keys = fc.constantFrom(...Object.keys(wire), "other", "__proto__");
    fc.assert(
      fc.property(keys, values, fc.nat(), fc.nat(63), (key, value, at, letter) => {
        const body: Record<string, unknown> = { ...wire, [key]: value };
        const text = String(Object.entries(wire).find(([name]) => name === key)?.[1] ?? "");
        const edited = { ...wire, [key]: withLetter(text, at, letter) };
        for (const each of [body, edited, value]) {
          try {
            expect(encodeRequest(decodeRequest(each, oprf))).to.deep.equal(each);
          } catch (error) {
            if (!isFault(error)) throw error;
            expect(error.status).to.be.within(400, 499);
          }
        }
      }),
    );
  });
});

describe("size of the evaluate call's JSON bodies, both ways", () => {
  function bytesPerSubject(subjects: number): number {
    const asked = request(subjects, "size", { count: 9_000, transcript: session });
    const up = JSON.stringify({ ...encodeRequest(asked), purpose: "CREDIT_GRANTING" });
    const response = respond(asked);
    const down = JSON.stringify(encodeResponse(response));
    expect(decodeResponse(JSON.parse(down), oprf, subjects)).to.deep.equal(response);
    return (Buffer.byteLength(up) + Buffer.byteLength(down)) / subjects;
  }

  it("is at most 1,000 bytes for one subject, with proof, voucher and receipt", () => {
    expect(bytesPerSubject(1)).to.be.at.most(1_000);
  });

  it("is at most 160 bytes a subject in a batch of 1,000", () => {
    expect(bytesPerSubject(1_000)).to.be.at.most(160);
  });
});

function withLetter(text: string, at: number, letter: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const position = text.length === 0 ? 0 : at % text.length;
  return text.slice(0, position) + (letters[letter] ?? "") + text.slice(position + 1);
}
