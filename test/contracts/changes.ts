/** Next versions of contracts, ready to be proposed. */
import { type BaseContract, encodeBytes32String, resolveAddress } from "ethers";

import type { ChangeStruct } from "../../types/ethers-contracts/governance/IContractDirectory.ts";
import { connection, type Platform } from "./platform.ts";

const { ethers } = connection;

export const NAMES = {
  platformParameters: encodeBytes32String("platformParameters"),
  memberRegistry: encodeBytes32String("memberRegistry"),
  points: encodeBytes32String("points"),
  incentiveRules: encodeBytes32String("incentiveRules"),
  datasetRegistry: encodeBytes32String("datasetRegistry"),
  queryLedger: encodeBytes32String("queryLedger"),
  algorithmNodes: encodeBytes32String("algorithmNodes"),
  keyRounds: encodeBytes32String("keyRounds"),
  consortiumTables: encodeBytes32String("consortiumTables"),
  statisticsBoard: encodeBytes32String("statisticsBoard"),
} as const;

export type ContractName = keyof typeof NAMES;

/** What each contract of the platform is constructed with. */
export function dependenciesOf(platform: Platform, name: ContractName): BaseContract[] {
  const { authority, emergency, parameters, members, datasets, points, verifier, nodes, rounds } = platform;
  const own: Record<ContractName, BaseContract[]> = {
    platformParameters: [],
    memberRegistry: [verifier],
    points: [members],
    incentiveRules: [members, points],
    datasetRegistry: [parameters, members],
    queryLedger: [parameters, members, datasets, points, nodes],
    algorithmNodes: [members],
    keyRounds: [members, nodes],
    consortiumTables: [members, datasets, nodes, rounds],
    statisticsBoard: [members],
  };
  return [authority, emergency, ...own[name]];
}

export interface ChangeOptions {
  readonly reversible?: boolean;
  /** A call of the new version, by name and arguments. */
  readonly initialization?: readonly [name: string, ...parameters: unknown[]];
  /** Instead of what the contract is constructed with today. */
  readonly dependencies?: readonly unknown[];
}

/** Deploys the implementation `artifact` and describes its change. */
export async function changeTo(
  platform: Platform,
  name: ContractName,
  artifact: string,
  { reversible = true, initialization, dependencies = dependenciesOf(platform, name) }: ChangeOptions = {},
): Promise<ChangeStruct> {
  const implementation = await ethers.deployContract(artifact, [...dependencies]);
  const [call, ...parameters] = initialization ?? [];
  return {
    name: NAMES[name],
    implementation: await resolveAddress(implementation),
    reversible,
    initialization: call === undefined ? "0x" : implementation.interface.encodeFunctionData(call, parameters),
  };
}

const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

/** What stands behind a proxy, read from its storage. */
export async function implementationOf(proxy: BaseContract): Promise<string> {
  const word = await ethers.provider.getStorage(proxy, IMPLEMENTATION_SLOT);
  return ethers.getAddress(`0x${word.slice(-40)}`);
}
