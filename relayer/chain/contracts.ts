/** The platform's contracts, typed by typechain from their interfaces (which also carry every custom error). */
import type { ContractRunner } from "ethers";

import type { IAlgorithmNodes } from "../../types/ethers-contracts/computation/IAlgorithmNodes.ts";
import type { IKeyRounds } from "../../types/ethers-contracts/computation/IKeyRounds.ts";
import type { IConsortiumTables } from "../../types/ethers-contracts/computation/IConsortiumTables.ts";
import type { IStatisticsBoard } from "../../types/ethers-contracts/computation/IStatisticsBoard.ts";
import type { IDatasetRegistry } from "../../types/ethers-contracts/data/IDatasetRegistry.ts";
import type { IAuditAnchors } from "../../types/ethers-contracts/evidence/IAuditAnchors.ts";
import { IAlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/IAlgorithmNodes__factory.ts";
import { IKeyRounds__factory } from "../../types/ethers-contracts/factories/computation/IKeyRounds__factory.ts";
import { IConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/IConsortiumTables__factory.ts";
import { IStatisticsBoard__factory } from "../../types/ethers-contracts/factories/computation/IStatisticsBoard__factory.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IAuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/IAuditAnchors__factory.ts";
import { IEmergency__factory } from "../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IPlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/IPlatformParameters__factory.ts";
import { IIncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IIncentiveRules__factory.ts";
import { IPoints__factory } from "../../types/ethers-contracts/factories/incentive/IPoints__factory.ts";
import { IIdentityKeys__factory } from "../../types/ethers-contracts/factories/membership/IIdentityKeys__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import type { IEmergency } from "../../types/ethers-contracts/governance/IEmergency.ts";
import type { IPlatformParameters } from "../../types/ethers-contracts/governance/IPlatformParameters.ts";
import type { IIncentiveRules } from "../../types/ethers-contracts/incentive/IIncentiveRules.ts";
import type { IPoints } from "../../types/ethers-contracts/incentive/IPoints.ts";
import type { IIdentityKeys } from "../../types/ethers-contracts/membership/IIdentityKeys.ts";
import type { IMemberRegistry } from "../../types/ethers-contracts/membership/IMemberRegistry.ts";
import type { IQueryLedger } from "../../types/ethers-contracts/query/IQueryLedger.ts";
import type { Deployment } from "./deployment.ts";

export interface PlatformContracts {
  readonly emergency: IEmergency;
  readonly platformParameters: IPlatformParameters;
  readonly memberRegistry: IMemberRegistry;
  /** The member registry's other half: by which SM2 keys members are known. */
  readonly identityKeys: IIdentityKeys;
  readonly datasetRegistry: IDatasetRegistry;
  readonly points: IPoints;
  readonly incentiveRules: IIncentiveRules;
  readonly queryLedger: IQueryLedger;
  readonly auditAnchors: IAuditAnchors;
  readonly algorithmNodes: IAlgorithmNodes;
  readonly keyRounds: IKeyRounds;
  readonly consortiumTables: IConsortiumTables;
  readonly statisticsBoard: IStatisticsBoard;
}

/** A provider as `runner` makes contracts for reading, a signer makes them for writing. */
export function connectContracts(addresses: Deployment["addresses"], runner: ContractRunner): PlatformContracts {
  return {
    emergency: IEmergency__factory.connect(addresses.emergency, runner),
    platformParameters: IPlatformParameters__factory.connect(addresses.platformParameters, runner),
    memberRegistry: IMemberRegistry__factory.connect(addresses.memberRegistry, runner),
    identityKeys: IIdentityKeys__factory.connect(addresses.memberRegistry, runner),
    datasetRegistry: IDatasetRegistry__factory.connect(addresses.datasetRegistry, runner),
    points: IPoints__factory.connect(addresses.points, runner),
    incentiveRules: IIncentiveRules__factory.connect(addresses.incentiveRules, runner),
    queryLedger: IQueryLedger__factory.connect(addresses.queryLedger, runner),
    auditAnchors: IAuditAnchors__factory.connect(addresses.auditAnchors, runner),
    algorithmNodes: IAlgorithmNodes__factory.connect(addresses.algorithmNodes, runner),
    keyRounds: IKeyRounds__factory.connect(addresses.keyRounds, runner),
    consortiumTables: IConsortiumTables__factory.connect(addresses.consortiumTables, runner),
    statisticsBoard: IStatisticsBoard__factory.connect(addresses.statisticsBoard, runner),
  };
}
