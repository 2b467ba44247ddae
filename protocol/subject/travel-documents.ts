/** Travel documents of China. Their numbers have no check character: only the form can be checked. */
import type { Scheme } from "./scheme.ts";

/**
 * Nine characters, or eight where the old books printed a dot after the letter.
 * E, then 8 digits or (since April 2017) a letter other than I, O and 7 digits; G, 14, 15: before 2012. D, S, P: diplomatic,
 * service, public affairs, with E in second place on electronic ones. K, KJ, H: Hong Kong. M, MA to MC: Macao.
 */
const PASSPORT =
  /^(?:[DEGHKPS]\d{8}|E[A-HJ-NP-Z]\d{7}|(?:14|15)\d{7}|[DPS]\.?\d{7}|[DPS]E\d{7}|KJ\d{7}|M[A-C]\d{7}|M\d{8})$/;

export const passport: Scheme = (text) =>
  PASSPORT.test(text) ? { number: text.replace(".", "") } : { refusal: "format" };

/**
 * Mainland travel permit of Hong Kong (H) and Macao (M) residents: eight digits for life; two more on the cards of 1999 to 2013
 * count renewals and are dropped, so that the renewed card is the same subject.
 */
const HK_MACAO = /^([HM]\d{8})(?:\d{2})?$/;

/**
 * Mainland travel permit of Taiwan residents: eight digits for life. Books until 2008 add two that count issues and, in
 * brackets, the issuing office; both are dropped.
 */
const TAIWAN = /^(\d{8})(?:\d{2}(?:\([A-Z0-9]\)|[A-Z])?)?$/;

const permit =
  (form: RegExp): Scheme =>
  (text) => {
    const number = form.exec(text)?.[1];
    return number === undefined ? { refusal: "format" } : { number };
  };

export const hkMacaoPermit: Scheme = permit(HK_MACAO);
export const taiwanPermit: Scheme = permit(TAIWAN);
