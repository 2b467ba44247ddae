import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import type {
  NamedArtifactContractAtFuture,
  NamedArtifactContractDeploymentFuture,
} from "@nomicfoundation/ignition-core";
import { encodeBytes32String, ZeroAddress } from "ethers";

import { CATEGORIES } from "./categories.ts";
import { rolesOf } from "./roles.ts";

type Future = NamedArtifactContractDeploymentFuture<string> | NamedArtifactContractAtFuture<string>;

const DAY = 86_400;
/** The members' delay can be governed up to this; its least is a parameter of the deployment. */
const LONGEST_DELAY = 60 * DAY;
/** The duty desk acts at once; the constitution may slow it down to this. */
const LONGEST_DUTY_DELAY = DAY;

/**
 * The whole platform on one chain.
 *
 * Parameters:
 * - `staff1` to `staff3`: accounts of three people of the Association, none of them the deployer;
 * - `membersDelay`: seconds between a proposal and its execution within which two members can stop it; `leastDelay`: what it
 *   can never be governed below;
 * - `instanceSalt`: 32 random bytes, new for every deployment.
 *
 * The deployer is admin only while the module runs, wires the roles, hands the admin role to the constitution and renounces
 * it, so it ends with no role at all. Every step is one Ignition future: an interrupted run is resumed by running it again,
 * and a finished one does nothing.
 */
