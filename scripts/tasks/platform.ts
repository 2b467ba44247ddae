/** The platform that a deployment file names, on its chain. */
import type { JsonRpcProvider } from "ethers";

import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import { readDeployment, type Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider, requireChain } from "../../relayer/chain/provider.ts";
import { connectGovernance, type GovernanceContracts } from "../governance/contracts.ts";

/** The member registry is there as `members`, with the members' keys. */
export type Contracts = Omit<PlatformContracts, "memberRegistry"> & GovernanceContracts;

export interface Platform {
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  /** For reading and for encoding calls. */
  readonly contracts: Contracts;
}

/**
 * @param rpcUrl goes before the file's
 * @throws Fault DEPLOYMENT_UNREADABLE, CHAIN_UNREACHABLE, CHAIN_WRONG
 */
export async function connectPlatform(file: string, rpcUrl: string | undefined): Promise<Platform> {
  const found = await readDeployment(file);
  const deployment = { ...found, rpcUrl: rpcUrl || found.rpcUrl };
  const provider = createProvider(deployment.rpcUrl, deployment.chainId);
  try {
    await requireChain(provider, deployment.chainId);
  } catch (error) {
    provider.destroy();
    throw error;
  }
  const { memberRegistry: _, ...contracts } = connectContracts(deployment.addresses, provider);
  const governance = connectGovernance(deployment.addresses, provider);
  return { deployment, provider, contracts: { ...contracts, ...governance } };
}
