/**
 * Commands as Hardhat's tasks. `hardhat.config.ts` reads these and nothing behind them, so that Hardhat starts fast and
 * `hardhat build` runs before there are any contract types.
 */
import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskArguments, TaskDefinition } from "hardhat/types/tasks";

import { flagsOf, optionsOf, type Command } from "./command.ts";

/** A heading under which Hardhat lists tasks. */
export function group(id: string | string[], description: string): TaskDefinition {
  return emptyTask(id, description).build();
}

export function toTask(command: Command): TaskDefinition {
  const builder = task([...command.id], command.description);
  for (const { name, description, optional = false, several = false } of command.takes.positionals ?? []) {
    if (several) builder.addVariadicArgument({ name, description, ...(optional ? { defaultValue: [] } : {}) });
    else if (optional) {
      builder.addPositionalArgument({
        name,
        description,
        type: ArgumentType.STRING_WITHOUT_DEFAULT,
        defaultValue: undefined,
      });
    } else builder.addPositionalArgument({ name, description });
  }
  for (const { name, description } of optionsOf(command)) {
    builder.addOption({ name, description, type: ArgumentType.STRING_WITHOUT_DEFAULT, defaultValue: undefined });
  }
  for (const flag of flagsOf(command)) builder.addFlag(flag);
  return builder
    .setAction(() =>
      Promise.resolve({
        default: async (args: TaskArguments, hre: HardhatRuntimeEnvironment) =>
          (await import("./runner.ts")).runCommand(command, args, hre),
      }),
    )
    .build();
}
