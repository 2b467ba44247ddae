/** Thread side of the pool: makes randomisers in the order of its tasks, from the operating system's randomness. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";

import { openKey, type PaillierKey } from "../../protocol/paillier/public-key.ts";
import { randomPower, type Randomisation } from "../../protocol/paillier/randomiser.ts";

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

let key: PaillierKey | undefined;

parentPort?.on("message", (task: RandomiserTask) => parentPort?.postMessage(run(task)));

function run({ n, bits, way, count }: RandomiserTask): RandomiserReply {
  try {
    // Opened once: a modulus costs 54 ms.
    const opened = key?.n === n ? key : openKey({ n, g: n + 1n }, bits);
    key = opened;
    const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    return { powers: Array.from({ length: count }, () => randomPower(opened, way, random)) };
  } catch (error) {
    return { powers: [], failure: error instanceof Error ? error.message : String(error) };
  }
}
