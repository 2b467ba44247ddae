/**
 * Checks an evidence package against a chain, with nothing but the file and the chain's JSON-RPC:
 *
 *   node scripts/verify-evidence.ts <file> --rpc <url> [--ledger 0x…] [--members 0x…] [--datasets 0x…]
 *     [--nodes 0x…] [--rounds 0x…] [--editions 0x…] [--json]
 *
 * Of both formats: evidence of details asks ledger, members and datasets, that of an overall picture ledger, members, nodes,
 * rounds and editions.
 *
 * Exits 0 if the package is verified, 1 if it is refuted, 2 if that could not be found out.
 */
import { Command } from "commander";

import { languageOf } from "./evidence/report-lines.ts";
import { verificationText } from "./evidence/verification-text.ts";
import { EXIT_CODES, verifyFile, type TrustedContracts } from "./evidence/verify-file.ts";
import { address, runVerifier, url } from "./evidence/verifier-command.ts";

interface Options extends TrustedContracts {
  readonly rpc: string;
  readonly json?: boolean;
}

async function main(file: string, options: Options): Promise<void> {
  const found = await verifyFile(file, options.rpc, options);
  const { report, pinned } = found;
  const text = options.json
    ? `${JSON.stringify({ ...report, pinned }, undefined, 2)}\n`
    : verificationText(found, languageOf(process.env));
  process.stdout.write(text);
  process.exitCode = EXIT_CODES[report.verdict];
}

const command = new Command("verify-evidence")
  .description("Checks an evidence package of RiskVeil against a chain.")
  .argument("<file>", "the evidence package")
  .requiredOption("--rpc <url>", "JSON-RPC of the chain", url)
  .option("--ledger <address>", "the query ledger that you trust", address)
  .option("--members <address>", "the member registry that you trust", address)
  .option("--datasets <address>", "the dataset registry that you trust, for evidence of details", address)
  .option("--nodes <address>", "the list of algorithm nodes that you trust, for evidence of a picture", address)
  .option("--rounds <address>", "the key rounds that you trust, for evidence of a picture", address)
  .option("--editions <address>", "the consortium tables that you trust, for evidence of a picture", address)
  .option("--json", "print the report as JSON")
  .action((file: string, options: Options) => main(file, options));

await runVerifier(command);
