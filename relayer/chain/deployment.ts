/** Where the platform's contracts are: read from the one file that `scripts/network/deploy.ts` generates. */
import { readFile } from "node:fs/promises";

import { z } from "zod";

import { Fault } from "../../protocol/errors/fault.ts";
import type { LedgerDomain } from "../../protocol/oblivious-lookup/typed-data.ts";

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase() as `0x${string}`);

export const deploymentSchema = z.strictObject({
  chainId: z.int().positive(),
  /** Where the deployer reached the chain; a relayer's own RISKVEIL_RPC_URL goes before it. */
  rpcUrl: z.url(),
  /** First block that can hold an event of the platform. */
  deployedAtBlock: z.int().nonnegative(),
  addresses: z.strictObject({
    authority: address,
    emergency: address,
    platformParameters: address,
    memberRegistry: address,
    datasetRegistry: address,
    points: address,
    incentiveRules: address,
    queryLedger: address,
    sm2Verifier: address,
    memberCouncil: address,
    constitution: address,
    dutyDesk: address,
    contractDirectory: address,
    platformCheck: address,
    exitPlan: address,
    emergencyRecords: address,
    auditAnchors: address,
    algorithmNodes: address,
    keyRounds: address,
    consortiumTables: address,
    statisticsBoard: address,
  }),
});

export type Deployment = z.infer<typeof deploymentSchema>;

/** The platform's contracts, by the name under which the deployment file lists them. */
export type ContractName = keyof Deployment["addresses"];

/** Where vouchers and receipts of this deployment count. */
export function ledgerDomain({ chainId, addresses }: Pick<Deployment, "chainId" | "addresses">): LedgerDomain {
  return { chainId, ledger: addresses.queryLedger };
}

/** @throws Fault DEPLOYMENT_UNREADABLE if the file is missing or not a deployment. */
export async function readDeployment(file: string): Promise<Deployment> {
  try {
    return deploymentSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new Fault("DEPLOYMENT_UNREADABLE", { file }, error);
  }
}
