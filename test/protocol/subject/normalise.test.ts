import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { normaliseNumber } from "../../../protocol/subject/normalise.ts";

describe("normaliseNumber", () => {
  const same = "11010519491231002X";

  for (const [how, written] of [
    ["lower-case x", "11010519491231002x"],
    ["full-width characters", "１１０１０５１９４９１２３１００２Ｘ"],
    ["full-width lower case", "１１０１０５１９４９１２３１００２ｘ"],
    ["spaces in groups", "110105 19491231 002X"],
    ["spaces around", "  11010519491231002X\t\r\n"],
    ["hyphens", "110105-19491231-002X"],
    ["dashes and minus signs of print", "110105–19491231—002−X"],
    ["full-width hyphen and ideographic space", "110105－19491231\u3000002X"],
    ["a no-break and a thin space", "110105\u00a019491231\u2009002X"],
    ["zero-width marks and a byte order mark", "\ufeff110105\u200b19491231002X\u200e"],
    ["a spreadsheet's apostrophe", "'11010519491231002X"],
    ["a spreadsheet's curly apostrophe after a space", " \u201911010519491231002X"],
    ["Roman ten", "11010519491231002\u2169"],
    ["small Roman ten", "11010519491231002\u2179"],
    ["multiplication sign", "11010519491231002×"],
  ] as const) {
    it(`reads ${how}`, () => {
      expect(normaliseNumber(written)).to.equal(same);
    });
  }

  it("guesses nothing: look-alikes of other scripts and other marks stay", () => {
    for (const written of ["1101051949123100２\u0425", "O1", "l1", "1.1", "1,1", "1'1", "\u0661", "①"]) {
      expect(normaliseNumber(written)).not.to.match(/^[0-9X]+$/);
    }
  });

  it("changes nothing when done again", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ '0-9A-Za-z\uff10-\uff19\uff21-\uff3a\u00d7-]{0,24}$/), (written) => {
        const once = normaliseNumber(written);
        fc.pre(!once.startsWith("'"));
        expect(normaliseNumber(once)).to.equal(once);
      }),
    );
  });
});
