/** What the Association decides about members: by its duty desk at once, by the constitution after the members' delay. */
import type { DocumentArguments } from "../documents.ts";
import { digestOf, requiredDigestOf } from "../documents.ts";
import type { Plan } from "../plan.ts";
import type { Session } from "../session.ts";
import { planOf } from "../platform-call.ts";

interface MembersArguments {
  readonly members: readonly string[];
}

async function numbersOf(session: Session, { members }: MembersArguments): Promise<number[]> {
  const names = await session.names();
  return members.map((given) => names.findMember(given).id);
}

export async function review(session: Session, args: MembersArguments & DocumentArguments): Promise<Plan> {
  return await documented(session, "recordReview", args, await requiredDigestOf(args));
}

export async function accept(session: Session, args: MembersArguments & DocumentArguments): Promise<Plan> {
  return await documented(session, "recordAcceptance", args, await requiredDigestOf(args));
}

export async function suspend(session: Session, args: MembersArguments & DocumentArguments): Promise<Plan> {
  return await documented(session, "suspend", args, await digestOf(args));
}

async function documented(
  session: Session,
  name: "recordReview" | "recordAcceptance" | "suspend",
  args: MembersArguments,
  { digest, keep }: Awaited<ReturnType<typeof digestOf>>,
): Promise<Plan> {
  const ids = await numbersOf(session, args);
  const plan = await planOf(
    session,
    "desk",
    "memberRegistry",
    name,
    ids.map((id) => [id, digest]),
  );
  return { ...plan, afterwards: keep, facts: { digest } };
}

export async function admit(session: Session, args: MembersArguments): Promise<Plan> {
  return await planOf(
    session,
    "desk",
    "memberRegistry",
    "admit",
    (await numbersOf(session, args)).map((id) => [id]),
  );
}

export async function reinstate(session: Session, args: MembersArguments): Promise<Plan> {
  return await planOf(
    session,
    "desk",
    "memberRegistry",
    "reinstate",
    (await numbersOf(session, args)).map((id) => [id]),
  );
}

/** A member leaves by itself; that the Association ends a membership is for the constitution. */
export async function exit(session: Session, args: { readonly member: string }): Promise<Plan> {
  const [names, { address }] = [await session.names(), await session.account()];
  const { id } = names.findMember(args.member);
  const through = names.memberOf(address)?.id === id ? "direct" : "desk";
  return await planOf(session, through, "memberRegistry", "exit", [[id]]);
}
