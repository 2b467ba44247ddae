/** The platform's events, decoded by the interfaces that declare them. */
import type { Interface, Result } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { IAlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/IAlgorithmNodes__factory.ts";
import { IKeyRounds__factory } from "../../types/ethers-contracts/factories/computation/IKeyRounds__factory.ts";
import { IConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/IConsortiumTables__factory.ts";
import { IStatisticsBoard__factory } from "../../types/ethers-contracts/factories/computation/IStatisticsBoard__factory.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IEmergency__factory } from "../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IPlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/IPlatformParameters__factory.ts";
import { IIncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IIncentiveRules__factory.ts";
import { IIdentityKeys__factory } from "../../types/ethers-contracts/factories/membership/IIdentityKeys__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import type { ContractName, Deployment } from "./deployment.ts";

export interface PlatformEvent {
  readonly name: string;
  readonly contract: ContractName;
  /** By name, as ethers decodes them: bigint numbers, hex bytes, checksummed addresses. */
  readonly args: Result;
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly logIndex: number;
}

/** A log as JSON-RPC gives it. */
export interface RpcLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly transactionHash: Hex;
  readonly logIndex: string;
}

const interfaces: Readonly<Partial<Record<ContractName, readonly Interface[]>>> = {
  emergency: [IEmergency__factory.createInterface()],
  platformParameters: [IPlatformParameters__factory.createInterface()],
  memberRegistry: [IMemberRegistry__factory.createInterface(), IIdentityKeys__factory.createInterface()],
  datasetRegistry: [IDatasetRegistry__factory.createInterface()],
  incentiveRules: [IIncentiveRules__factory.createInterface()],
  queryLedger: [IQueryLedger__factory.createInterface()],
  algorithmNodes: [IAlgorithmNodes__factory.createInterface()],
  keyRounds: [IKeyRounds__factory.createInterface()],
  consortiumTables: [IConsortiumTables__factory.createInterface()],
  statisticsBoard: [IStatisticsBoard__factory.createInterface()],
};

/** Contracts whose events are watched. Transfers of points are not: balances are read when asked for. */
export function watchedAddresses({ addresses }: Deployment): Hex[] {
  return (Object.keys(interfaces) as ContractName[]).map((name) => addresses[name]);
}

/** Undefined for a log that none of the interfaces declares (those of OpenZeppelin's AccessManaged). */
export function decodeEvent({ addresses }: Deployment, log: RpcLog): PlatformEvent | undefined {
  const address = log.address.toLowerCase();
  for (const [contract, declaring] of Object.entries(interfaces) as [ContractName, readonly Interface[]][]) {
    if (addresses[contract] !== address) continue;
    const found = declaring.map((declared) => declared.parseLog(log)).find((parsed) => parsed !== null);
    if (found === undefined) return undefined;
    return {
      name: found.name,
      contract,
      args: found.args,
      blockNumber: Number(log.blockNumber),
      transactionHash: log.transactionHash,
      logIndex: Number(log.logIndex),
    };
  }
  return undefined;
}

export function isEventName(name: string): boolean {
  return Object.values(interfaces).some((declaring) => declaring.some((declared) => declared.hasEvent(name)));
}
