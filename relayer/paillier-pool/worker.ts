/** Thread side of the pool: makes randomisers in the order of its tasks, from the operating system's randomness. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";

import { createPowerSource, type PowerSource } from "../../protocol/paillier/power-source.ts";
import { openKey } from "../../protocol/paillier/public-key.ts";
import type { Randomisation } from "../../protocol/paillier/randomiser.ts";

export interface RandomiserTask {
  readonly n: bigint;
  /** Of n, which was judged when the pool's key was opened. */
  readonly bits: number;
  readonly way: Randomisation;
  readonly count: number;
}

export interface RandomiserReply {
  readonly powers: readonly bigint[];
  readonly failure?: string;
}

let known: { readonly n: bigint; readonly way: Randomisation; readonly source: PowerSource } | undefined;

parentPort?.on("message", (task: RandomiserTask) => parentPort?.postMessage(run(task)));

function run({ n, bits, way, count }: RandomiserTask): RandomiserReply {
  try {
    // Opened once: a modulus costs 54 ms, and the source keeps a table.
    if (known?.n !== n || known.way !== way) {
      known = { n, way, source: createPowerSource(openKey({ n, g: n + 1n }, bits), way) };
    }
    const { source } = known;
    const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    return { powers: Array.from({ length: count }, () => source.next(random)) };
  } catch (error) {
    return { powers: [], failure: error instanceof Error ? error.message : String(error) };
  }
}
