/** Which role opens which restricted function. What is named here for no role stays with the admin role, the constitution. */
import type { Interface } from "ethers";

import { AlgorithmNodes__factory } from "../types/ethers-contracts/factories/computation/AlgorithmNodes__factory.ts";
import { ConsortiumTables__factory } from "../types/ethers-contracts/factories/computation/ConsortiumTables__factory.ts";
import { KeyRounds__factory } from "../types/ethers-contracts/factories/computation/KeyRounds__factory.ts";
import { StatisticsBoard__factory } from "../types/ethers-contracts/factories/computation/StatisticsBoard__factory.ts";
import { DatasetRegistry__factory } from "../types/ethers-contracts/factories/data/DatasetRegistry__factory.ts";
import { ContractDirectory__factory } from "../types/ethers-contracts/factories/governance/ContractDirectory__factory.ts";
import { Emergency__factory } from "../types/ethers-contracts/factories/governance/Emergency__factory.ts";
import { EmergencyRecords__factory } from "../types/ethers-contracts/factories/governance/EmergencyRecords__factory.ts";
import { ExitPlan__factory } from "../types/ethers-contracts/factories/governance/ExitPlan__factory.ts";
import { MemberCouncil__factory } from "../types/ethers-contracts/factories/governance/MemberCouncil__factory.ts";
import { PlatformParameters__factory } from "../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { IncentiveRules__factory } from "../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import { Points__factory } from "../types/ethers-contracts/factories/incentive/Points__factory.ts";
import { MemberRegistry__factory } from "../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { QueryLedger__factory } from "../types/ethers-contracts/factories/query/QueryLedger__factory.ts";

type RoleName = "ASSOCIATION" | "DUTY" | "RESTART" | "GUARDIAN" | "RULES" | "REGISTRY" | "CHANGE" | "DISPOSAL";

interface TargetRoles {
  readonly abi: { createInterface(): Interface };
  readonly functions: Readonly<Partial<Record<RoleName, readonly string[]>>>;
}

/** Putting another implementation behind a proxy. */
const CHANGE = ["upgradeToAndCall"];

export const TARGETS: Readonly<Record<string, TargetRoles>> = {
  emergency: {
    abi: Emergency__factory,
    functions: {
      GUARDIAN: ["freeze"],
      RESTART: ["unfreeze", "prolong"],
      ASSOCIATION: ["beginExit"],
      DISPOSAL: ["openDisposal"],
    },
  },
  platformParameters: {
    abi: PlatformParameters__factory,
    functions: {
      ASSOCIATION: [
        "setEpochLength",
        "setSettlementWindow",
        "setMaximumSessionDuration",
        "setRecordExpiry",
        "switchExistingCustomers",
      ],
      CHANGE,
    },
  },
  memberRegistry: {
    abi: MemberRegistry__factory,
    functions: {
      ASSOCIATION: ["admit", "exit"],
      DUTY: ["recordReview", "recordAcceptance", "certifyKey", "revokeKey", "suspend", "reinstate"],
      CHANGE,
    },
  },
  datasetRegistry: {
    abi: DatasetRegistry__factory,
    functions: { ASSOCIATION: ["defineCategory", "amendCategory"], CHANGE },
  },
  points: { abi: Points__factory, functions: { RULES: ["mint", "move"], CHANGE } },
  incentiveRules: {
    abi: IncentiveRules__factory,
    functions: { ASSOCIATION: ["setPrice", "setRates"], REGISTRY: ["onAdmitted", "onPublished"], CHANGE },
  },
  queryLedger: { abi: QueryLedger__factory, functions: { CHANGE } },
  algorithmNodes: { abi: AlgorithmNodes__factory, functions: { ASSOCIATION: ["activate", "retire"], CHANGE } },
  keyRounds: { abi: KeyRounds__factory, functions: { ASSOCIATION: ["begin", "callOff"], CHANGE } },
  consortiumTables: { abi: ConsortiumTables__factory, functions: { ASSOCIATION: ["setTerms"], CHANGE } },
  statisticsBoard: {
    abi: StatisticsBoard__factory,
    functions: {
      ASSOCIATION: ["setKey", "defineStatistic", "retireStatistic"],
      DUTY: ["openCollection", "strike", "release", "abandon"],
      CHANGE,
    },
  },
  memberCouncil: { abi: MemberCouncil__factory, functions: { ASSOCIATION: ["seat", "vacate"] } },
  contractDirectory: {
    abi: ContractDirectory__factory,
    functions: { ASSOCIATION: ["register", "change"], DUTY: ["takeBack"] },
  },
  exitPlan: { abi: ExitPlan__factory, functions: { DUTY: ["propose"] } },
  emergencyRecords: { abi: EmergencyRecords__factory, functions: { DUTY: ["adoptMeasures"] } },
};

export interface WiredRole {
  readonly target: string;
  readonly role: RoleName;
  readonly selectors: readonly string[];
}

/** @throws RangeError for a function that the contract does not have */
export function rolesOf(): WiredRole[] {
  return Object.entries(TARGETS).flatMap(([target, { abi, functions }]) => {
    const declared = abi.createInterface();
    return Object.entries(functions).map(([role, names]) => ({
      target,
      role: role as RoleName,
      selectors: names.map((name) => {
        const found = declared.getFunction(name);
        if (found === null) throw new RangeError(`${target} has no function ${name}`);
        return found.selector;
      }),
    }));
  });
}
