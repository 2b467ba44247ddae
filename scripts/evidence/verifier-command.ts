/** What the command lines of verifiers have in common: their arguments, and their ends: 0 right, 1 wrong, 2 not found out. */
import { CommanderError, type Command } from "commander";

import type { Hex } from "../../protocol/encoding/bytes.ts";

export function address(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new CommanderError(2, "address", `not an address: ${text}`);
  return text.toLowerCase() as Hex;
}

export function url(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new CommanderError(2, "url", `not an http URL: ${text}`);
  return text;
}

/** Runs it on the process's arguments; what goes wrong is said in a line. */
export async function runVerifier(command: Command): Promise<void> {
  try {
    await command.exitOverride().parseAsync();
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    if (!isHelp && !(error instanceof CommanderError && error.code.startsWith("commander."))) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
    process.exitCode = isHelp ? 0 : 2;
  }
}
