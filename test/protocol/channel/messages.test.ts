import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  parseAcceptance,
  parseAnswer,
  parseConfirmation,
  parseHello,
  toWire,
} from "../../../protocol/channel/messages.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { expectFault, faultOf } from "./fixtures.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, index) => index);

const messages = {
  hello: { parse: parseHello, message: { initiator: 1, responder: 2, ephemeral: bytes(65) } },
  answer: {
    parse: parseAnswer,
    message: {
      ephemeral: bytes(65),
      certificate: bytes(700),
      lifetimeSeconds: 3600,
      maximumRequests: 1000,
      signature: bytes(64),
      mac: bytes(32),
    },
  },
  confirmation: {
    parse: parseConfirmation,
    message: { handshake: bytes(32), certificate: bytes(700), signature: bytes(64), mac: bytes(32) },
  },
  acceptance: { parse: parseAcceptance, message: { mac: bytes(32) } },
};

for (const [name, { parse, message }] of Object.entries(messages)) {
  describe(`wire form of the ${name}`, () => {
    const wire = toWire(message);

    it("comes back as it went", () => {
      expect(parse(JSON.parse(JSON.stringify(wire)))).to.deep.equal(message);
    });

    it("is refused with a field missing, added, of another type, cut or longer, or of another version", () => {
      const bad: unknown[] = [undefined, null, [], "text", 1, { ...wire, version: 2 }, { ...wire, more: 1 }];
      for (const [field, value] of Object.entries(wire)) {
        const { [field]: _, ...rest } = wire;
        bad.push(rest);
        const others =
          typeof value === "number" ? [-1, 1.5, 2 ** 32, String(value)] : [7, value.slice(1), `${value}=`, `*${value}`];
        for (const other of [...others, null, [value]]) bad.push({ ...wire, [field]: other });
        if (typeof value === "string" && field !== "certificate") bad.push({ ...wire, [field]: `${value}AAAA` });
      }
      for (const body of bad) expectFault(() => parse(body), "CHANNEL_MESSAGE_MALFORMED");
    });

    it("never fails otherwise, and says nothing that the sender wrote", () => {
      fc.assert(
        fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(wire)), (value, field) => {
          for (const body of [value, { ...wire, [field]: value }]) {
            try {
              parse(body);
            } catch (error) {
              expect(isFault(error, "CHANNEL_MESSAGE_MALFORMED")).to.equal(true);
            }
          }
        }),
      );
      expect(JSON.stringify(faultOf(() => parse({ ...wire, "<script>": 1 })).values)).not.to.contain("script");
    });
  });
}

describe("certificates in messages", () => {
  it("are at most 4,096 bytes", () => {
    const { answer } = messages;
    const of = (length: number) => toWire({ ...answer.message, certificate: bytes(length) });
    expect(parseAnswer(of(4096)).certificate).to.have.length(4096);
    expectFault(() => parseAnswer(of(4100)), "CHANNEL_MESSAGE_MALFORMED");
  });
});
