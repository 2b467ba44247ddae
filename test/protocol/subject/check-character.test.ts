import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import {
  icaoCheck,
  mod11Check,
  mod31Check,
  SOCIAL_CREDIT_ALPHABET,
} from "../../../protocol/subject/check-character.ts";

describe("check characters", () => {
  it("ISO 7064 MOD 11-2 gives the examples of GB 11643-1999", () => {
    expect(mod11Check("11010519491231002")).to.equal("X");
    expect(mod11Check("44052418800101001")).to.equal("4");
  });

  it("MOD 11-2 is the sum with the standard's weights, congruent to 1", () => {
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    fc.assert(
      fc.property(fc.stringMatching(/^\d{17}$/), (digits) => {
        const sum = Array.from(digits).reduce((total, digit, index) => total + Number(digit) * weights[index]!, 0);
        const check = mod11Check(digits);
        expect((sum + (check === "X" ? 10 : Number(check))) % 11).to.equal(1);
      }),
    );
  });

  it("MOD 31 gives the example of GB 32100-2015", () => {
    expect(mod31Check("91350100M000100Y4")).to.equal("3");
  });

  it("MOD 31 is the sum with the standard's weights", () => {
    const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    const value = (character: string) => SOCIAL_CREDIT_ALPHABET.indexOf(character);
    const characters = fc.string({
      unit: fc.constantFrom(...Array.from(SOCIAL_CREDIT_ALPHABET)),
      minLength: 17,
      maxLength: 17,
    });
    fc.assert(
      fc.property(characters, (body) => {
        const sum = Array.from(body).reduce((total, character, index) => total + value(character) * weights[index]!, 0);
        expect((sum + value(mod31Check(body))) % 31).to.equal(0);
      }),
    );
  });

  it("has the 31 characters of GB 32100, without I, O, S, V, Z", () => {
    expect(SOCIAL_CREDIT_ALPHABET.length).to.equal(31);
    expect(SOCIAL_CREDIT_ALPHABET).not.to.match(/[IOSVZ]/);
  });

  it("ICAO 7-3-1 gives the examples of Doc 9303", () => {
    // Part 3, section 4.9: date 520727; part 4, appendix B: L898902C3, 740812, 120415.
    expect(["520727", "L898902C3", "740812", "120415"].map(icaoCheck)).to.deep.equal(["3", "6", "2", "9"]);
  });
});
