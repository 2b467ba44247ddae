/** Safe primes by OpenSSL, two side by side on its threads. How long it takes is luck: for 1,536 bits some seconds to a minute or two. */
import { generatePrime } from "node:crypto";
import { promisify } from "node:util";

import { bitLength } from "../../protocol/paillier/integer.ts";

const TOLD_EVERY_MS = 2_000;

const draw = promisify((bits: number, done: (error: Error | null, prime: bigint) => void): void => {
  generatePrime(bits, { safe: true, bigint: true }, done);
});

/**
 * Two different ones of `bits` each, whose product has twice as many. `tell` hears at once and then every two seconds how many are
 * found and how many seconds have passed.
 */
export async function drawSafePrimes(
  bits: number,
  tell: (found: number, seconds: number) => void,
): Promise<readonly [bigint, bigint]> {
  const startedAt = performance.now();
  let found = 0;
  const telling = (): void => tell(found, Math.round((performance.now() - startedAt) / 1000));
  telling();
  const timer = setInterval(telling, TOLD_EVERY_MS);
  const one = async (): Promise<bigint> => {
    const prime = await draw(bits);
    found += 1;
    return prime;
  };
  try {
    for (;;) {
      found = 0;
      const [p, q] = await Promise.all([one(), one()]);
      if (p !== q && bitLength(p * q) === 2 * bits) return [p, q];
    }
  } finally {
    clearInterval(timer);
    telling();
  }
}
