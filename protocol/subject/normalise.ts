const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_OFFSET = 0xfee0;

/** White space of any script, invisible marks (zero-width, byte order mark, soft hyphen), and every hyphen, dash and minus sign. */
const SEPARATORS = /[\s\u00ad\u180e\u200b-\u200f\u2060\ufeff\-\u2010-\u2015\u2212\ufe58\ufe63]/g;

/** A leading apostrophe is how spreadsheets keep a number from being rounded. */
const TEXT_MARK = /^['\u2018\u2019`]/;

/** Roman ten and the multiplication sign, typed or recognised for the check character X. */
const OTHER_X = /[\u2169\u2179\u00d7]/g;

/**
 * A number as people write it, in the letters and digits of its standard: full-width forms become ASCII, lower case becomes upper
 * case, separators vanish. What is not a way of writing the same number stays, and is refused by the scheme: look-alikes of
 * other scripts and O for 0 are errors to be corrected at the source, not guessed.
 */
export function normaliseNumber(written: string): string {
  return written
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_OFFSET))
    .replace(SEPARATORS, "")
    .replace(TEXT_MARK, "")
    .replace(OTHER_X, "X")
    .replace(/[a-z]/g, (letter) => letter.toUpperCase());
}
