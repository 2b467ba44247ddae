/**
 * The dealer's part, on a machine without a network: draws the primes, deals, seals each share for its holder, writes the
 * record. p, q, the secret and the shares stand in this process's memory and nowhere else; they cannot be wiped from it, so the
 * machine is switched off afterwards.
 */
import { checkPlan, planSchema, type Plan } from "../../protocol/ceremony/plan.ts";
import { holdCeremony, REHEARSAL_BITS } from "../../protocol/ceremony/record.ts";
import { deal } from "../../protocol/paillier/deal.ts";
import { KEY_BITS } from "../../protocol/paillier/public-key.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { randomSource } from "../governance/random-source.ts";
import { checkVacant, readJson, RECORD_FILE, sealedFile, writeJson } from "./files.ts";
import { drawSafePrimes } from "./safe-primes.ts";
import { words, type Say } from "./words.ts";

export interface DealOptions {
  readonly plan: Plan;
  readonly dealer: Sm2KeyPair;
  readonly directory: string;
  readonly at: Date;
  readonly rehearsal: boolean;
}

export async function readPlan(file: string): Promise<Plan> {
  return readJson(file, planSchema);
}

/** The files written, the record first. @throws Fault those of `checkPlan`, `deal`; CEREMONY_FILE_EXISTS */
export async function dealKey({ plan, dealer, directory, at, rehearsal }: DealOptions, say: Say): Promise<string[]> {
  // Before the minutes that primes take.
  checkPlan(plan, at);
  await checkVacant(directory, RECORD_FILE);
  const leastBits = rehearsal ? REHEARSAL_BITS : KEY_BITS;
  const [p, q] = await drawSafePrimes(leastBits / 2, (found, seconds) =>
    say(words.primes(leastBits / 2, found, seconds)),
  );
  const shares = plan.participants.length;
  const dealing = deal({ p, q, threshold: plan.threshold, shares, leastBits }, randomSource);
  say(words.dealt(plan.threshold, shares));
  const { record, sealed } = holdCeremony({ plan, dealing, dealer, at, rehearsal }, randomSource);
  const files = [await writeJson(directory, RECORD_FILE, record)];
  for (const share of sealed) files.push(await writeJson(directory, sealedFile(share.index), share));
  for (const file of files) say(words.written(file));
  return files;
}
