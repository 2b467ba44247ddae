import { digestOf, requiredDigestOf, type DocumentArguments } from "../documents.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import type { Session } from "../session.ts";
import { parseDuration, parseScope } from "../words/amounts.ts";

const DEFAULT_LENGTH = "24h";

export async function freeze(
  session: Session,
  args: DocumentArguments & { readonly scope?: string; readonly for?: string },
): Promise<Plan> {
  const { digest, keep } = await digestOf(args);
  const scope = parseScope("--scope", args.scope ?? "everything");
  const length = parseDuration("--for", args.for ?? DEFAULT_LENGTH);
  const plan = await planOf(session, "desk", "emergency", "freeze", [[scope, length, digest]]);
  return { ...plan, afterwards: keep };
}

export async function prolong(session: Session, args: { readonly for?: string }): Promise<Plan> {
  const length = parseDuration("--for", args.for ?? DEFAULT_LENGTH);
  return await planOf(session, "desk", "emergency", "prolong", [[length]]);
}

export async function unfreeze(session: Session): Promise<Plan> {
  return await planOf(session, "desk", "emergency", "unfreeze");
}

export async function beginExit(session: Session, args: DocumentArguments): Promise<Plan> {
  const { digest, keep } = await requiredDigestOf(args);
  return { ...(await planOf(session, "desk", "emergency", "beginExit", [[digest]])), afterwards: keep };
}

export async function proposePlan(session: Session, args: DocumentArguments): Promise<Plan> {
  const { digest, keep } = await requiredDigestOf(args);
  return { ...(await planOf(session, "desk", "exitPlan", "propose", [[digest]])), afterwards: keep, facts: { digest } };
}

/** The digest is the proposed plan's: a member that was given the plan and its salt checks it with --document. */
export async function agreeToPlan(session: Session, args: DocumentArguments): Promise<Plan> {
  const { digest } = await requiredDigestOf(args);
  return await planOf(session, "direct", "exitPlan", "agree", [[digest]]);
}
