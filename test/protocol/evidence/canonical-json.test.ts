import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";

describe("canonical JSON", () => {
  it("orders members by UTF-16 code units and leaves no space, as RFC 8785 section 3.2.3 shows", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    const order = [...canonicalJson(value).matchAll(/:"(\w+)/g)].map((match) => match[1]);
    expect(order).to.deep.equal(["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]);
    expect(canonicalJson({ b: [1, true, null, '\u000f\n"\\/é'], a: {} })).to.equal(
      '{"a":{},"b":[1,true,null,"\\u000f\\n\\"\\\\/é"]}',
    );
  });

  it("is one text for values that JSON does not tell apart, and gives the value back", () => {
    const values = fc.object({
      maxDepth: 3,
      values: [fc.string(), fc.boolean(), fc.constant(null), fc.maxSafeInteger()],
    });
    fc.assert(
      fc.property(values, (value) => {
        const plain = JSON.parse(
          JSON.stringify(value, (_, member: unknown) => (Object.is(member, -0) ? 0 : member)),
        ) as object;
        const turned = Object.fromEntries(Object.entries(plain).toReversed());
        const text = canonicalJson(plain);
        expect(canonicalJson(turned)).to.equal(text);
        expect(JSON.parse(text)).to.deep.equal(plain);
      }),
    );
  });

  it("leaves out members that are undefined, and refuses what evidence never holds", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).to.equal('{"b":1}');
    for (const value of [1.5, Number.NaN, Infinity, -0, 2 ** 53, 1n, undefined, () => 1, [undefined]]) {
      expect(() => canonicalJson(value)).to.throw(RangeError);
    }
  });
});
