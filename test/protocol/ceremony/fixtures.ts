import { toHex } from "../../../protocol/encoding/bytes.ts";
import type { Plan } from "../../../protocol/ceremony/plan.ts";
import { holdCeremony, type Ceremony } from "../../../protocol/ceremony/record.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { mod31Check } from "../../../protocol/subject/check-character.ts";
import { dealt, random } from "../paillier/fixtures.ts";
import { PRIMES_512 } from "../paillier/safe-primes.ts";

export const AT = new Date("2026-11-26T08:00:00Z");

/** Fictional, with a right check character. */
export function institution(number: number): string {
  const code = `91000000TEST${String(number).padStart(5, "0")}`.replace("S", "X");
  return code + mod31Check(code);
}

export const dealer = generateKeyPair(random);
export const holders = Array.from({ length: 3 }, () => generateKeyPair(random));
export const testKey = dealt(PRIMES_512, 2, 3);

export const plan: Plan = {
  threshold: 2,
  participants: holders.map(({ publicKey }, position) => ({
    institution: institution(position + 1),
    name: `Firm ${String(position + 1)}`,
    association: position === 0,
    publicKey: toHex(publicKey),
  })),
};

export function held(changes: Partial<Plan> = {}): Ceremony {
  return holdCeremony({ plan: { ...plan, ...changes }, dealing: testKey, dealer, at: AT, rehearsal: true }, random);
}

export const expectation = { dealer: dealer.publicKey, rehearsal: true };
