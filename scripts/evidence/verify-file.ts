/** One evidence file against a chain: what the verifier's command line and the Hardhat task have in common. */
import { readFile, stat } from "node:fs/promises";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ChainFacts } from "../../protocol/evidence/chain-facts.ts";
import { evidenceSchema, type EvidencePackage } from "../../protocol/evidence/package.ts";
import type { VerificationReport } from "../../protocol/evidence/report.ts";
import { verifyEvidence } from "../../protocol/evidence/verify.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createLedgerFacts } from "./ledger-facts.ts";

/** Contracts that the reader trusts; those that the package names stand for what is left out. */
export interface TrustedContracts {
  readonly ledger?: Hex | undefined;
  readonly datasets?: Hex | undefined;
  readonly members?: Hex | undefined;
}

export interface FileVerification {
  readonly report: VerificationReport;
  /** Undefined if the file is no package. */
  readonly pkg: EvidencePackage | undefined;
  /** All three contracts are the reader's. */
  readonly pinned: boolean;
}

export const EXIT_CODES = { verified: 0, refuted: 1, undetermined: 2 } as const;

/** Larger files are no packages: a request of 10,000 elements to each of a hundred datasets is half of this. */
const LARGEST_FILE_BYTES = 500_000_000;

const NOWHERE: Hex = `0x${"00".repeat(20)}`;

export async function verifyFile(file: string, rpcUrl: string, trusted: TrustedContracts): Promise<FileVerification> {
  const content = await readJson(file);
  const parsed = evidenceSchema.safeParse(content);
  const pkg = parsed.success ? parsed.data : undefined;
  const provider = createProvider(rpcUrl, pkg?.chain.chainId ?? 1);
  try {
    const report = await verifyEvidence(content, createLedgerFacts(provider, contractsOf(pkg, trusted)));
    const pinned = [trusted.ledger, trusted.datasets, trusted.members].every((pin) => pin !== undefined);
    return { report, pkg, pinned };
  } finally {
    provider.destroy();
  }
}

/** What the file holds; undefined if that is no JSON. */
async function readJson(file: string): Promise<unknown> {
  if ((await stat(file)).size > LARGEST_FILE_BYTES) return undefined;
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function contractsOf(pkg: EvidencePackage | undefined, pins: TrustedContracts): ChainFacts["contracts"] {
  const choose = (pin: Hex | undefined, named: Hex | undefined): Hex => pin ?? named ?? NOWHERE;
  return {
    queryLedger: choose(pins.ledger, pkg?.chain.queryLedger),
    datasetRegistry: choose(pins.datasets, pkg?.chain.datasetRegistry),
    memberRegistry: choose(pins.members, pkg?.chain.memberRegistry),
  };
}
