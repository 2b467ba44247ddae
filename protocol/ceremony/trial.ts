/**
 * A ciphertext that everybody makes out of the record alone, plaintext and randomness included: holders decrypt it when they
 * acknowledge. Shares of a known plaintext tell nothing that is not known, and together they show what no check of the record
 * does: that the shared secret is the right one modulo n.
 */
import { fromHex } from "../encoding/bytes.ts";
import type { DecryptionTask } from "../paillier/decryption-share.ts";
import { encrypt } from "../paillier/encryption.ts";
import { hashToInteger } from "../paillier/integer.ts";
import { createRandomiser, exponentBits, hidingBase } from "../paillier/randomiser.ts";
import type { ThresholdKey } from "../paillier/threshold-key.ts";
import { recordDigest, type CeremonyRecord } from "./record.ts";

const WAY = "half-exponent";

export interface Trial {
  readonly task: DecryptionTask;
  /** What must come out. */
  readonly plaintext: bigint;
}

/** @throws Fault PAILLIER_KEY_NOT_BLUM */
export function trialOf(record: CeremonyRecord, { key }: ThresholdKey): Trial {
  const context = fromHex(recordDigest(record));
  const plaintext = hashToInteger(key.n, "riskveil/ceremony/trial/plaintext", context);
  const exponent = hashToInteger(1n << BigInt(exponentBits(key, WAY)), "riskveil/ceremony/trial/exponent", context);
  const randomiser = createRandomiser(key, key.square.power(hidingBase(key), exponent + 1n));
  return { task: { ciphertext: encrypt(key, plaintext, randomiser), context }, plaintext };
}
