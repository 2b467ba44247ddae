import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { requireImpersonal } from "../../../scripts/tasks/impersonal.ts";

const TODAY = new Date("2026-03-01T00:00:00Z");

function isRefused(text: string): boolean {
  try {
    requireImpersonal(text, TODAY);
    return false;
  } catch (error) {
    if (isFault(error, "NOTE_PERSONAL")) return true;
    throw error;
  }
}

describe("texts for the chain", () => {
  for (const text of [
    "11010519491231002X",
    "Suspension, see 110105 1949 1231 002x",
    "about１１０１０５１９４９１２３１００２Ｘ.",
    "110105-19491231-0020", // mistyped, and still a person's
    "old form 110105491231002",
    "passport E12345678",
    "通行证H12345678 的持有人",
    "permit H1234567801",
  ]) {
    it(`are refused with a person's number: ${text.replace(/\p{N}/gu, "9")}`, () => {
      expect(isRefused(text)).equal(true);
    });
  }

  for (const text of [
    "Admission of lambda, decided on 12 March 2026",
    "Resolution 2026-017 of 20260301, item 12345678",
    "Certificates under the new root, SM3 0xce738e71e3649b4d4cd270894f3c293aca05797ade4d8d56bbac76ea10f7b5e2",
    "Replace staff-3 by 0x1234567890123456789012345678901234567890",
    "Set the price of alpha/CREDIT to 2.5 points",
    "协会第 3 次会议决定，自 2026 年 3 月 1 日起",
    "91350100M000100Y43", // a firm's code is public
  ]) {
    it(`may say: ${text.slice(0, 40)}`, () => {
      expect(isRefused(text)).equal(false);
    });
  }
});
