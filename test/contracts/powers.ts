/**
 * Every function that writes, of every contract, read from the ABIs; what to call it with, and which are open by design.
 * A function added later is either restricted, and tried like all others, or must be argued for in `OPEN`.
 */
import {
  type BaseContract,
  type ErrorDescription,
  ErrorFragment,
  type FunctionFragment,
  Interface,
  type ParamType,
  ZeroHash,
} from "ethers";

import { rolesOf } from "../../deploy/roles.ts";
import { NAMES } from "./changes.ts";
import { callOf, foundedCouncil } from "./governance.ts";
import { B, connection, DAY, digest, MEMBERS_DELAY, type Platform } from "./platform.ts";
import { publication } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

/** The founded council; beta has published, filed and offered a node, so that there is something of others to reach for. */
export async function stageOfOthers() {
  const platform = await loadFixture(foundedCouncil);
  const { datasets, records, nodes, beta } = platform;
  await datasets.connect(beta.operator).registerDataset(digest("label of beta"), [B]);
  const betaData = await datasets.datasetIdOf(beta.id, digest("label of beta"));
  await datasets.connect(beta.operator).publish(betaData, publication(betaData));
  await records.connect(beta.operator).file(0, digest("incident"));
  await nodes.connect(beta.operator).register();
  return { ...platform, betaData };
}

export type StageOfOthers = Awaited<ReturnType<typeof stageOfOthers>>;

export type ContractKey =
  | "authority"
  | "constitution"
  | "dutyDesk"
  | "emergency"
  | "platformParameters"
  | "memberRegistry"
  | "datasetRegistry"
  | "points"
  | "incentiveRules"
  | "queryLedger"
  | "algorithmNodes"
  | "keyRounds"
  | "consortiumTables"
  | "statisticsBoard"
  | "memberCouncil"
  | "contractDirectory"
  | "exitPlan"
  | "emergencyRecords"
  | "auditAnchors"
  | "platformCheck"
  | "sm2Verifier";

/** Every contract of the deployment, by the name it has there. */
export function contractsOf(platform: Platform): Record<ContractKey, BaseContract> {
  const { authority, constitution, dutyDesk, emergency, points } = platform;
  return {
    ...{ authority, constitution, dutyDesk, emergency, points },
    platformParameters: platform.parameters,
    memberRegistry: platform.members,
    datasetRegistry: platform.datasets,
    incentiveRules: platform.rules,
    queryLedger: platform.ledger,
    algorithmNodes: platform.nodes,
    keyRounds: platform.rounds,
    consortiumTables: platform.tables,
    statisticsBoard: platform.board,
    memberCouncil: platform.council,
    contractDirectory: platform.directory,
    exitPlan: platform.exitPlan,
    emergencyRecords: platform.records,
    auditAnchors: platform.anchors,
    platformCheck: platform.check,
    sm2Verifier: platform.verifier,
  };
}

/** `seated` acts for a firm with a seat, `operator` for a member without one. */
export type Actor = "deployer" | "staff" | "seated" | "operator" | "outsider";

interface Open {
  /** Who gets through; everybody else, and these with what is not theirs, meets an error. */
  readonly to: readonly Actor[];
  readonly because: string;
}

const EVERYBODY: readonly Actor[] = ["deployer", "staff", "seated", "operator", "outsider"];
const desk = (name: "constitution" | "dutyDesk"): Record<string, Open> => ({
  [`${name}.propose`]: { to: ["staff"], because: "one proposes; nothing follows until another executes" },
  [`${name}.schedule`]: { to: ["staff"], because: "as propose, for a single call" },
  [`${name}.scheduleBatch`]: { to: ["staff"], because: "as propose, without words" },
  [`${name}.execute`]: { to: [], because: "only what is due and was proposed by somebody else" },
  [`${name}.executeBatch`]: { to: [], because: "only what is due and was proposed by somebody else" },
  [`${name}.renounceRole`]: { to: EVERYBODY, because: "changes nothing: roles are read from the authority" },
  [`${name}.onERC721Received`]: { to: EVERYBODY, because: "takes a token that nobody sends" },
  [`${name}.onERC1155Received`]: { to: EVERYBODY, because: "takes a token that nobody sends" },
  [`${name}.onERC1155BatchReceived`]: { to: EVERYBODY, because: "takes a token that nobody sends" },
});

