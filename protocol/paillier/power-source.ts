/**
 * Random n-th powers for who needs many of them: the first by OpenSSL (`randomiser.ts`), the others from a table of powers of H
 * (`fixed-base.ts`), which is made when as many were asked for as would have paid for it. So whoever takes few never waits for a table
 * or holds one, and nobody spends more than twice what the better way would have cost.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import { createFixedBase, type FixedBase } from "./fixed-base.ts";
import type { PaillierKey } from "./public-key.ts";
import { exponentBits, hidingBase, randomExponent, randomPower, type Randomisation } from "./randomiser.ts";

/** The table costs 0.5 s at 3,072 bits and 1,536 of the exponent, and saves 3 ms each time; its cost grows with what it saves. */
export const POWERS_BEFORE_TABLE = 128;

export interface PowerSource {
  /** Whether the table is there. */
  readonly tabled: boolean;
  /** Another power each time. @throws Fault PAILLIER_KEY_NOT_BLUM, for an exponent way */
  next(random: RandomBytes): bigint;
}

export function createPowerSource(key: PaillierKey, way: Randomisation): PowerSource {
  let table: FixedBase | undefined;
  let made = 0;
  return {
    get tabled() {
      return table !== undefined;
    },
    next(random) {
      if (way === "full" || made < POWERS_BEFORE_TABLE) {
        made++;
        return randomPower(key, way, random);
      }
      table ??= createHidingTable(key, way);
      return table.power(randomExponent(key, way, random));
    },
  };
}

/** Powers of H to all exponents that `randomExponent` draws. @throws Fault PAILLIER_KEY_NOT_BLUM */
export function createHidingTable(key: PaillierKey, way: Exclude<Randomisation, "full">): FixedBase {
  // An exponent is at most 2^bits, so one bit longer.
  return createFixedBase(key, hidingBase(key), exponentBits(key, way) + 1);
}
