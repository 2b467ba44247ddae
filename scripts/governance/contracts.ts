/** The contracts by which the platform is governed, typed by typechain. What a relayer needs is in relayer/chain/contracts.ts. */
import type { ContractRunner } from "ethers";

import type { Deployment } from "../../relayer/chain/deployment.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { ContractDirectory__factory } from "../../types/ethers-contracts/factories/governance/ContractDirectory__factory.ts";
import { DualControlTimelock__factory } from "../../types/ethers-contracts/factories/governance/DualControlTimelock__factory.ts";
import { EmergencyRecords__factory } from "../../types/ethers-contracts/factories/governance/EmergencyRecords__factory.ts";
import { ExitPlan__factory } from "../../types/ethers-contracts/factories/governance/ExitPlan__factory.ts";
import { MemberCouncil__factory } from "../../types/ethers-contracts/factories/governance/MemberCouncil__factory.ts";
import { PlatformCheck__factory } from "../../types/ethers-contracts/factories/governance/PlatformCheck__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import type { Authority } from "../../types/ethers-contracts/governance/Authority.ts";
import type { ContractDirectory } from "../../types/ethers-contracts/governance/ContractDirectory.ts";
import type { DualControlTimelock } from "../../types/ethers-contracts/governance/DualControlTimelock.ts";
import type { EmergencyRecords } from "../../types/ethers-contracts/governance/EmergencyRecords.ts";
import type { ExitPlan } from "../../types/ethers-contracts/governance/ExitPlan.ts";
import type { MemberCouncil } from "../../types/ethers-contracts/governance/MemberCouncil.ts";
import type { PlatformCheck } from "../../types/ethers-contracts/governance/PlatformCheck.ts";
import type { MemberRegistry } from "../../types/ethers-contracts/membership/MemberRegistry.ts";

export interface GovernanceContracts {
  readonly authority: Authority;
  readonly memberCouncil: MemberCouncil;
  /** With the members' delay. */
  readonly constitution: DualControlTimelock;
  /** Two of the staff, at once. */
  readonly dutyDesk: DualControlTimelock;
  readonly contractDirectory: ContractDirectory;
  readonly platformCheck: PlatformCheck;
  readonly exitPlan: ExitPlan;
  readonly emergencyRecords: EmergencyRecords;
  /** With the members' keys, which the interface for relayers leaves out. */
  readonly members: MemberRegistry;
}

export function connectGovernance(addresses: Deployment["addresses"], runner: ContractRunner): GovernanceContracts {
  return {
    authority: Authority__factory.connect(addresses.authority, runner),
    memberCouncil: MemberCouncil__factory.connect(addresses.memberCouncil, runner),
    constitution: DualControlTimelock__factory.connect(addresses.constitution, runner),
    dutyDesk: DualControlTimelock__factory.connect(addresses.dutyDesk, runner),
    contractDirectory: ContractDirectory__factory.connect(addresses.contractDirectory, runner),
    platformCheck: PlatformCheck__factory.connect(addresses.platformCheck, runner),
    exitPlan: ExitPlan__factory.connect(addresses.exitPlan, runner),
    emergencyRecords: EmergencyRecords__factory.connect(addresses.emergencyRecords, runner),
    members: MemberRegistry__factory.connect(addresses.memberRegistry, runner),
  };
}
