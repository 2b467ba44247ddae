/** Names of the contracts' enumerations, in the order of IMemberRegistry.sol, IQueryLedger.sol and contracts/computation/. */
import { POSTING_PHASES, type RoundPhase } from "../../protocol/key-round/round.ts";
import type { EditionStatus, NodeStatus } from "./computation-view.ts";
import type { MemberKind, MemberStatus, SessionStatus } from "./chain-view.ts";

export const MEMBER_KINDS: readonly (MemberKind | "None")[] = [
  "None",
  "Association",
  "SecuritiesFirm",
  "Bank",
  "Insurer",
  "FuturesFirm",
  "FundManager",
  "Regulator",
  "NodeOperator",
];

export const MEMBER_STATUSES: readonly (MemberStatus | "None")[] = ["None", "Applied", "Active", "Suspended", "Exited"];

export const SESSION_STATUSES: readonly (SessionStatus | "None")[] = ["None", "Open", "Faulted", "Closed"];

export const NODE_STATUSES: readonly (NodeStatus | "None")[] = ["None", "Registered", "Active", "Retired"];

export const ROUND_PHASES: readonly (RoundPhase | "None")[] = ["None", ...POSTING_PHASES, "Completed", "Failed"];

export const EDITION_STATUSES: readonly (EditionStatus | "None")[] = [
  "None",
  "Collecting",
  "Merging",
  "Stripping",
  "Published",
  "Abandoned",
];

/** @throws RangeError if the contract knows a value that we do not: this program is older than the contract. */
export function nameOf<T extends string>(names: readonly (T | "None")[], value: bigint): T {
  const name = names[Number(value)];
  if (name === undefined || name === "None") throw new RangeError(`no name for value ${value.toString()}`);
  return name;
}

/** Kinds that ask: {kindAllows} of contracts/membership/Capability.sol for Query, which the ledger asks in its turn. */
const ASKING: readonly MemberKind[] = ["SecuritiesFirm", "Bank", "Insurer", "FuturesFirm", "FundManager"];

export function mayAsk(kind: MemberKind): boolean {
  return ASKING.includes(kind);
}
