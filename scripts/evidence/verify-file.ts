/** One evidence file of any format against a chain: what the verifier's command line and the Hardhat task have in common. */
import { readFile, stat } from "node:fs/promises";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { EVIDENCE_FORMAT, evidenceSchema, type EvidencePackage } from "../../protocol/evidence/package.ts";
import type { VerificationReport } from "../../protocol/evidence/report.ts";
import { verifyEvidence } from "../../protocol/evidence/verify.ts";
import {
  PICTURE_EVIDENCE_FORMAT,
  pictureEvidenceSchema,
  type PictureEvidence,
} from "../../protocol/picture-evidence/package.ts";
import type { PictureTimes } from "../../protocol/picture-evidence/times.ts";
import { verifyPictureEvidence } from "../../protocol/picture-evidence/verify.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createLedgerFacts } from "./ledger-facts.ts";
import { createPictureFacts } from "./picture-facts.ts";

/** Contracts that the reader trusts; those that the package names stand for what is left out. */
export interface TrustedContracts {
  readonly ledger?: Hex | undefined;
  readonly members?: Hex | undefined;
  /** For evidence of details. */
  readonly datasets?: Hex | undefined;
  /** These three for evidence of an overall picture. */
  readonly nodes?: Hex | undefined;
  readonly rounds?: Hex | undefined;
  readonly editions?: Hex | undefined;
}

/** `pkg` is undefined if the file is no package; `pinned`: all contracts that were asked are the reader's. */
export type FileVerification = { readonly pinned: boolean } & (
  | {
      readonly format: typeof EVIDENCE_FORMAT;
      readonly pkg: EvidencePackage | undefined;
      readonly report: VerificationReport;
    }
  | {
      readonly format: typeof PICTURE_EVIDENCE_FORMAT;
      readonly pkg: PictureEvidence | undefined;
      readonly report: VerificationReport<PictureTimes>;
    }
);

export const EXIT_CODES = { verified: 0, refuted: 1, undetermined: 2 } as const;

/** Larger files are no packages: a request of 10,000 elements to each of a hundred datasets is half of this. */
const LARGEST_FILE_BYTES = 500_000_000;

const NOWHERE: Hex = `0x${"00".repeat(20)}`;

/** What is no package of a picture is looked at as one of details. */
export async function verifyFile(file: string, rpcUrl: string, trusted: TrustedContracts): Promise<FileVerification> {
  const content = await readJson(file);
  return hasFormat(content, PICTURE_EVIDENCE_FORMAT)
    ? await verifyPictureFile(content, rpcUrl, trusted)
    : await verifyDetailFile(content, rpcUrl, trusted);
}

async function verifyDetailFile(
  content: unknown,
  rpcUrl: string,
  trusted: TrustedContracts,
): Promise<FileVerification> {
  const pkg = evidenceSchema.safeParse(content).data;
  const { ledger, datasets, members } = trusted;
  const contracts = {
    queryLedger: ledger ?? pkg?.chain.queryLedger ?? NOWHERE,
    datasetRegistry: datasets ?? pkg?.chain.datasetRegistry ?? NOWHERE,
    memberRegistry: members ?? pkg?.chain.memberRegistry ?? NOWHERE,
  };
  const provider = createProvider(rpcUrl, pkg?.chain.chainId ?? 1);
  try {
    const report = await verifyEvidence(content, createLedgerFacts(provider, contracts));
    return { format: EVIDENCE_FORMAT, report, pkg, pinned: allGiven(ledger, datasets, members) };
  } finally {
    provider.destroy();
  }
}

async function verifyPictureFile(
  content: unknown,
  rpcUrl: string,
  trusted: TrustedContracts,
): Promise<FileVerification> {
  const pkg = pictureEvidenceSchema.safeParse(content).data;
  const { ledger, members, nodes, rounds, editions } = trusted;
  const contracts = {
    queryLedger: ledger ?? pkg?.chain.queryLedger ?? NOWHERE,
    memberRegistry: members ?? pkg?.chain.memberRegistry ?? NOWHERE,
    algorithmNodes: nodes ?? pkg?.chain.algorithmNodes ?? NOWHERE,
    keyRounds: rounds ?? pkg?.chain.keyRounds ?? NOWHERE,
    consortiumTables: editions ?? pkg?.chain.consortiumTables ?? NOWHERE,
  };
  const provider = createProvider(rpcUrl, pkg?.chain.chainId ?? 1);
  try {
    const report = await verifyPictureEvidence(content, createPictureFacts(provider, contracts));
    const pinned = allGiven(ledger, members, nodes, rounds, editions);
    return { format: PICTURE_EVIDENCE_FORMAT, report, pkg, pinned };
  } finally {
    provider.destroy();
  }
}

function allGiven(...pins: readonly (Hex | undefined)[]): boolean {
  return pins.every((pin) => pin !== undefined);
}

function hasFormat(content: unknown, format: string): boolean {
  return typeof content === "object" && content !== null && "format" in content && content.format === format;
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
