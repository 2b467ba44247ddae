import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { toBase64Url, toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import {
  decodeResponse,
  encodeResponse,
  receiptSigner,
  responseDigest,
} from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 as oprf } from "../../../protocol/oprf/oprf.ts";
import { codeThrown, domain, epochKey, holderAddress, request, respond } from "./lookup-fixture.ts";

const asked = request(2, "asked");
const answer = respond(asked);
const wire = encodeResponse(answer);

describe("evaluate response", () => {
  it("survives its JSON and its proof holds", () => {
    const read = decodeResponse(JSON.parse(JSON.stringify(wire)), oprf, 2);
    expect(read).to.deep.equal(answer);
    expect(oprf.verifyProof(epochKey.publicKey, asked.elements, read.evaluated, read.proof)).to.equal(true);
  });

  it("has a digest that request, salt, elements and proof change", () => {
    const digest = requestDigest(asked);
    const digests = [
      responseDigest(digest, answer),
      responseDigest(answer.salt, answer),
      responseDigest(digest, { ...answer, salt: digest }),
      responseDigest(digest, { ...answer, evaluated: answer.evaluated.toReversed() }),
      responseDigest(digest, { ...answer, proof: answer.proof.toReversed() as typeof answer.proof }),
    ];
    expect(new Set(digests.map(toHex))).to.have.length(digests.length);
  });

  it("carries a receipt of the holder for this request, this answer and this ledger", () => {
    expect(receiptSigner(asked, answer, domain)).to.equal(holderAddress);
    const others = [
      receiptSigner({ ...asked, count: asked.count + 1 }, answer, domain),
      receiptSigner({ ...asked, transcript: asked.salt }, answer, domain),
      receiptSigner({ ...asked, salt: answer.salt }, answer, domain),
      receiptSigner(asked, { ...answer, evaluated: answer.evaluated.toReversed() }, domain),
      receiptSigner(asked, answer, { ...domain, chainId: 1 }),
    ];
    for (const signer of others) expect(signer).not.to.equal(holderAddress);
    const unsigned = { ...answer, receipt: new Uint8Array(65) };
    expect(codeThrown(() => receiptSigner(asked, unsigned, domain))).to.equal("RECEIPT_INVALID");
  });

  it("refuses other fields, other lengths, another number of elements", () => {
    const malformed: object[] = [
      { salt: undefined },
      { salt: `${wire.salt}A` },
      { proof: wire.proof.slice(0, -1) },
      { proof: "" },
      { proof: "*".repeat(86) },
      { receipt: toBase64Url(new Uint8Array(64)) },
      { evaluated: "" },
      { evaluated: wire.evaluated.slice(0, 43) },
      { evaluated: `${wire.evaluated}AAAA` },
      { evaluated: 7 },
      { extra: "x" },
    ];
    for (const change of malformed) {
      expect(codeThrown(() => decodeResponse({ ...wire, ...change }, oprf, 2))).to.equal("RESPONSE_MALFORMED");
    }
    expect(codeThrown(() => decodeResponse(wire, oprf, 1))).to.equal("RESPONSE_MALFORMED");
    expect(codeThrown(() => decodeResponse(wire, oprf, 3))).to.equal("RESPONSE_MALFORMED");
    for (const body of [undefined, null, [], 1]) {
      expect(codeThrown(() => decodeResponse(body, oprf, 2))).to.equal("RESPONSE_MALFORMED");
    }
    const identity = toBase64Url(new Uint8Array(64));
    expect(codeThrown(() => decodeResponse({ ...wire, evaluated: identity }, oprf, 2))).to.equal("ELEMENT_IDENTITY");
  });

  it("is refused with a 4xx fault, or is the same response, whatever was changed in its JSON", () => {
    const values = fc.oneof(
      fc.json().map((text): unknown => JSON.parse(text)),
      fc.base64String(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(wire), "other"), values, (key, value) => {
        for (const body of [{ ...wire, [key]: value }, value]) {
          try {
            expect(encodeResponse(decodeResponse(body, oprf, 2))).to.deep.equal(body);
          } catch (error) {
            if (!isFault(error)) throw error;
            expect(error.status).to.be.within(400, 499);
          }
        }
      }),
    );
  });
});
