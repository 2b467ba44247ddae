/** Several actions as one operation: they take effect together or not at all. */
import { isAddress, type FunctionFragment } from "ethers";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { Call } from "../../governance/operation.ts";
import { parseCommand, wordsOf } from "../command-line.ts";
import type { Command } from "../command.ts";
import { INTERFACES, isContractName } from "../interfaces.ts";
import type { Plan } from "../plan.ts";
import type { Session } from "../session.ts";

/** @throws Fault ACTION_UNKNOWN, and what the tasks named throw */
export const proposeAny =
  (commands: () => readonly Command[]) =>
  async (session: Session, args: { readonly actions: readonly string[] }): Promise<Plan> => {
    const plans: Plan[] = [];
    for (const action of args.actions) plans.push(await planFor(session, action, commands()));
    return {
      through: "desk",
      calls: plans.flatMap(({ calls }) => calls),
      remarks: plans.flatMap(({ remarks }) => remarks ?? []),
      ...notesOf(plans),
      async afterwards() {
        const said = [];
        for (const { afterwards } of plans) said.push(...((await afterwards?.()) ?? []));
        return said;
      },
    };
  };

/** A plan's own words stand for it only where it is alone: several are told by their calls. */
function notesOf(plans: readonly Plan[]): Pick<Plan, "note"> {
  const notes = plans.map(({ note }) => note).filter((note) => note !== undefined);
  return notes.length === plans.length ? { note: notes.join("; ") } : {};
}

async function planFor(session: Session, action: string, commands: readonly Command[]): Promise<Plan> {
  const raw = await rawCall(session, action);
  if (raw !== undefined) return { through: "desk", calls: [raw] };
  const parsed = parseCommand(wordsOf(action), commands);
  if (parsed?.command.kind !== "change") throw new Fault("ACTION_UNKNOWN", { given: action });
  const plan = await (await parsed.command.load())(session, parsed.args as never);
  // What an account does by itself is nobody's to decide.
  if (plan.through !== "desk") throw new Fault("ACTION_UNKNOWN", { given: action });
  return plan;
}

/** `memberRegistry.admit(3)`, its arguments as JSON, or `0xTARGET:0xDATA`. */
async function rawCall(session: Session, action: string): Promise<Call | undefined> {
  const [, target, data] = /^(0x[0-9a-fA-F]{40}):(0x(?:[0-9a-fA-F]{2})*)$/.exec(action) ?? [];
  if (target !== undefined && data !== undefined && isAddress(target)) return { target: target.toLowerCase(), data };
  const [, contract, name, list] = /^(\w+)\.(\w+)\((.*)\)$/s.exec(action.trim()) ?? [];
  if (contract === undefined || name === undefined || !isContractName(contract)) return undefined;
  const declared = INTERFACES[contract];
  try {
    const args = JSON.parse(`[${list ?? ""}]`) as unknown[];
    const fragment: FunctionFragment | null = declared.getFunction(name, args);
    if (fragment === null) throw new RangeError(name);
    const { deployment } = await session.platform();
    return { target: deployment.addresses[contract], data: declared.encodeFunctionData(fragment, args) };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("ACTION_UNKNOWN", { given: action }, error);
  }
}