/** Functions without a role of the authority in front of them, and why that is right. */
export const OPEN: Readonly<Record<string, Open>> = {
  ...desk("constitution"),
  ...desk("dutyDesk"),
  "authority.renounceRole": { to: EVERYBODY, because: "gives up a role of the caller's own" },
  "authority.cancel": { to: [], because: "no role has an execution delay, so nothing is ever scheduled there" },
  "authority.consumeScheduledOp": {
    to: [],
    because: "answers managed contracts alone, and there is nothing scheduled",
  },
  "emergency.freeze": { to: ["staff"], because: "one person stops; two restart" },
  "memberRegistry.apply_": { to: ["deployer", "staff", "outsider"], because: "nothing follows until the admission" },
  "memberRegistry.presentKey": { to: [], because: "for the caller's own member, with a signature" },
  "memberRegistry.setEndpoint": { to: ["seated", "operator"], because: "of the caller's own member" },
  "memberRegistry.nominateOperator": { to: ["seated", "operator"], because: "for the caller's own member" },
  "memberRegistry.acceptNomination": { to: [], because: "by who was nominated" },
  "memberRegistry.retireOperator": { to: [], because: "of the caller's own member, all but the last" },
  "datasetRegistry.registerDataset": { to: ["seated"], because: "of the caller's own member" },
  "datasetRegistry.publish": { to: [], because: "by the holder" },
  "datasetRegistry.fileNilReport": { to: [], because: "by the holder" },
  "datasetRegistry.withdraw": { to: [], because: "by the holder" },
  "datasetRegistry.recordKeyDestruction": { to: [], because: "by the holder" },
  "queryLedger.openSession": { to: [], because: "for the caller's own points, once its duties are met" },
  "queryLedger.settle": { to: [], because: "by the holder, with the querier's vouchers" },
  "queryLedger.anchor": { to: [], because: "by the querier" },
  "queryLedger.proveFork": { to: [], because: "two signatures speak for themselves" },
  "queryLedger.closeSession": { to: [], because: "after expiry and window, by anybody" },
  "algorithmNodes.register": { to: ["seated", "operator"], because: "offers the caller's own member; others appoint" },
  "algorithmNodes.heartbeat": { to: [], because: "by a node in office, of itself" },
  "algorithmNodes.report": { to: ["seated", "operator"], because: "any member, of a node, on record and no more" },
  "keyRounds.post": { to: [], because: "by who takes part in the round" },
  "keyRounds.advance": { to: [], because: "a phase whose time is over, by anybody" },
  "consortiumTables.open": { to: [], because: "by any member, when the calendar says so" },
  "consortiumTables.contribute": { to: [], because: "by the holder, while an edition collects" },
  "consortiumTables.close": { to: [], because: "a collecting that is over, by anybody" },
  "consortiumTables.exclude": { to: [], because: "by the edition's aggregator" },
  "consortiumTables.merge": { to: [], because: "by the edition's aggregator, once" },
  "consortiumTables.chooseStripSet": { to: [], because: "by the edition's aggregator" },
  "consortiumTables.postShares": { to: [], because: "by a node of the set" },
  "consortiumTables.confirmTable": { to: [], because: "by a node of the set" },
  "consortiumTables.refuse": { to: [], because: "by a node of the set" },
  "consortiumTables.abandon": { to: [], because: "an edition whose time is over, by anybody" },
  "statisticsBoard.contribute": { to: [], because: "by a holder, while a collection is open" },
  "memberCouncil.claimSeat": { to: [], because: "by a firm without one, while there are some to claim" },
  "memberCouncil.object": { to: ["seated"], because: "a member with a seat objects" },
  "memberCouncil.approve": { to: ["seated"], because: "a member with a seat approves" },
  "memberCouncil.liftFreeze": { to: [], because: "two thirds, of a freeze that is overdue" },
  "exitPlan.agree": { to: [], because: "parties, to a plan that was proposed" },
  "emergencyRecords.file": { to: ["seated", "operator"], because: "any member records" },
  "auditAnchors.anchorAudit": { to: ["seated", "operator"], because: "any member, of its own log" },
  "emergencyRecords.close": { to: [], because: "by the member that filed" },
};

