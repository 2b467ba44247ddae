/**
 * Checks the opening of a contributed row against a chain, with nothing but the file and the chain's JSON-RPC:
 *
 *   node scripts/aggregate/verify-opening.ts <file> --rpc <url> [--tables 0x…] [--rounds 0x…] [--json]
 *
 * Exits 0 if the opening holds, 1 if it does not, 2 if that could not be found out.
 */
import { readFile } from "node:fs/promises";

import { Command } from "commander";

import { languageOf } from "../evidence/report-lines.ts";
import { checkOpeningFile, type TrustedContracts } from "./check-opening.ts";
import { openingText } from "./opening-text.ts";
import { address, runVerifier, url } from "../evidence/verifier-command.ts";

interface Options extends TrustedContracts {
  readonly rpc: string;
  readonly json?: boolean;
}

const EXIT_CODES = { holds: 0, refuted: 1, undetermined: 2 } as const;

async function main(file: string, { rpc, json, ...trusted }: Options): Promise<void> {
  const report = await checkOpeningFile(await readFile(file, "utf8"), rpc, trusted);
  const text = json ? `${JSON.stringify(report, undefined, 2)}\n` : openingText(report, languageOf(process.env));
  process.stdout.write(text);
  process.exitCode = EXIT_CODES[report.verdict];
}

const command = new Command("verify-opening")
  .description("Checks the opening of a contributed row against a chain.")
  .argument("<file>", "the opening, as the member API gave it")
  .requiredOption("--rpc <url>", "JSON-RPC of the chain", url)
  .option("--tables <address>", "the contract of the editions that you trust", address)
  .option("--rounds <address>", "the contract of the key rounds that you trust", address)
  .option("--json", "print the report as JSON")
  .action((file: string, options: Options) => main(file, options));

await runVerifier(command);
