import { Fault } from "../../../protocol/errors/fault.ts";
import { digestOf, type DocumentArguments } from "../documents.ts";
import { requireOpen } from "../governance/decide.ts";
import { findOperation, readOperations } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import type { Session } from "../session.ts";

interface OperationArguments {
  readonly operation: string;
}

/** @throws Fault OPERATION_OF_DUTY_DESK, OPERATION_OVER, COUNCIL_SEAT_MISSING */
export async function object(session: Session, args: OperationArguments & DocumentArguments): Promise<Plan> {
  const operation = findOperation(await readOperations(await session.platform()), args.operation);
  // The contract would take a first objection to anything: it would lead nowhere.
  if (operation.desk !== "constitution") throw new Fault("OPERATION_OF_DUTY_DESK", { number: operation.number });
  requireOpen(operation);
  await requireSeat(session);
  const { digest, keep } = await digestOf(args);
  const plan = await planOf(session, "direct", "memberCouncil", "object", [[operation.id, digest]]);
  return { ...plan, afterwards: keep, operation };
}

/** `lift` stands for the operation that lifts the running freeze. @throws Fault OPERATION_OVER, COUNCIL_SEAT_MISSING */
export async function approve(session: Session, args: OperationArguments): Promise<Plan> {
  const platform = await session.platform();
  await requireSeat(session);
  if (args.operation === "lift") {
    const id = await platform.contracts.memberCouncil.liftOperation();
    return await planOf(session, "direct", "memberCouncil", "approve", [[id]]);
  }
  const operation = findOperation(await readOperations(platform), args.operation);
  requireOpen(operation);
  const plan = await planOf(session, "direct", "memberCouncil", "approve", [[operation.id]]);
  return { ...plan, operation };
}

export async function lift(session: Session): Promise<Plan> {
  await requireSeat(session);
  return await planOf(session, "direct", "memberCouncil", "liftFreeze");
}

/** @throws Fault OPERATOR_WITHOUT_MEMBER, COUNCIL_SEAT_MISSING */
async function requireSeat(session: Session): Promise<void> {
  const { memberCouncil } = (await session.platform()).contracts;
  const { address } = await session.account();
  const member = (await session.names()).memberOf(address);
  if (member === undefined) throw new Fault("OPERATOR_WITHOUT_MEMBER", { operator: address });
  const seats = await memberCouncil.seats();
  if (!seats.includes(BigInt(member.id))) throw new Fault("COUNCIL_SEAT_MISSING", { member: member.name });
}
