/**
 * Powers of one base modulo n^2 from a table, without squarings (Brickell, Gordon, McCurley, Wilson, EUROCRYPT 1992, with a table entry
 * for each value of a window's digit): with a = sum of d_i 2^(5 i),
 *
 *   H^a = product of T_i[d_i],  T_i[d] = H^(d 2^(5 i)) = t (1 + n u) modulo n^2,  t = T modulo n, 0 <= u < n
 *       = product of the t  times  1 + n (sum of the u)
 *
 * so each of the 308 steps of a 1,537-bit exponent multiplies by a number of n's length and reduces once; the u are added up.
 * Windows of 5 bits: docs/decisions/0019 has the others' figures.
 *
 * The exponent hides a plaintext, so it is a secret. What is constant for all exponents:
 * - the sequence of memory accesses to the table: each step reads its whole row, and masks what it does not want by integer arithmetic.
 *   No index and no branch depends on the exponent.
 * - the number of steps, multiplications and additions.
 * What is not: V8's BigInt, whose time depends on the numbers' lengths and values, among them the exponent's way into bytes. For a random
 * exponent the factors are residues of random look and nearly all of full length. This is acceptable here because an exponent
 * is drawn for one ciphertext, used for it once, and on the contributor's own machine: nobody can ask for the same power again, and who is
 * remote sees one message, some time later. Key shares are used again and again and for others: they stay with OpenSSL
 * (`modulus.ts`), as does a single encryption.
 */
import { Fault } from "../errors/fault.ts";
import { bitLength, bytesToInteger, integerToBytes, inverse } from "./integer.ts";
import type { PaillierKey } from "./public-key.ts";

const WINDOW_BITS = 5;
const ENTRIES = 2 ** WINDOW_BITS;
const WORD_BYTES = 4;

export interface FixedBase {
  /** Most bits of an exponent. */
  readonly bits: number;
  /** Bytes of the table. */
  readonly tableBytes: number;
  /** `base`^`exponent` modulo n^2. @throws Fault PAILLIER_EXPONENT_OUT_OF_RANGE for a negative one or more than `bits` */
  power(exponent: bigint): bigint;
}

/**
 * For 1,537 bits at 3,072 bits of n the table has 7.6 MB and is made in half a second, which some hundred powers earn back.
 * @throws Fault PAILLIER_BASE_OUT_OF_RANGE unless the base is a unit of 1 to n^2 - 1
 */
export function createFixedBase(key: PaillierKey, base: bigint, bits: number): FixedBase {
  const { n, square } = key;
  const windows = Math.ceil(bits / WINDOW_BITS);
  const halfBytes = WORD_BYTES * Math.ceil(key.byteLength / WORD_BYTES);
  const rowWords = (2 * halfBytes) / WORD_BYTES;
  const table = buildTable(key, base, windows, halfBytes);
  const words = new Int32Array(table.buffer);
  const picked = new Uint8Array(2 * halfBytes);
  const pickedWords = new Int32Array(picked.buffer);

  return {
    bits,
    tableBytes: table.length,
    power(exponent) {
      if (exponent < 0n || bitLength(exponent) > bits) {
        throw new Fault("PAILLIER_EXPONENT_OUT_OF_RANGE", { most: bits });
      }
      const digits = digitsOf(exponent, windows);
      let [product, sum] = [1n, 0n];
      for (let window = 0; window < windows; window++) {
        pick(words, window * ENTRIES * rowWords, digits[window] ?? 0, pickedWords);
        product = (product * bytesToInteger(picked.subarray(0, halfBytes))) % square.value;
        sum += bytesToInteger(picked.subarray(halfBytes));
      }
      for (const wiped of [digits, picked]) wiped.fill(0);
      return square.multiply(product, 1n + n * (sum % n));
    },
  };
}

/** Copies row `digit` of a window's, which begin at `from`, to `picked`: the rows are as long as that. */
function pick(rows: Int32Array, from: number, digit: number, picked: Int32Array): void {
  const length = picked.length;
  picked.fill(0);
  // Four rows at a time: fewer writes to what is picked.
  for (let entry = 0; entry < ENTRIES; entry += 4) {
    const first = from + entry * length;
    const second = first + length;
    const third = second + length;
    const fourth = third + length;
    const a = same(entry, digit);
    const b = same(entry + 1, digit);
    const c = same(entry + 2, digit);
    const d = same(entry + 3, digit);
    for (let at = 0; at < length; at++) {
      picked[at] =
        (picked[at] ?? 0) |
        ((rows[first + at] ?? 0) & a) |
        ((rows[second + at] ?? 0) & b) |
        ((rows[third + at] ?? 0) & c) |
        ((rows[fourth + at] ?? 0) & d);
    }
  }
}

/** All ones if they are equal, else 0: for integers of 0 to 2^31 - 1. */
function same(entry: number, digit: number): number {
  return ((entry ^ digit) - 1) >> 31;
}

/** Least significant first. */
function digitsOf(exponent: bigint, windows: number): Uint8Array {
  // One byte more, so that every window finds two.
  const bytes = integerToBytes(exponent, Math.ceil((windows * WINDOW_BITS) / 8) + 1).reverse();
  const digits = new Uint8Array(windows);
  for (let window = 0; window < windows; window++) {
    const bit = window * WINDOW_BITS;
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    digits[window] = (pair >> (bit & 7)) & (ENTRIES - 1);
  }
  bytes.fill(0);
  return digits;
}

/** For each window the 32 powers, each as t and u, big-endian. Public: the base is. */
function buildTable({ n, square }: PaillierKey, base: bigint, windows: number, halfBytes: number): Uint8Array {
  const table = new Uint8Array(windows * ENTRIES * 2 * halfBytes);
  const inverted = base > 0n && base < square.value ? inverse(base, n) : undefined;
  if (inverted === undefined) throw new Fault("PAILLIER_BASE_OUT_OF_RANGE");
  let step = { power: base, inverted };
  let offset = 0;
  for (let window = 0; window < windows; window++) {
    let entry = { power: 1n, inverted: 1n };
    for (let digit = 0; digit < ENTRIES; digit++) {
      // T = t + n b = t (1 + n u), so u = b / t modulo n; 1 / t is the same power of the inverted base.
      const t = entry.power % n;
      const u = (((entry.power - t) / n) * entry.inverted) % n;
      table.set(integerToBytes(t, halfBytes), offset);
      table.set(integerToBytes(u, halfBytes), offset + halfBytes);
      offset += 2 * halfBytes;
      entry = {
        power: (entry.power * step.power) % square.value,
        inverted: (entry.inverted * step.inverted) % n,
      };
    }
    step = entry;
  }
  return table;
}
