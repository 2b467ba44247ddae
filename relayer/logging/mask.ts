/**
 * The last line of defence: no log line leaves with anything in it that looks like a resident identity number (GB 11643: 17
 * digits and a check digit or X; 15 digits before 1999). Nothing should pass one to the log in the first place; this
 * stands behind that rule, not in its place.
 */

/**
 * Neighbouring letters do not protect a number; neighbouring digits make it something longer. Full-width digits count.
 * First what is no number but an id on chain, of 20 or 32 bytes: one of 128 of the longer ones has as many digits in a
 * row by chance, and an operator must be able to look it up.
 */
const NUMBER =
  /0x(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40})(?![0-9a-fA-F])|(?<![0-9０-９])(?:[0-9０-９]{17}[0-9０-９XxＸｘ]|[0-9０-９]{15})(?![0-9０-９])/g;

/** Masks a line of JSON so that it stays JSON: a bare number becomes 0, part of a string becomes ***. */
export function maskIdentityNumbers(line: string): string {
  return line.replace(NUMBER, (found: string, offset: number) => {
    if (found.startsWith("0x")) return found;
    const before = line[offset - 1] ?? "";
    const after = line[offset + found.length] ?? "";
    // Part of what could be a JSON number, fractions and exponents too. "0" is harmless inside a string as well.
    return before !== "" && ":,[-.".includes(before) && after !== "" && ",}].eE".includes(after) ? "0" : "***";
  });
}
