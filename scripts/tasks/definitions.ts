/** Every task of this project, for `hardhat.config.ts`. */
import type { TaskDefinition } from "hardhat/types/tasks";

import type { Command } from "./command.ts";
import { computationCommands, computationGroups } from "./definitions/computation.ts";
import { dataCommands, dataGroups } from "./definitions/data.ts";
import { emergencyCommands, emergencyGroups } from "./definitions/emergency.ts";
import { governanceCommands, governanceGroups } from "./definitions/governance.ts";
import { memberCommands, memberGroups } from "./definitions/member.ts";
import { systemCommands, systemGroups } from "./definitions/system.ts";
import { toTask } from "./task-definition.ts";

export const commands: readonly Command[] = [
  ...memberCommands,
  ...governanceCommands(() => commands),
  ...dataCommands,
  ...computationCommands,
  ...emergencyCommands,
  ...systemCommands,
];

export const tasks: TaskDefinition[] = [
  ...memberGroups,
  ...governanceGroups,
  ...dataGroups,
  ...computationGroups,
  ...emergencyGroups,
  ...systemGroups,
  ...commands.map(toTask),
];
