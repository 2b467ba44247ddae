/** One task from its arguments to its last line: makes the session, prints the report, tells errors in the catalogue's words. */
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { TaskArguments } from "hardhat/types/tasks";
import { errorResult, successfulResult } from "hardhat/utils/result";

import { refusalText } from "../../protocol/errors/contract-refusals.ts";
import { Fault, type Language } from "../../protocol/errors/fault.ts";
import { refusal } from "../../relayer/chain/refusal.ts";
import { languageOf } from "../evidence/report-lines.ts";
import type { Command } from "./command.ts";
import type { Report } from "./report.ts";
import { createSession, type Session } from "./session.ts";

interface CommonArguments {
  readonly deployment?: string;
  readonly lang?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly send?: boolean;
  readonly keys?: string;
  readonly key?: string;
  readonly from?: string;
  readonly note?: string;
  readonly desk?: string;
  readonly anyway?: boolean;
}

/** The result by which Hardhat's command line knows its exit code. */
export async function run(command: Command, given: TaskArguments, hre: HardhatRuntimeEnvironment): Promise<unknown> {
  const args = given as CommonArguments;
  const language: Language = args.lang === "zh" || args.lang === "en" ? args.lang : languageOf(process.env);
  const session = createSession({
    hre,
    language,
    environment: process.env,
    sending: args.yes === true || args.send === true,
    signer: command.kind === "change" ? command.signer : "staff",
    deploymentFile: args.deployment,
    signing: { keys: args.keys, key: args.key, from: args.from },
  });
  try {
    if (args.lang !== undefined && args.lang !== language) {
      throw new Fault("ARGUMENT_INVALID", { argument: "--lang", given: args.lang, expected: "en, zh" });
    }
    const { json, text, success = true } = await reportOf(command, session, args);
    process.stdout.write(args.json === true ? `${JSON.stringify(json, null, 2)}\n` : `${text(language)}\n`);
    return success ? successfulResult() : errorResult();
  } catch (error) {
    const fault = knownFault(error);
    if (fault === undefined) throw error;
    process.stderr.write(args.json === true ? faultJson(fault, language) : faultText(fault, language));
    return errorResult(fault);
  } finally {
    session.close();
  }
}

async function reportOf(command: Command, session: Session, args: CommonArguments): Promise<Report> {
  if (command.kind !== "change") return await (await command.load())(session, args as never);
  const plan = await (await command.load())(session, args as never);
  const { carryOut } = await import("./carry-out.ts");
  const { note, desk, anyway = false } = args;
  return await carryOut(session, plan, { note, desk, anyway });
}

/** Undefined for what is no Fault: Hardhat prints that with its stack. */
function knownFault(error: unknown): Fault | undefined {
  const known = refusal(error);
  return known instanceof Fault ? known : undefined;
}

function reasonOf({ code, values }: Fault, language: Language): string | undefined {
  return code === "CHAIN_REVERTED" ? refusalText(String(values["error"]), values, language) : undefined;
}

function faultText(fault: Fault, language: Language): string {
  const reason = reasonOf(fault, language);
  const lines = [`${fault.code}: ${fault.title(language)}`, ...(reason === undefined ? [] : [reason])];
  return `${[...lines, fault.remedy(language)].join("\n")}\n`;
}

function faultJson(fault: Fault, language: Language): string {
  const { code, values } = fault;
  const reason = reasonOf(fault, language) ?? null;
  const error = { code, title: fault.title(language), reason, remedy: fault.remedy(language), values };
  return `${JSON.stringify({ error }, null, 2)}\n`;
}
