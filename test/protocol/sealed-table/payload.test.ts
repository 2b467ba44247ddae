import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { padPayload, PAYLOAD_CLASSES, payloadClass, unpadPayload } from "../../../protocol/sealed-table/payload.ts";

describe("payload padding", () => {
  it("chooses the smallest class that holds content and length", () => {
    expect([0, 508, 509, 1020, 1021, 2044, 4092, 4093, 16380].map(payloadClass)).to.deep.equal([
      512, 512, 1024, 1024, 2048, 2048, 4096, 16384, 16384,
    ]);
  });

  it("names the sizes only when a content is too large", () => {
    expect(() => payloadClass(16381))
      .to.throw()
      .and.satisfy(
        (error: unknown) =>
          isFault(error, "RECORDS_TOO_LARGE") && JSON.stringify(error.values) === '{"bytes":16381,"limit":16380}',
      );
    expect(() => padPayload(new Uint8Array(509), 512))
      .to.throw()
      .with.property("code", "RECORDS_TOO_LARGE");
  });

  it("gives one size for every content of a class, and the content back", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PAYLOAD_CLASSES), fc.uint8Array({ maxLength: 508 }), (size, content) => {
        const payload = padPayload(content, size);
        expect(payload.length).to.equal(size);
        expect(unpadPayload(payload)).to.deep.equal(content);
      }),
    );
  });

  it("takes any bytes apart or refuses them with a Fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        try {
          expect(unpadPayload(payload).length).to.be.at.most(payload.length);
        } catch (error) {
          expect(isFault(error, "RECORDS_MALFORMED")).to.equal(true);
        }
      }),
    );
  });

  it("refuses padding that carries something", () => {
    const payload = padPayload(new Uint8Array([1, 2, 3]), 512);
    payload[511] = 1;
    expect(() => unpadPayload(payload))
      .to.throw()
      .with.property("code", "RECORDS_MALFORMED");
  });
});
