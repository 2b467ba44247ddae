/** What becomes of an operation: executed by a colleague, or taken back. */
import { Fault } from "../../../protocol/errors/fault.ts";
import { batchOf } from "../../governance/operation.ts";
import { requireStaff } from "../carry-out.ts";
import { findOperation, readOperations, type Operation } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import type { Session } from "../session.ts";
import { moment } from "../words/amounts.ts";
import { STATES } from "./states.ts";

interface OperationArguments {
  readonly operation: string;
}

/** @throws Fault OPERATION_OVER */
export function requireOpen({ number, state }: Operation): void {
  if (state !== "waiting" && state !== "ready") throw new Fault("OPERATION_OVER", { number, state: STATES[state].en });
}

/**
 * What would be refused anyway is refused here first, in words.
 * @throws Fault OPERATION_UNKNOWN, OPERATION_AMBIGUOUS, OPERATION_OVER, OPERATION_NOT_DUE, OPERATION_SAME_PERSON, ACCOUNT_NOT_STAFF
 */
export async function execute(session: Session, args: OperationArguments): Promise<Plan> {
  const [platform, account, names] = [await session.platform(), await session.account(), await session.names()];
  const operation = findOperation(await readOperations(platform), args.operation);
  const { number, state, desk, calls, predecessor, salt } = operation;
  requireOpen(operation);
  await requireStaff(platform, account);
  if (state === "waiting") throw new Fault("OPERATION_NOT_DUE", { number, due: moment(operation.dueAt) });
  const approved = await platform.contracts.memberCouncil.isApproved(operation.id);
  if (operation.proposer === account.address && !approved) {
    throw new Fault("OPERATION_SAME_PERSON", { number, person: names.accountName(account.address) });
  }
  const { targets, values, payloads } = batchOf({ calls, salt: "0x" });
  const plan = operation.isSingle
    ? await planOf(session, "direct", desk, "execute", [[targets[0], 0, payloads[0], predecessor, salt]])
    : await planOf(session, "direct", desk, "executeBatch", [[targets, values, payloads, predecessor, salt]]);
  return { ...plan, operation };
}

/**
 * By the proposer alone; with `--together`, by the duty desk, whoever proposed.
 * @throws Fault OPERATION_UNKNOWN, OPERATION_AMBIGUOUS, OPERATION_OVER, OPERATION_NOT_YOURS
 */
export async function cancel(
  session: Session,
  args: OperationArguments & { readonly together?: boolean },
): Promise<Plan> {
  const [platform, account, names] = [await session.platform(), await session.account(), await session.names()];
  const operation = findOperation(await readOperations(platform), args.operation);
  requireOpen(operation);
  const { number, desk, id, proposer } = operation;
  if (args.together === true) return { ...(await planOf(session, "desk", desk, "cancel", [[id]])), operation };
  await requireStaff(platform, account);
  if (proposer !== account.address) {
    throw new Fault("OPERATION_NOT_YOURS", { number, proposer: names.accountName(proposer) });
  }
  return { ...(await planOf(session, "direct", desk, "cancel", [[id]])), operation };
}
