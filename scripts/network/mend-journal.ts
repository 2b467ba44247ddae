/**
 * The journal of a deployment that was killed. Ignition writes down a nonce before it sends, and the hash afterwards; killed in
 * between it asks a person which transaction it was. The deployer sends nothing else, so the chain itself tells: the one with
 * this nonce, or none, and then the nonce is as if never taken. Killed before a step's first request it fails on the step
 * (HHE10000); nothing was done for it yet, so it is as if never begun.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { trackTransaction, type EIP1193Provider } from "@nomicfoundation/ignition-core";
import type { JsonRpcProvider } from "ethers";

export interface MendOptions {
  readonly provider: JsonRpcProvider;
  /** The same chain as Ignition sees it. */
  readonly ignitionProvider: EIP1193Provider;
  /** Ignition's directory of the deployment. */
  readonly directory: string;
  readonly deployer: string;
  /** No transaction of the deployment is older. */
  readonly fromBlock: number;
}

interface Entry {
  readonly line: string;
  readonly type: string;
  readonly futureId?: string;
  readonly networkInteractionId?: number;
  readonly nonce?: number;
}

/** How the steps that send a transaction begin; each of them is followed by its NETWORK_INTERACTION_REQUEST. */
const BEGINNINGS = ["DEPLOYMENT", "CALL", "SEND_DATA"].map((kind) => `${kind}_EXECUTION_STATE_INITIALIZE`);

const INTERVAL_MS = 100;
/** A block is counted a moment after its accounts. */
const LOOKS = 50;

/**
 * Does nothing to a journal that is in order, or that is not there.
 * @returns false if the ledger counts a transaction that none of its blocks has: then nothing can be mended
 */
export async function mendJournal(options: MendOptions): Promise<boolean> {
  const file = join(options.directory, "journal.jsonl");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return true;
  const entries = text.split("\n").flatMap((line) => parse(line) ?? []);
  const unsent: Entry[] = [];
  const hashes: string[] = [];
  for (const prepared of withoutHash(entries)) {
    const nonce = prepared.nonce ?? 0;
    const used = await options.provider.getTransactionCount(options.deployer, "pending");
    const hash = used > nonce ? await hashOf(options, nonce) : undefined;
    if (hash !== undefined) hashes.push(hash);
    else if (used > nonce) return false;
    else unsent.push(prepared);
  }
  const undone = [...unsent, ...withoutRequest(entries)];
  const kept = entries.filter((entry) => !undone.includes(entry)).map(({ line }) => `\n${line}`);
  if (kept.join("") !== text) {
    await writeFile(`${file}.partial`, kept.join(""));
    await rename(`${file}.partial`, file);
  }
  for (const hash of hashes) await trackTransaction(options.directory, hash, options.ignitionProvider);
  return true;
}

/** Undefined for a line that was cut off, which can only be the last. */
function parse(line: string): Entry | undefined {
  try {
    return { ...(JSON.parse(line) as Omit<Entry, "line">), line };
  } catch {
    return undefined;
  }
}

function withoutRequest(entries: readonly Entry[]): Entry[] {
  const requested = new Set(
    entries.filter(({ type }) => type === "NETWORK_INTERACTION_REQUEST").map(({ futureId }) => futureId),
  );
  return entries.filter(({ type, futureId }) => BEGINNINGS.includes(type) && !requested.has(futureId));
}

function withoutHash(entries: readonly Entry[]): Entry[] {
  const prepared = new Map<string, Entry>();
  for (const entry of entries) {
    const key = `${entry.futureId ?? ""} ${String(entry.networkInteractionId)}`;
    if (entry.type === "TRANSACTION_PREPARE_SEND") prepared.set(key, entry);
    if (entry.type === "TRANSACTION_SEND") prepared.delete(key);
  }
  return [...prepared.values()];
}

/** Waits until it is mined, since the nonce is used; undefined if that is counted and the transaction is in no block. */
async function hashOf({ provider, deployer, fromBlock }: MendOptions, nonce: number): Promise<string | undefined> {
  for (let looks = 0; looks < LOOKS;) {
    if ((await provider.getTransactionCount(deployer, "latest")) > nonce) looks += 1;
    for (let block = await provider.getBlockNumber(); block >= fromBlock; block--) {
      const mined = (await provider.getBlock(block, true))?.prefetchedTransactions ?? [];
      const found = mined.find((each) => each.from === deployer && each.nonce === nonce);
      if (found !== undefined) return found.hash;
    }
    await new Promise((done) => setTimeout(done, INTERVAL_MS));
  }
  return undefined;
}
