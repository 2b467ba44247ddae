/** Names of the contracts' enumerations, in the order of contracts/membership/IMemberRegistry.sol and IQueryLedger.sol. */
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
