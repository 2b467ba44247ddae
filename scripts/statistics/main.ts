/**
 * Private statistics at a terminal (docs/guides/statistics.md):
 *
 *   node scripts/statistics/main.ts definition
 *   node scripts/statistics/main.ts key --record record.json --dealer dealer-public.pem
 *   node scripts/statistics/main.ts verify --answer answer.json --deployment deployment.json --rpc URL
 */
import { writeSync } from "node:fs";

import { Command } from "commander";

import { isFault } from "../../protocol/errors/fault.ts";
import { languageOf } from "../evidence/report-lines.ts";
import { showDefinitions, showKey } from "./show.ts";
import { verifyPublished } from "./verify.ts";

const language = languageOf(process.env);
const say = (text: string): void => void writeSync(1, `${text}\n`);

const program = new Command("statistics").description("Private statistics of the industry");

program
  .command("definition")
  .description("the definitions that relayers contribute to, with the numbers that defineStatistic takes")
  .option("--key-bits <bits>", "length of the statistics key", "3072")
  .action(({ keyBits }: { keyBits: string }) => {
    say(JSON.stringify(showDefinitions(Number(keyBits)), null, 2));
  });

program
  .command("key")
  .description("what setKey takes, from a ceremony's record")
  .requiredOption("--record <file>", "the ceremony's record")
  .requiredOption("--dealer <file>", "the dealer's public key, PEM, as told on another way")
  .option("--rehearsal", "the record is a rehearsal's", false)
  .action(async (options: { record: string; dealer: string; rehearsal: boolean }) => {
    say(JSON.stringify(await showKey(options), null, 2));
  });

program
  .command("verify")
  .description("recompute a published answer: contributions, shares, sums and refusals, with what stands on chain")
  .requiredOption("--answer <file>", "GET /v1/statistics/{statistic}/{period}/answer of any member's relayer")
  .requiredOption("--deployment <file>", "the platform's deployment file")
  .requiredOption("--rpc <url>", "a node of the chain that the reader trusts")
  .option("--least-key-bits <bits>", "shorter keys are of rehearsals", "3072")
  .action(async (options: { answer: string; deployment: string; rpc: string; leastKeyBits: string }) => {
    say(JSON.stringify(await verifyPublished({ ...options, leastKeyBits: Number(options.leastKeyBits) }), null, 2));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!isFault(error)) throw error;
  process.stderr.write(`${error.code}: ${error.title(language)}\n${error.remedy(language)}\n`);
  process.exitCode = 1;
}