/** What says "not you", or "not at all". */
export const REFUSALS: ReadonlySet<string> = new Set([
  "AccessManagedUnauthorized",
  "AccessManagerUnauthorizedAccount",
  "AccessManagerUnauthorizedCall",
  "AccessControlUnauthorizedAccount",
  "TimelockUnauthorizedCaller",
  "TimelockNotProposer",
  "InvalidInitialization",
]);

export interface Power {
  /** Contract and function, e.g. `points.mint`. */
  readonly name: string;
  readonly contract: BaseContract;
  readonly fragment: FunctionFragment;
  readonly payload: string;
}

export function isOpen({ name }: Power): boolean {
  return OPEN[name] !== undefined;
}

/** What two of the Association's staff may do at the duty desk at once: what deploy/roles.ts says, and taking back. */
export function dutyPowers(): ReadonlySet<string> {
  const names = rolesOf().flatMap(({ target, role, selectors }) =>
    role === "DUTY" || role === "RESTART" ? selectors.map((selector) => `${target} ${selector}`) : [],
  );
  return new Set(names);
}

/** All functions that write, with what they are tried with. `thief` is who would profit. */
export function powersOf(platform: StageOfOthers, thief: string): Power[] {
  const chosen = argumentsOf(platform, thief);
  return Object.entries(contractsOf(platform)).flatMap(([key, contract]) =>
    contract.interface.fragments
      .filter((fragment): fragment is FunctionFragment => fragment.type === "function")
      .filter(({ stateMutability }) => stateMutability === "nonpayable" || stateMutability === "payable")
      .map((fragment) => {
        const name = `${key}.${fragment.name}`;
        const values = chosen[name] ?? fragment.inputs.map((input) => valueOf(input, thief));
        return { name, contract, fragment, payload: contract.interface.encodeFunctionData(fragment, values) };
      }),
  );
}

/** Any value of a type; addresses are the thief's. */
function valueOf(type: ParamType, thief: string): unknown {
  if (type.baseType === "array") return [valueOf(type.arrayChildren as ParamType, thief)];
  if (type.baseType === "tuple") return type.components?.map((component) => valueOf(component, thief)) ?? [];
  if (type.type === "address") return thief;
  if (type.type === "bool") return true;
  if (type.type === "string") return "thief";
  if (type.type === "bytes") return "0x";
  if (type.type.startsWith("bytes")) return digest("thief").slice(0, 2 + 2 * Number(type.type.slice(5)));
  return 1;
}

