/** The platform's contracts by the names of the deployment file, as the compiler describes them: for decoding what was called. */
import type { Interface } from "ethers";

import type { ContractName } from "../../relayer/chain/deployment.ts";
import { AlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/AlgorithmNodes__factory.ts";
import { ConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/ConsortiumTables__factory.ts";
import { KeyRounds__factory } from "../../types/ethers-contracts/factories/computation/KeyRounds__factory.ts";
import { StatisticsBoard__factory } from "../../types/ethers-contracts/factories/computation/StatisticsBoard__factory.ts";
import { ERC7913SM2Verifier__factory } from "../../types/ethers-contracts/factories/crypto/ERC7913SM2Verifier__factory.ts";
import { DatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/DatasetRegistry__factory.ts";
import { AuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/AuditAnchors__factory.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { ContractDirectory__factory } from "../../types/ethers-contracts/factories/governance/ContractDirectory__factory.ts";
import { DualControlTimelock__factory } from "../../types/ethers-contracts/factories/governance/DualControlTimelock__factory.ts";
import { Emergency__factory } from "../../types/ethers-contracts/factories/governance/Emergency__factory.ts";
import { EmergencyRecords__factory } from "../../types/ethers-contracts/factories/governance/EmergencyRecords__factory.ts";
import { ExitPlan__factory } from "../../types/ethers-contracts/factories/governance/ExitPlan__factory.ts";
import { MemberCouncil__factory } from "../../types/ethers-contracts/factories/governance/MemberCouncil__factory.ts";
import { PlatformCheck__factory } from "../../types/ethers-contracts/factories/governance/PlatformCheck__factory.ts";
import { PlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { IncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import { Points__factory } from "../../types/ethers-contracts/factories/incentive/Points__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { QueryLedger__factory } from "../../types/ethers-contracts/factories/query/QueryLedger__factory.ts";

export const INTERFACES: Readonly<Record<ContractName, Interface>> = {
  authority: Authority__factory.createInterface(),
  emergency: Emergency__factory.createInterface(),
  platformParameters: PlatformParameters__factory.createInterface(),
  memberRegistry: MemberRegistry__factory.createInterface(),
  datasetRegistry: DatasetRegistry__factory.createInterface(),
  points: Points__factory.createInterface(),
  incentiveRules: IncentiveRules__factory.createInterface(),
  queryLedger: QueryLedger__factory.createInterface(),
  algorithmNodes: AlgorithmNodes__factory.createInterface(),
  keyRounds: KeyRounds__factory.createInterface(),
  consortiumTables: ConsortiumTables__factory.createInterface(),
  statisticsBoard: StatisticsBoard__factory.createInterface(),
  auditAnchors: AuditAnchors__factory.createInterface(),
  sm2Verifier: ERC7913SM2Verifier__factory.createInterface(),
  memberCouncil: MemberCouncil__factory.createInterface(),
  constitution: DualControlTimelock__factory.createInterface(),
  dutyDesk: DualControlTimelock__factory.createInterface(),
  contractDirectory: ContractDirectory__factory.createInterface(),
  platformCheck: PlatformCheck__factory.createInterface(),
  exitPlan: ExitPlan__factory.createInterface(),
  emergencyRecords: EmergencyRecords__factory.createInterface(),
};

export function isContractName(name: string): name is ContractName {
  return Object.hasOwn(INTERFACES, name);
}
