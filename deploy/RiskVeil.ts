import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { encodeBytes32String } from "ethers";

import { IDatasetRegistry__factory } from "../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IEmergency__factory } from "../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IPlatformParameters__factory } from "../types/ethers-contracts/factories/governance/IPlatformParameters__factory.ts";
import { IIncentiveRules__factory } from "../types/ethers-contracts/factories/incentive/IIncentiveRules__factory.ts";
import { IPoints__factory } from "../types/ethers-contracts/factories/incentive/IPoints__factory.ts";
import { IMemberRegistry__factory } from "../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";

/** Values of `MemberKind` in contracts/membership/IMemberRegistry.sol that own categories. */
const ASSOCIATION = 1;
const SECURITIES_FIRM = 2;

/** The first catalogue; the Association defines further categories later, without a release. */
const CATEGORIES = [
  { code: "A", ownerKind: ASSOCIATION, mandatory: true, title: "监管数据 Regulatory data" },
  { code: "B", ownerKind: SECURITIES_FIRM, mandatory: true, title: "经营机构基础数据 Basic data of firms" },
  { code: "C", ownerKind: SECURITIES_FIRM, mandatory: false, title: "经营机构拓展数据 Extended data of firms" },
];

/**
 * The whole platform on one chain.
 *
 * Parameters:
 * - `associationAdmin`: address that receives the admin, association and guardian roles (an account now, a timelock later);
 *   it must not be the deployer, or the last step fails;
 * - `instanceSalt`: 32 random bytes, new for every deployment.
 *
 * The deployer is admin only while the module runs, wires the roles, hands the admin role over and renounces it, so it
 * ends with no role at all. Every step is one Ignition future: an interrupted run is resumed by running it again, and a
 * finished one does nothing.
 */
export default buildModule("RiskVeil", (m) => {
  const deployer = m.getAccount(0);
  const associationAdmin = m.getParameter<string>("associationAdmin");
  const instanceSalt = m.getParameter<string>("instanceSalt");

  const authority = m.contract("Authority", [deployer]);
  const emergency = m.contract("Emergency", [authority]);
  const platformParameters = m.contract("PlatformParameters", [authority, emergency]);
  const memberRegistry = m.contract("MemberRegistry", [authority, emergency]);
  const points = m.contract("Points", [authority, emergency, memberRegistry]);
  const incentiveRules = m.contract("IncentiveRules", [authority, emergency, memberRegistry, points]);
  const datasetRegistry = m.contract("DatasetRegistry", [authority, emergency, platformParameters, memberRegistry]);
  const queryLedger = m.contract("QueryLedger", [
    authority,
    emergency,
    platformParameters,
    memberRegistry,
    datasetRegistry,
    points,
    instanceSalt,
  ]);

  const auditAnchors = m.contract("AuditAnchors", [emergency, memberRegistry]);

  const adminRole = m.staticCall(authority, "ADMIN_ROLE");
  const associationRole = m.staticCall(authority, "ASSOCIATION_ROLE");
  const rulesRole = m.staticCall(authority, "RULES_ROLE");
  const registryRole = m.staticCall(authority, "REGISTRY_ROLE");
  const guardianRole = m.staticCall(authority, "GUARDIAN_ROLE");

  // While nothing else is wired, restricted functions are open to the admin alone: what only a deployment does comes first.
  const asAdmin = [
    m.call(memberRegistry, "setIncentiveRules", [incentiveRules], { id: "MemberRegistry_rules" }),
    m.call(datasetRegistry, "setIncentiveRules", [incentiveRules], { id: "DatasetRegistry_rules" }),
    m.call(queryLedger, "setIncentiveRules", [incentiveRules], { id: "QueryLedger_rules" }),
    ...CATEGORIES.map(({ code, ownerKind, mandatory, title }) =>
      m.call(datasetRegistry, "defineCategory", [encodeBytes32String(code), ownerKind, mandatory, title], {
        id: `Category_${code}`,
      }),
    ),
  ];

  // What is named in no list below stays with the admin role.
  const members = IMemberRegistry__factory.createInterface();
  const datasets = IDatasetRegistry__factory.createInterface();
  const stop = IEmergency__factory.createInterface();
  const parameters = IPlatformParameters__factory.createInterface();
  const rules = IIncentiveRules__factory.createInterface();
  const token = IPoints__factory.createInterface();
  const targets = [
    {
      id: "MemberRegistry_association",
      target: memberRegistry,
      role: associationRole,
      selectors: (["admit", "suspend", "reinstate", "exit"] as const).map((name) => members.getFunction(name).selector),
    },
    {
      id: "DatasetRegistry_association",
      target: datasetRegistry,
      role: associationRole,
      selectors: [datasets.getFunction("defineCategory").selector],
    },
    {
      id: "PlatformParameters_association",
      target: platformParameters,
      role: associationRole,
      selectors: (
        [
          "setEpochLength",
          "setSettlementWindow",
          "setMaximumSessionDuration",
          "setRecordExpiry",
          "switchExistingCustomers",
        ] as const
      ).map((name) => parameters.getFunction(name).selector),
    },
    {
      id: "IncentiveRules_association",
      target: incentiveRules,
      role: associationRole,
      selectors: (["setPrice", "setRates"] as const).map((name) => rules.getFunction(name).selector),
    },
    {
      id: "IncentiveRules_registry",
      target: incentiveRules,
      role: registryRole,
      selectors: (["onAdmitted", "onPublished"] as const).map((name) => rules.getFunction(name).selector),
    },
    {
      id: "Points_rules",
      target: points,
      role: rulesRole,
      selectors: (["mint", "move"] as const).map((name) => token.getFunction(name).selector),
    },
    {
      id: "Emergency_guardian",
      target: emergency,
      role: guardianRole,
      selectors: [stop.getFunction("freeze").selector],
    },
    {
      id: "Emergency_association",
      target: emergency,
      role: associationRole,
      selectors: [stop.getFunction("unfreeze").selector],
    },
  ];
  const wired = targets.map(({ id, target, role, selectors }) =>
    m.call(authority, "setTargetFunctionRole", [target, selectors, role], { id, after: asAdmin }),
  );

  const granted = [
    m.call(authority, "grantRole", [rulesRole, incentiveRules, 0], { id: "Grant_rules_IncentiveRules" }),
    m.call(authority, "grantRole", [rulesRole, queryLedger, 0], { id: "Grant_rules_QueryLedger" }),
    m.call(authority, "grantRole", [registryRole, memberRegistry, 0], { id: "Grant_registry_MemberRegistry" }),
    m.call(authority, "grantRole", [registryRole, datasetRegistry, 0], { id: "Grant_registry_DatasetRegistry" }),
    m.call(authority, "grantRole", [associationRole, associationAdmin, 0], { id: "Grant_association" }),
    m.call(authority, "grantRole", [guardianRole, associationAdmin, 0], { id: "Grant_guardian" }),
    m.call(authority, "grantRole", [adminRole, associationAdmin, 0], { id: "Grant_admin" }),
  ];
  m.call(authority, "renounceRole", [adminRole, deployer], { id: "Renounce_admin", after: [...wired, ...granted] });

  return {
    authority,
    emergency,
    platformParameters,
    memberRegistry,
    datasetRegistry,
    points,
    incentiveRules,
    queryLedger,
    auditAnchors,
  };
});
