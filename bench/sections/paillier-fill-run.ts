/**
 * Alone in a process, so that its memory is its own: takes randomisers from a pool that a thread keeps full, and tells how much
 * memory the process had at most after the first tenth and at the end.
 */
import { openKey } from "../../protocol/paillier/public-key.ts";
import { createRandomiserPool } from "../../relayer/paillier-pool/pool.ts";
import { PRIMES_3072 } from "../../test/protocol/paillier/safe-primes.ts";

export interface FillRun {
  readonly capacity: number;
  readonly taken: number;
}

export interface FillResult {
  /** Bytes, after a tenth was taken and after all was. */
  readonly peakBytes: readonly [number, number];
}

const { capacity, taken } = JSON.parse(process.argv[2] ?? "") as FillRun;
const n = PRIMES_3072.p * PRIMES_3072.q;
const pool = createRandomiserPool(openKey({ n, g: n + 1n }), { capacity, way: "short-exponent" });
const peak = (): number => process.resourceUsage().maxRSS * 1024;
let early = 0;
for (let count = 1; count <= taken; count += 1) {
  (await pool.take()).spend();
  if (count === taken / 10) early = peak();
}
await pool.close();
process.stdout.write(JSON.stringify({ peakBytes: [early, peak()] } satisfies FillResult));
