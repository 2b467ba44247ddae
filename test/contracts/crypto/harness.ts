/** The libraries under test, opened by fixtures; fixtures have no generated types. */
import type { BaseContract } from "ethers";

import { type Connection, connection } from "../platform.ts";
import { type Case, word } from "./sm2-reference.ts";

export interface OnChainCase {
  readonly e: string;
  readonly r: string;
  readonly s: string;
  readonly x: bigint;
  readonly y: bigint;
}

export interface Sum {
  readonly s: bigint;
  readonly t: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

export interface SM2Harness extends BaseContract {
  verifyAll(cases: OnChainCase[]): Promise<boolean[]>;
  combineAll(sums: Sum[]): Promise<[X: bigint, Z: bigint][]>;
  isOnCurve(x: bigint, y: bigint): Promise<boolean>;
  baseMultiples(): Promise<bigint[]>;
  memoryKept(c: OnChainCase): Promise<bigint>;
  zA(id: Uint8Array, x: bigint, y: bigint): Promise<string>;
  digest(zA: Uint8Array, message: Uint8Array): Promise<string>;
  gasOfVerify(c: OnChainCase): Promise<bigint>;
}

export interface SM3Harness extends BaseContract {
  hash(data: Uint8Array): Promise<string>;
  hashAll(inputs: Uint8Array[]): Promise<string[]>;
  memoryKept(data: Uint8Array): Promise<[unchanged: boolean, moved: bigint]>;
  gasOfHash(data: Uint8Array): Promise<bigint>;
}

/** How many verifications fit one call: 150,000 gas each, below the 16.7 million that one transaction may use. */
const BATCH = 100;

export const sm2Harness = async ({ ethers }: Connection = connection): Promise<SM2Harness> =>
  (await ethers.deployContract("SM2Harness")) as unknown as SM2Harness;
export const sm3Harness = async ({ ethers }: Connection = connection): Promise<SM3Harness> =>
  (await ethers.deployContract("SM3Harness")) as unknown as SM3Harness;

export const onChain = ({ e, r, s, x, y }: Case): OnChainCase => ({ e: word(e), r: word(r), s: word(s), x, y });

async function inBatches<T, R>(all: readonly T[], ask: (batch: T[]) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += BATCH) results.push(...(await ask(all.slice(from, from + BATCH))));
  return results;
}

/** The library's verdict on each case. */
export const verifyAll = (harness: SM2Harness, cases: readonly Case[]): Promise<boolean[]> =>
  inBatches(cases.map(onChain), (batch) => harness.verifyAll(batch));

/** X and Z of each sum. */
export const combineAll = (harness: SM2Harness, sums: readonly Sum[]): Promise<[bigint, bigint][]> =>
  inBatches(sums, (batch) => harness.combineAll(batch));
