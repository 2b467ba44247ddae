import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { SOCIAL_CREDIT_ALPHABET } from "../../../protocol/subject/check-character.ts";
import { expectNumber, expectRefused, refusalOf, replaceAt, socialCreditCodes, swapAt } from "./fixtures.ts";

const scheme = "cn-uscc";

describe("cn-uscc (GB 32100)", () => {
  it("accepts the example of the standard and published codes", () => {
    expectNumber(scheme, "91350100M000100Y43");
    expectNumber(scheme, "91310110666007217T");
  });

  it("accepts it as people write it", () => {
    expectNumber(scheme, "９１３５０１００-m000100y4-3 ", "91350100M000100Y43");
  });

  it("refuses other lengths and characters, I, O, S, V and Z among them", () => {
    expectRefused(scheme, "91350100M000100Y4", "format");
    expectRefused(scheme, "91350100M000100Y430", "format");
    expectRefused(scheme, "913501A0M000100Y43", "format");
    for (const letter of "IOSVZ") expectRefused(scheme, `91350100M00010${letter}Y43`, "format");
  });

  it("refuses a wrong check character", () => {
    expectRefused(scheme, "91350211M00013FA1N", "check-digit");
    for (const character of SOCIAL_CREDIT_ALPHABET.replace("3", "")) {
      expectRefused(scheme, `91350100M000100Y4${character}`, "check-digit");
    }
  });

  it("refuses any one changed character and any exchange of two neighbours", () => {
    fc.assert(
      fc.property(
        socialCreditCodes,
        fc.nat({ max: 17 }),
        fc.constantFrom(...Array.from(SOCIAL_CREDIT_ALPHABET)),
        (code, at, to) => {
          expect(refusalOf(scheme, code)).to.equal(undefined);
          if (code.charAt(at) !== to) expect(refusalOf(scheme, replaceAt(code, at, to))).not.to.equal(undefined);
          const swapped = swapAt(code, Math.min(at, 16));
          if (swapped !== code) expect(refusalOf(scheme, swapped)).not.to.equal(undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
