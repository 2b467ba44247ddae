/** Plans that consist of calls of the platform's own contracts. */
import type { ContractName } from "../../relayer/chain/deployment.ts";
import type { Call } from "../governance/operation.ts";
import { INTERFACES } from "./interfaces.ts";
import type { Plan } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { Session } from "./session.ts";

export function platformCall(
  { deployment }: Pick<Platform, "deployment">,
  contract: ContractName,
  name: string,
  args: readonly unknown[] = [],
): Call {
  return { target: deployment.addresses[contract], data: INTERFACES[contract].encodeFunctionData(name, args) };
}

/** One call of `contract` for each list of arguments. */
export async function planOf(
  session: Session,
  through: Plan["through"],
  contract: ContractName,
  name: string,
  calls: readonly (readonly unknown[])[] = [[]],
): Promise<Plan> {
  const platform = await session.platform();
  return { through, calls: calls.map((args) => platformCall(platform, contract, name, args)) };
}
