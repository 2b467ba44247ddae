/** Between Hardhat and the tasks: what runs them needs the contract types, and says so where they are missing. */
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskArguments } from "hardhat/types/tasks";
import { errorResult } from "hardhat/utils/result";

import { Fault } from "../../protocol/errors/fault.ts";
import type { Command } from "./command.ts";
import type * as Runner from "./run.ts";

export async function runCommand(
  command: Command,
  args: TaskArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<unknown> {
  let runner: typeof Runner;
  try {
    runner = await import("./run.ts");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !message.includes("ethers-contracts")) throw error;
    const fault = new Fault("CONTRACTS_NOT_BUILT", {}, error);
    process.stderr.write(`${fault.code}: ${fault.title("en")}\n${fault.remedy("en")}\n`);
    return errorResult(fault);
  }
  return await runner.run(command, args, hre);
}
