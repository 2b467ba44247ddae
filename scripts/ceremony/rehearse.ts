/**
 * The whole ceremony with a short key, fictional institutions and a temporary directory that is removed whatever happens; and
 * what a ceremony with real shares cannot do at one place: decryption by every set of t holders.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Plan } from "../../protocol/ceremony/plan.ts";
import { openRecord, recordSchema } from "../../protocol/ceremony/record.ts";
import { openShare, sealedShareSchema } from "../../protocol/ceremony/sealed-share.ts";
import { toHex, utf8 } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { combine } from "../../protocol/paillier/combination.ts";
import { decryptShare, type DecryptionShare } from "../../protocol/paillier/decryption-share.ts";
import { encrypt } from "../../protocol/paillier/encryption.ts";
import { freshRandomiser } from "../../protocol/paillier/randomiser.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { mod31Check } from "../../protocol/subject/check-character.ts";
import { randomSource } from "../governance/random-source.ts";
import { dealKey } from "./deal.ts";
import { acknowledgementFile, readJson, RECORD_FILE, sealedFile } from "./files.ts";
import { completeCeremony, verifyShare } from "./verify.ts";
import { words, type Say } from "./words.ts";

/** Fictional, with right check characters (GB 32100). */
const INSTITUTIONS = ["91000000FAKE00001", "91000000FAKE00002", "91000000FAKE00003", "91000000FAKE00004"].map(
  (code) => code + mod31Check(code),
);
const THRESHOLD = 3;
const PLAINTEXT = 2026n;

/** @throws Fault of whatever step fails */
export async function rehearse(at: Date, say: Say): Promise<void> {
  const startedAt = performance.now();
  const directory = await mkdtemp(join(tmpdir(), "riskveil-ceremony-"));
  try {
    const dealer = generateKeyPair(randomSource);
    const keys = INSTITUTIONS.map(() => generateKeyPair(randomSource));
    await dealKey({ plan: planFor(keys), dealer, directory, at, rehearsal: true }, say);
    const record = join(directory, RECORD_FILE);
    const expected = { dealer: dealer.publicKey, rehearsal: true, record, directory, at };
    for (const [position, participant] of keys.entries()) {
      await verifyShare({ ...expected, participant, sealed: join(directory, sealedFile(position + 1)) }, say);
    }
    const acknowledgements = keys.map((_, position) => join(directory, acknowledgementFile(position + 1)));
    await completeCeremony({ ...expected, acknowledgements }, say);
    await decryptByAll(directory, dealer, keys);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  say(words.rehearsed(Math.ceil((performance.now() - startedAt) / 1000)));
}

function planFor(keys: readonly Sm2KeyPair[]): Plan {
  const participants = INSTITUTIONS.map((institution, position) => ({
    institution,
    name: `Rehearsal ${String(position + 1)}`,
    association: position === 0,
    publicKey: toHex(keys[position]?.publicKey ?? new Uint8Array(0)),
  }));
  return { threshold: THRESHOLD, participants };
}

async function decryptByAll(directory: string, dealer: Sm2KeyPair, keys: readonly Sm2KeyPair[]): Promise<void> {
  const record = await readJson(join(directory, RECORD_FILE), recordSchema);
  const thresholdKey = openRecord(record, { dealer: dealer.publicKey, rehearsal: true });
  const { key } = thresholdKey;
  const ciphertext = encrypt(key, PLAINTEXT, freshRandomiser(key, "half-exponent", randomSource));
  const task = { ciphertext, context: utf8("rehearsal") };
  const shares: DecryptionShare[] = [];
  for (const [position, { secretKey }] of keys.entries()) {
    const sealed = await readJson(join(directory, sealedFile(position + 1)), sealedShareSchema);
    shares.push(decryptShare(thresholdKey, openShare(thresholdKey, sealed, secretKey), task, randomSource));
  }
  for (const absent of shares) {
    const present = shares.filter((share) => share !== absent);
    const { plaintext, rejected } = combine(thresholdKey, task, present);
    if (plaintext !== PLAINTEXT || rejected.length > 0) throw new Fault("PAILLIER_NOT_A_PLAINTEXT");
  }
}
