/** Who can have a function called: read from the authority on chain, not from a list of ours. */
import { Fault } from "../../protocol/errors/fault.ts";
import type { GovernanceContracts } from "./contracts.ts";
import type { Call } from "./operation.ts";

/** Constitution: with the members' delay. Duty desk: two of the staff at once. Staff: one of them. */
export type Way = "constitution" | "dutyDesk" | "staff";

/** From the slowest to the quickest. */
const WAYS: readonly Way[] = ["constitution", "dutyDesk", "staff"];

/**
 * The way that all the calls of one operation go together.
 * @throws Fault GOVERNANCE_WAY_MIXED if there is no one way, GOVERNANCE_WAY_NONE for a function that neither desk may call
 */
export async function wayOf(governance: GovernanceContracts, calls: readonly Call[]): Promise<Way> {
  const ways = new Set(await Promise.all(calls.map((call) => wayOfCall(governance, call))));
  const [way] = ways;
  if (way === undefined || ways.size > 1) {
    throw new Fault("GOVERNANCE_WAY_MIXED", { ways: WAYS.filter((each) => ways.has(each)).join(", ") });
  }
  return way;
}

async function wayOfCall({ authority, constitution, dutyDesk }: GovernanceContracts, call: Call): Promise<Way> {
  const own = [await authority.getAddress(), await constitution.getAddress(), await dutyDesk.getAddress()];
  // The authority's own functions ask for its admin, the desks' for the constitution, but two of the staff stop an operation.
  const stops = call.data.startsWith(constitution.interface.getFunction("cancel").selector);
  if (stops && own.slice(1).some((address) => address.toLowerCase() === call.target.toLowerCase())) return "dutyDesk";
  if (own.some((address) => address.toLowerCase() === call.target.toLowerCase())) return "constitution";
  const role = await authority.getTargetFunctionRole(call.target, call.data.slice(0, 10));
  const [duty, restart, guardian, association, admin] = await Promise.all([
    authority.DUTY_ROLE(),
    authority.RESTART_ROLE(),
    authority.GUARDIAN_ROLE(),
    authority.ASSOCIATION_ROLE(),
    authority.ADMIN_ROLE(),
  ]);
  if (role === association || role === admin) return "constitution";
  if (role === duty || role === restart) return "dutyDesk";
  if (role === guardian) return "staff";
  throw new Fault("GOVERNANCE_WAY_NONE", { target: call.target, function: call.data.slice(0, 10) });
}