export default buildModule("RiskVeil", (m) => {
  const deployer = m.getAccount(0);
  const staff = ["staff1", "staff2", "staff3"].map((name) => m.getParameter<string>(name));
  const membersDelay = m.getParameter<number>("membersDelay");
  const leastDelay = m.getParameter<number>("leastDelay");
  const instanceSalt = m.getParameter<string>("instanceSalt");

  /** An implementation, and the proxy that is its address for good. */
  const behindProxy = (name: string, dependencies: Future[], initialization: unknown[] = []): Future[] => {
    const implementation = m.contract(name, dependencies, { id: `${name}_v1` });
    const call = m.encodeFunctionCall(implementation, "initialize", initialization as never[]);
    const proxy = m.contract("PlatformProxy", [implementation, call], { id: `${name}_proxy` });
    return [m.contractAt(name, proxy, { id: name }), implementation];
  };

  const authority = m.contract("Authority", [deployer]);
  const sm2Verifier = m.contract("ERC7913SM2Verifier");
  const emergency = m.contract("Emergency", [authority]);
  const contracts = new Map<string, Future[]>();
  const add = (id: string, name: string, dependencies: Future[], initialization?: unknown[]): Future => {
    const made = behindProxy(name, dependencies, initialization);
    contracts.set(id, made);
    return made[0] as Future;
  };
  const platformParameters = add("platformParameters", "PlatformParameters", [authority, emergency]);
  const memberRegistry = add("memberRegistry", "MemberRegistry", [authority, emergency, sm2Verifier]);
  const points = add("points", "Points", [authority, emergency, memberRegistry]);
  const incentiveRules = add("incentiveRules", "IncentiveRules", [authority, emergency, memberRegistry, points]);
  const datasetRegistry = add("datasetRegistry", "DatasetRegistry", [
    authority,
    emergency,
    platformParameters,
    memberRegistry,
  ]);
  const algorithmNodes = add("algorithmNodes", "AlgorithmNodes", [authority, emergency, memberRegistry]);
  const keyRounds = add("keyRounds", "KeyRounds", [authority, emergency, memberRegistry, algorithmNodes]);
  const consortiumTables = add("consortiumTables", "ConsortiumTables", [
    ...[authority, emergency, memberRegistry],
    ...[datasetRegistry, algorithmNodes, keyRounds],
  ]);
  const statisticsBoard = add("statisticsBoard", "StatisticsBoard", [authority, emergency, memberRegistry]);
  const queryLedger = add(
    "queryLedger",
    "QueryLedger",
    [authority, emergency, platformParameters, memberRegistry, datasetRegistry, points, algorithmNodes],
    [instanceSalt],
  );

  const memberCouncil = m.contract("MemberCouncil", [authority, memberRegistry, emergency]);
  const constitution = m.contract(
    "DualControlTimelock",
    [authority, memberCouncil, ZeroAddress, membersDelay, leastDelay, LONGEST_DELAY],
    { id: "Constitution" },
  );
  const dutyDesk = m.contract(
    "DualControlTimelock",
    [authority, memberCouncil, constitution, 0, 0, LONGEST_DUTY_DELAY],
    { id: "DutyDesk" },
  );
  const contractDirectory = m.contract("ContractDirectory", [authority]);
  const platformCheck = m.contract("PlatformCheck", [contractDirectory]);
  const exitPlan = m.contract("ExitPlan", [authority, memberRegistry, emergency]);
  const emergencyRecords = m.contract("EmergencyRecords", [authority, memberRegistry]);
  const auditAnchors = m.contract("AuditAnchors", [memberRegistry]);

  // While nothing else is wired, restricted functions are open to the admin alone: what only a deployment does comes first.
  const asAdmin = [
    ...[memberRegistry, datasetRegistry, queryLedger].map((contract) =>
      m.call(contract, "setIncentiveRules", [incentiveRules], { id: `${contract.contractName}_rules` }),
    ),
    m.call(memberCouncil, "setConstitution", [constitution]),
    ...CATEGORIES.map(({ code, ...terms }) =>
      m.call(datasetRegistry, "defineCategory", [encodeBytes32String(code), terms], { id: `Category_${code}` }),
    ),
    ...[...contracts].map(([name, [proxy, implementation]]) =>
      m.call(contractDirectory, "register", [encodeBytes32String(name), proxy as Future, implementation as Future], {
        id: `Register_${name}`,
      }),
    ),
  ];

  const targets: Record<string, Future> = {
    emergency,
    platformParameters,
    memberRegistry,
    points,
    incentiveRules,
    datasetRegistry,
    queryLedger,
    algorithmNodes,
    keyRounds,
    consortiumTables,
    statisticsBoard,
    memberCouncil,
    contractDirectory,
    exitPlan,
    emergencyRecords,
  };
  const roleIds = new Map<string, ReturnType<typeof m.staticCall>>();
  const role = (name: string): ReturnType<typeof m.staticCall> => {
    const known = roleIds.get(name) ?? m.staticCall(authority, `${name}_ROLE`);
    roleIds.set(name, known);
    return known;
  };
  const wired = rolesOf().map(({ target, role: name, selectors }) =>
    m.call(authority, "setTargetFunctionRole", [targets[target] as Future, [...selectors], role(name)], {
      id: `Wire_${target}_${name.toLowerCase()}`,
      after: asAdmin,
    }),
  );

  const holders: [string, string, Future | (typeof staff)[number]][] = [
    ["RULES", "incentiveRules", incentiveRules],
    ["RULES", "queryLedger", queryLedger],
    ["REGISTRY", "memberRegistry", memberRegistry],
    ["REGISTRY", "datasetRegistry", datasetRegistry],
    ["ASSOCIATION", "constitution", constitution],
    ["DUTY", "dutyDesk", dutyDesk],
    ["RESTART", "dutyDesk", dutyDesk],
    ["RESTART", "memberCouncil", memberCouncil],
    ["CHANGE", "contractDirectory", contractDirectory],
    ["DISPOSAL", "exitPlan", exitPlan],
    ...staff.flatMap((account, i): [string, string, typeof account][] => [
      ["STAFF", `staff${String(i + 1)}`, account],
      ["GUARDIAN", `staff${String(i + 1)}`, account],
    ]),
    ["ADMIN", "constitution", constitution],
  ];
  const granted = holders.map(([name, holder, account]) =>
    m.call(authority, "grantRole", [role(name), account, 0], { id: `Grant_${name.toLowerCase()}_${holder}` }),
  );
  m.call(authority, "renounceRole", [role("ADMIN"), deployer], {
    id: "Renounce_admin",
    after: [...asAdmin, ...wired, ...granted],
  });

  return {
    authority,
    emergency,
    platformParameters,
    memberRegistry,
    datasetRegistry,
    points,
    incentiveRules,
    queryLedger,
    algorithmNodes,
    keyRounds,
    consortiumTables,
    statisticsBoard,
    auditAnchors,
    sm2Verifier,
    memberCouncil,
    constitution,
    dutyDesk,
    contractDirectory,
    platformCheck,
    exitPlan,
    emergencyRecords,
  };
});
