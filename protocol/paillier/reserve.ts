/**
 * Randomisers made ahead, so that an encryption costs three multiplications. Each is handed out once:
 *
 * - The reserve lives in one thread's memory and is never written down. A process that starts again starts empty, so what
 *   was handed out before cannot come again, whatever the crash. Taking is one synchronous step: no two callers, however
 *   concurrent, get the same one. What is handed out yields its power once (`randomiser.ts`).
 * - A power that is held already, or was the last to come, is refused: two of equal value mean that the source of randomness
 *   repeats itself.
 * - What no program can see: a machine image with memory that is resumed twice has every reserve twice, as it has the state
 *   of every random generator. Relayers are not to be snapshot with memory; encryption without a reserve is no safer there.
 */
import { Fault } from "../errors/fault.ts";
import type { PaillierKey } from "./public-key.ts";
import { createRandomiser, type Randomiser } from "./randomiser.ts";

export interface Reserve {
  readonly size: number;
  /** How many more it takes. */
  readonly room: number;
  /**
   * Takes it if there is room.
   * @throws Fault PAILLIER_RANDOMISER_REPEATED if the power is known; nothing of what is held can be trusted then
   */
  put(power: bigint): void;
  /** The oldest, undefined if there is none. */
  take(): Randomiser | undefined;
  /** Forgets all, for good. */
  clear(): void;
}

/** For `capacity` powers of 768 bytes (at 3,072 bits) each. @throws RangeError unless there is room for one */
export function createReserve(key: PaillierKey, capacity: number): Reserve {
  if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError("a reserve holds at least one");
  const powers = new Set<bigint>();
  let last: bigint | undefined;
  return {
    get size() {
      return powers.size;
    },
    get room() {
      return capacity - powers.size;
    },
    put(power) {
      if (power === last || powers.has(power)) throw new Fault("PAILLIER_RANDOMISER_REPEATED");
      if (powers.size >= capacity) return;
      powers.add(power);
      last = power;
    },
    take() {
      const [power] = powers;
      if (power === undefined) return undefined;
      powers.delete(power);
      return createRandomiser(key, power);
    },
    clear: () => powers.clear(),
  };
}
