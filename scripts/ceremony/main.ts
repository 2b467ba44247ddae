/**
 * The ceremony that deals the Paillier key for statistics (docs/guides/ceremony.md):
 *
 *   node scripts/ceremony/main.ts deal --plan plan.json --dealer-key dealer.pem --out ceremony
 *   node scripts/ceremony/main.ts verify --record record.json --share share-2.sealed.json --key own.pem --dealer dealer-public.pem --out .
 *   node scripts/ceremony/main.ts complete --record record.json --dealer dealer-public.pem acknowledgement-*.json
 *   node scripts/ceremony/main.ts rehearse
 */
import { Command } from "commander";

import { isFault } from "../../protocol/errors/fault.ts";
import { languageOf } from "../evidence/report-lines.ts";
import { dealKey, readPlan } from "./deal.ts";
import { readPublicKey, readSecretKey } from "./files.ts";
import { rehearse } from "./rehearse.ts";
import { completeCeremony, verifyShare } from "./verify.ts";
import { words, type Say } from "./words.ts";

const language = languageOf(process.env);
const say: Say = (text) => void process.stdout.write(`${text[language]}\n`);
const rehearsal = false;

const program = new Command("ceremony").description("Deals a threshold Paillier key to institutions");

program
  .command("deal")
  .description("on a machine without a network: draws the primes, deals, seals, writes record and shares")
  .requiredOption("--plan <file>", "threshold and participants, JSON")
  .requiredOption("--dealer-key <file>", "the dealer's SM2 key, PEM: signs the record")
  .requiredOption("--out <directory>", "where record and sealed shares go")
  .action(async ({ plan, dealerKey, out }: { plan: string; dealerKey: string; out: string }) => {
    const dealer = await readSecretKey(dealerKey);
    await dealKey({ plan: await readPlan(plan), dealer, directory: out, at: new Date(), rehearsal }, say);
    say(words.switchOff);
  });

program
  .command("verify")
  .description("a participant opens its share, checks it against the record, and acknowledges")
  .requiredOption("--record <file>", "the ceremony's record")
  .requiredOption("--share <file>", "the participant's sealed share")
  .requiredOption("--key <file>", "the participant's SM2 key, PEM")
  .requiredOption("--dealer <file>", "the dealer's public key, PEM, as told on another way")
  .requiredOption("--out <directory>", "where the acknowledgement goes")
  .action(async (options: { record: string; share: string; key: string; dealer: string; out: string }) => {
    const [participant, dealer] = [await readSecretKey(options.key), await readPublicKey(options.dealer)];
    const { record, share: sealed, out: directory } = options;
    await verifyShare({ record, sealed, participant, dealer, directory, at: new Date(), rehearsal }, say);
  });

program
  .command("complete")
  .description("checks that all participants have acknowledged")
  .requiredOption("--record <file>", "the ceremony's record")
  .requiredOption("--dealer <file>", "the dealer's public key, PEM, as told on another way")
  .argument("<acknowledgements...>", "the participants' acknowledgements")
  .action(async (acknowledgements: string[], { record, dealer }: { record: string; dealer: string }) => {
    await completeCeremony({ record, dealer: await readPublicKey(dealer), acknowledgements, rehearsal }, say);
  });

program
  .command("rehearse")
  .description("everything with a short key in a temporary directory, which is removed")
  .action(async () => rehearse(new Date(), say));

try {
  await program.parseAsync();
} catch (error) {
  if (!isFault(error)) throw error;
  process.stderr.write(`${error.code}: ${error.title(language)}\n${error.remedy(language)}\n`);
  process.exitCode = 1;
}
