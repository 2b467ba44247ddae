/**
 * Unified social credit identifier (统一社会信用代码), GB 32100-2015: registering authority, kind, six digits of
 * region, nine characters of organisation, check character. The inner check character of the organisation part (GB 11714)
 * is not demanded: codes of early pilots do not all have it, and the outer one already catches any one wrong character.
 */
import { mod31Check, SOCIAL_CREDIT_ALPHABET } from "./check-character.ts";
import type { Scheme } from "./scheme.ts";

const FORM = new RegExp(`^[${SOCIAL_CREDIT_ALPHABET}]{2}\\d{6}[${SOCIAL_CREDIT_ALPHABET}]{10}$`);

export const socialCreditCode: Scheme = (text) => {
  if (!FORM.test(text)) return { refusal: "format" };
  if (mod31Check(text.slice(0, 17)) !== text.charAt(17)) return { refusal: "check-digit" };
  return { number: text };
};
