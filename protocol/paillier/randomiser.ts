/**
 * What hides a plaintext: a random n-th power modulo n^2, made in one of three ways.
 *
 * | way             | power                    | at 3,072 bits | hiding rests on                                              |
 * | --------------- | ------------------------ | ------------- | ------------------------------------------------------------ |
 * | `full`          | r^n, r a random unit     | 3,072 bits    | decisional composite residuosity (DCR; Paillier 1999)        |
 * | `half-exponent` | H^a, a of half n's bits  | 1,536 bits    | DCR, and factoring for the exponent (Goldreich-Rosen 2000)   |
 * | `short-exponent`| H^a, a of 512 bits       | 512 bits      | DCR, and that short exponents cannot be told from full ones  |
 *
 * H = h^n with h = -x^2 modulo n (Damgard, Jurik, Nielsen 2010, section 4.2): a generator of the units of Jacobi symbol 1 for an
 * n of two safe primes. x comes out of a hash of n, so nobody can have chosen it. The further assumption of the last way is
 * the short exponent one (van Oorschot-Wiener 1996, Koshiba-Kurosawa 2004) in the group of h, whose order is unknown; best
 * known attack 2^256 steps (Pollard's kangaroo). We use `half-exponent`: docs/decisions/0019. These are OpenSSL's powers; who needs
 * many takes them from a table (`power-source.ts`).
 *
 * A randomiser that hides two plaintexts gives away their difference. So it is an object that yields its power once, holds
 * it in a closure, and can be neither copied to another thread nor written down.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { hashToInteger, integerToBytes, randomBits, randomUnit } from "./integer.ts";
import type { PaillierKey } from "./public-key.ts";

export type Randomisation = "full" | "half-exponent" | "short-exponent";

const SHORT_EXPONENT_BITS = 512;

export interface Randomiser {
  readonly key: PaillierKey;
  /** A random n-th power modulo n^2. @throws Fault PAILLIER_RANDOMISER_SPENT the second time */
  spend(): bigint;
}

/** A randomiser of a power that was just made for `key` and is used nowhere else. */
export function createRandomiser(key: PaillierKey, power: bigint): Randomiser {
  let unspent: bigint | undefined = power;
  return {
    key,
    spend() {
      if (unspent === undefined) throw new Fault("PAILLIER_RANDOMISER_SPENT");
      const spent = unspent;
      unspent = undefined;
      return spent;
    },
  };
}

export function freshRandomiser(key: PaillierKey, way: Randomisation, random: RandomBytes): Randomiser {
  return createRandomiser(key, randomPower(key, way, random));
}

/** @throws Fault PAILLIER_KEY_NOT_BLUM for an exponent way, if n is not the product of two primes that are 3 modulo 4 */
export function randomPower(key: PaillierKey, way: Randomisation, random: RandomBytes): bigint {
  if (way === "full") return key.square.power(randomUnit(key.n, random), key.n);
  return key.square.power(hidingBase(key), randomExponent(key, way, random));
}

/** 1 to 2^bits: never 0, which would hide nothing. */
export function randomExponent(key: PaillierKey, way: Exclude<Randomisation, "full">, random: RandomBytes): bigint {
  return randomBits(exponentBits(key, way), random) + 1n;
}

export function exponentBits({ bits }: PaillierKey, way: Exclude<Randomisation, "full">): number {
  return way === "half-exponent" ? Math.ceil(bits / 2) : SHORT_EXPONENT_BITS;
}

const bases = new WeakMap<PaillierKey, bigint>();

/**
 * H = (-x^2)^n modulo n^2; once for each key, as long as a full power.
 * @throws Fault PAILLIER_KEY_NOT_BLUM if n is not 1 modulo 4, as the product of two safe primes is. That it is does not show
 * that they are safe.
 */
export function hidingBase(key: PaillierKey): bigint {
  const known = bases.get(key);
  if (known !== undefined) return known;
  if (key.n % 4n !== 1n) throw new Fault("PAILLIER_KEY_NOT_BLUM");
  const x = hashToInteger(key.n, "riskveil/paillier/h", integerToBytes(key.n, key.byteLength));
  const base = key.square.power(key.n - ((x * x) % key.n), key.n);
  bases.set(key, base);
  return base;
}