/** Arguments with which the call would do harm if it were let through. */
function argumentsOf(platform: StageOfOthers, thief: string): Readonly<Record<string, readonly unknown[]>> {
  const { authority, members, applicant, association, beta, zeta, points, ledger, rules, check, directory } = platform;
  const admit = callOf(members, "admit", [applicant.id])[1];
  const change = { name: NAMES.points, implementation: rules.target, reversible: true, initialization: "0x" };
  return {
    "authority.grantRole": [0, thief, 0],
    "authority.revokeRole": [0, platform.constitution.target],
    "authority.renounceRole": [0, thief],
    "authority.execute": [members.target, admit],
    "authority.schedule": [members.target, admit, 0],
    "authority.cancel": [thief, members.target, admit],
    "authority.multicall": [[authority.interface.encodeFunctionData("grantRole", [0, thief, 0])]],
    "authority.setTargetFunctionRole": [points.target, [points.interface.getFunction("mint").selector], 5],
    "authority.updateAuthority": [platform.emergency.target, thief],
    "constitution.renounceRole": [digest("role"), thief],
    "dutyDesk.renounceRole": [digest("role"), thief],
    "constitution.updateDelay": [DAY],
    "constitution.schedule": [members.target, 0, admit, ZeroHash, digest("s"), MEMBERS_DELAY],
    "dutyDesk.schedule": [members.target, 0, admit, ZeroHash, digest("s"), 0],
    "constitution.scheduleBatch": [[], [], [], digest("p"), digest("s"), MEMBERS_DELAY],
    "dutyDesk.scheduleBatch": [[], [], [], digest("p"), digest("s"), 0],
    "emergency.freeze": [15, 3600, digest("r")],
    "emergency.prolong": [3600],
    "memberRegistry.apply_": [2, "thief", "https://thief.example"],
    "memberRegistry.setEndpoint": ["https://thief.example"],
    "memberRegistry.recordReview": [applicant.id, digest("r")],
    "memberRegistry.recordAcceptance": [applicant.id, digest("a")],
    "memberRegistry.admit": [applicant.id],
    "memberRegistry.suspend": [beta.id, digest("r")],
    "memberRegistry.reinstate": [beta.id],
    "memberRegistry.exit": [beta.id],
    "memberRegistry.certifyKey": [beta.id, 0, digest("c")],
    "memberRegistry.revokeKey": [beta.id, 0, digest("r")],
    "memberRegistry.acceptNomination": [beta.id],
    "memberRegistry.retireOperator": [beta.operator.address],
    "datasetRegistry.defineCategory": [digest("Z"), [4, true, 5, "Z"]],
    "datasetRegistry.amendCategory": [B, [4, false, 5, "B"]],
    "datasetRegistry.registerDataset": [digest("label"), [B]],
    "datasetRegistry.publish": [platform.betaData, publication(platform.betaData, { revision: 2 })],
    "datasetRegistry.fileNilReport": [platform.betaData, 1, digest("nil")],
    "datasetRegistry.withdraw": [platform.betaData, 1, 1, digest("r")],
    "datasetRegistry.recordKeyDestruction": [platform.betaData, 1, digest("a")],
    "algorithmNodes.activate": [beta.id],
    "algorithmNodes.retire": [beta.id],
    "algorithmNodes.report": [beta.id, digest("reason"), digest("evidence")],
    "keyRounds.begin": [7, 2, [beta.id], 0, 600],
    "keyRounds.callOff": [1, digest("r")],
    "consortiumTables.setTerms": [[association.id, 3, 1024, 1, 1, 1]],
    "statisticsBoard.defineStatistic": [digest("statistic"), [digest("definition"), digest("layout"), 3, false]],
    "statisticsBoard.setKey": [digest("key"), digest("record"), "0x01"],
    "memberCouncil.seat": [zeta.id],
    "memberCouncil.vacate": [beta.id],
    "contractDirectory.register": [digest("name"), check.target, check.target],
    "contractDirectory.change": [[change], check.target],
    "contractDirectory.takeBack": [NAMES.points, check.target],
    "incentiveRules.setPrice": [digest("dataset"), 1],
    "points.move": [ledger.target, thief, 1],
    "platformParameters.setEpochLength": [3600],
    "platformParameters.setSettlementWindow": [3600],
    "platformParameters.setMaximumSessionDuration": [3600],
    "platformParameters.setRecordExpiry": [36],
    "memberCouncil.setConstitution": [directory.target],
  };
}

/** All errors that any contract of the platform declares. */
function errorsOf(platform: Platform): Interface {
  const fragments = Object.values(contractsOf(platform)).flatMap((contract) =>
    contract.interface.fragments.filter((fragment) => ErrorFragment.isFragment(fragment)),
  );
  return new Interface([...new Map(fragments.map((fragment) => [fragment.format("sighash"), fragment])).values()]);
}

export type Outcome = { readonly done: true } | { readonly done: false; readonly error: ErrorDescription | string };

/** Calls as `from` without sending; a failure is decoded, or left as its bare data. */
export function attempting(platform: Platform) {
  const errors = errorsOf(platform);
  return async (from: string, to: BaseContract, data: string): Promise<Outcome> => {
    try {
      await connection.provider.request({
        method: "eth_call",
        params: [{ from, to: await to.getAddress(), data }, "latest"],
      });
      return { done: true };
    } catch (failure) {
      const bytes = revertDataOf(failure);
      return { done: false, error: (bytes === "0x" ? null : errors.parseError(bytes)) ?? bytes };
    }
  };
}

function revertDataOf(failure: unknown): string {
  const { data } = failure as { data?: string | { data?: string } };
  return (typeof data === "object" ? data.data : data) ?? "0x";
}

/** In words, for a message. */
export function outcomeName(outcome: Outcome): string {
  if (outcome.done) return "done";
  return typeof outcome.error === "string" ? `undecoded ${outcome.error}` : outcome.error.name;
}
