/** Check characters of the numbering standards. Operands are already known to be of the right length and alphabet. */

const MOD_11_2 = "10X98765432";

/** ISO 7064 MOD 11-2 over 17 digits: the last character of a citizen number (GB 11643-1999). */
export function mod11Check(digits: string): string {
  let sum = 0;
  // Horner's form of the sum of digit * 2^position: position counts from the check character, which is position 0.
  for (const digit of digits) sum = (sum + Number(digit)) * 2;
  return MOD_11_2.charAt(sum % 11);
}

/** Digits and capital letters without I, O, S, V, Z. */
export const SOCIAL_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** Weighted sum modulo 31 over 17 characters, weights 3^position: the last character of GB 32100-2015. */
export function mod31Check(characters: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of characters) {
    sum += SOCIAL_CREDIT_ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return SOCIAL_CREDIT_ALPHABET.charAt((31 - (sum % 31)) % 31);
}

const TRAVEL_WEIGHTS = [7, 3, 1];

/** ICAO Doc 9303 part 3: weights 7, 3, 1 modulo 10, letters counting from 10. */
export function icaoCheck(characters: string): string {
  let sum = 0;
  for (const [index, character] of Array.from(characters).entries()) {
    sum += Number.parseInt(character, 36) * (TRAVEL_WEIGHTS[index % 3] ?? 0);
  }
  return String(sum % 10);
}
