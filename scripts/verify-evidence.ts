/**
 * Checks an evidence package against a chain, with nothing but the file and the chain's JSON-RPC:
 *
 *   node scripts/verify-evidence.ts <file> --rpc <url> [--ledger 0x…] [--datasets 0x…] [--members 0x…] [--json]
 *
 * Exits 0 if the package is verified, 1 if it is refuted, 2 if that could not be found out.
 */
import { readFile, stat } from "node:fs/promises";

import { Command, CommanderError } from "commander";

import type { Hex } from "../protocol/encoding/bytes.ts";
import { evidenceSchema, type EvidencePackage } from "../protocol/evidence/package.ts";
import { verifyEvidence } from "../protocol/evidence/verify.ts";
import type { ChainFacts } from "../protocol/evidence/chain-facts.ts";
import { createProvider } from "../relayer/chain/provider.ts";
import { createLedgerFacts } from "./evidence/ledger-facts.ts";
import { languageOf, reportText } from "./evidence/report-text.ts";

interface Options {
  readonly rpc: string;
  readonly ledger?: Hex;
  readonly datasets?: Hex;
  readonly members?: Hex;
  readonly json?: boolean;
}

const EXIT = { verified: 0, refuted: 1, undetermined: 2 } as const;

/** Larger files are no packages: a request of 10,000 elements to each of a hundred datasets is half of this. */
const LARGEST_FILE_BYTES = 500_000_000;

const NOWHERE: Hex = `0x${"00".repeat(20)}`;

async function main(file: string, options: Options): Promise<void> {
  const content = await readJson(file);
  const parsed = evidenceSchema.safeParse(content);
  const pkg = parsed.success ? parsed.data : undefined;
  const provider = createProvider(options.rpc, pkg?.chain.chainId ?? 1);
  try {
    const report = await verifyEvidence(content, createLedgerFacts(provider, contractsOf(pkg, options)));
    const pinned = [options.ledger, options.datasets, options.members].every((pin) => pin !== undefined);
    const text = options.json
      ? `${JSON.stringify({ ...report, pinned }, undefined, 2)}\n`
      : reportText(report, pkg, pinned, languageOf(process.env));
    process.stdout.write(text);
    process.exitCode = EXIT[report.verdict];
  } finally {
    provider.destroy();
  }
}

/** What the file holds; undefined if that is no JSON. */
async function readJson(file: string): Promise<unknown> {
  if ((await stat(file)).size > LARGEST_FILE_BYTES) return undefined;
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The contracts to ask: those the reader trusts, else those that the package names. */
function contractsOf(pkg: EvidencePackage | undefined, pins: Options): ChainFacts["contracts"] {
  const choose = (pin: Hex | undefined, named: Hex | undefined): Hex => pin ?? named ?? NOWHERE;
  return {
    queryLedger: choose(pins.ledger, pkg?.chain.queryLedger),
    datasetRegistry: choose(pins.datasets, pkg?.chain.datasetRegistry),
    memberRegistry: choose(pins.members, pkg?.chain.memberRegistry),
  };
}

function address(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new CommanderError(2, "address", `not an address: ${text}`);
  return text.toLowerCase() as Hex;
}

function url(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new CommanderError(2, "url", `not an http URL: ${text}`);
  return text;
}

const command = new Command("verify-evidence")
  .description("Checks an evidence package of RiskVeil against a chain.")
  .argument("<file>", "the evidence package")
  .requiredOption("--rpc <url>", "JSON-RPC of the chain", url)
  .option("--ledger <address>", "the query ledger that you trust", address)
  .option("--datasets <address>", "the dataset registry that you trust", address)
  .option("--members <address>", "the member registry that you trust", address)
  .option("--json", "print the report as JSON")
  .action((file: string, options: Options) => main(file, options))
  .exitOverride();

try {
  await command.parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!isHelp && !(error instanceof CommanderError && error.code.startsWith("commander."))) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.exitCode = isHelp ? 0 : 2;
}
