import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { z } from "zod";

import { toBase64Url } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { decodeText, encodedBytes, parseWire, wireBytes } from "../../../protocol/oblivious-lookup/wire.ts";
import { codeThrown } from "./lookup-fixture.ts";

const schema = z.strictObject({ salt: wireBytes(4) });

function valuesOf(body: unknown): Fault["values"] {
  try {
    parseWire(schema, body, "REQUEST_MALFORMED");
  } catch (error) {
    if (error instanceof Fault) return error.values;
  }
  return {};
}

describe("wire fields", () => {
  it("reads the one canonical text of a byte string of the right length", () => {
    const bytes = new Uint8Array([1, 2, 3, 255]);
    expect(parseWire(schema, { salt: "AQID_w" }, "REQUEST_MALFORMED")).to.deep.equal({ salt: bytes });
    for (const salt of ["AQID_x", "AQID/w", "AQID_w==", "AQID_w ", "AQID", "", 4, null]) {
      expect(codeThrown(() => parseWire(schema, { salt }, "RESPONSE_MALFORMED"))).to.equal("RESPONSE_MALFORMED");
    }
  });

  it("names the field and what is wrong, and repeats nothing that was sent", () => {
    expect(valuesOf({ salt: "not it" })).to.deep.equal({
      ...{ field: "salt", reason: "must be 4 bytes in base64url without padding" },
    });
    expect(valuesOf({ salt: "AQID_w", 身份证: 1 })).to.deep.equal({
      ...{ field: "(body)", reason: "has a field that is not defined" },
    });
    expect(valuesOf("text")).to.have.property("field", "(body)");
  });

  it("knows the length of a byte string from its text", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64Url(bytes);
        expect(encodedBytes(text)).to.equal(bytes.length);
        expect(decodeText(text, "elements", "REQUEST_MALFORMED")).to.deep.equal(bytes);
      }),
    );
    expect(codeThrown(() => decodeText("=", "elements", "REQUEST_MALFORMED"))).to.equal("REQUEST_MALFORMED");
  });
});
