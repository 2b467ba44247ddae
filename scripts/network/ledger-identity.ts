/**
 * Which ledger the databases of a state directory belong to. Databases that outlived their ledger (its copies deleted, or
 * another chain behind the port) would send their transactions into nowhere, so that is refused.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

import { Fault } from "../../protocol/errors/fault.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider } from "../../relayer/chain/provider.ts";

interface LedgerIdentity {
  readonly queryLedger: string;
  /** A block that only this ledger has: the first with a contract of the platform. */
  readonly block: number;
  readonly hash: string;
}

/** True if this state directory was never finished with any ledger. */
export function isUnbound(file: string): boolean {
  return read(file) === undefined;
}

/** Binds the directory to the ledger of the deployment; call it when the ledger is safely on disk. */
export async function bindLedger(file: string, deployment: Deployment): Promise<void> {
  writeFileSync(`${file}.new`, `${JSON.stringify(await identify(deployment), null, 2)}\n`, { flush: true });
  renameSync(`${file}.new`, file);
}

/** @throws Fault LEDGER_OF_ANOTHER_NETWORK */
export async function requireSameLedger(file: string, deployment: Deployment): Promise<void> {
  const bound = read(file);
  if (bound === undefined) return;
  const { queryLedger, hash } = await identify(deployment);
  if (bound.queryLedger !== queryLedger || bound.hash !== hash) {
    throw new Fault("LEDGER_OF_ANOTHER_NETWORK", { file });
  }
}

async function identify(deployment: Deployment): Promise<LedgerIdentity> {
  const provider = createProvider(deployment.rpcUrl, deployment.chainId);
  try {
    const block = deployment.deployedAtBlock;
    const hash = (await provider.getBlock(block))?.hash ?? "";
    return { queryLedger: deployment.addresses.queryLedger, block, hash };
  } finally {
    provider.destroy();
  }
}

function read(file: string): LedgerIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LedgerIdentity;
  } catch {
    return undefined;
  }
}
