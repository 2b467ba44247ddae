/**
 * One member's contribution to a statistic: its values packed, encrypted under the statistics key, with a proof that it knows
 * them. Bound to key, statistic, period, layout and contributor by the proof's context; bound to one content by a digest that the
 * member commits on chain before the collection closes:
 *
 *   context = lp("riskveil/statistics/contribution/1", key, statistic, period (4), layout, contributor (4))
 *   digest  = D("riskveil/statistics/contribution", salt, [context, ciphertext, proof])
 *
 * The proof is what keeps a contribution from being decrypted under another name: without it, members in collusion could bring a
 * randomised copy of somebody's ciphertext into a statistic of their own and read it there.
 */
import { bytesEqual, concatBytes, lengthPrefixed, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { ciphertextBytes, decodeCiphertext, encodeCiphertext, type Ciphertext } from "../paillier/ciphertext.ts";
import { bytesToInteger } from "../paillier/integer.ts";
import {
  decodeKnowledgeProof,
  encodeKnowledgeProof,
  encryptWithProof,
  knowledgeProofBytes,
  verifyKnowledge,
  type KnowledgeProof,
} from "../paillier/knowledge-proof.ts";
import { pack, type Layout, type Values } from "../paillier/packing.ts";
import type { PaillierKey } from "../paillier/public-key.ts";

const DOMAIN = "riskveil/statistics/contribution";
const CONTEXT_DOMAIN = utf8("riskveil/statistics/contribution/1");
const CONTRIBUTOR_BYTES = 4;

/** What is collected: one statistic in one period. */
export interface Collection {
  readonly key: PaillierKey;
  /** 32 bytes that stand for the statistic's definition: what is counted, over which cohort. */
  readonly statistic: Uint8Array;
  /** Number of the period in the statistic's calendar, 4 bytes. */
  readonly period: number;
  readonly layout: Layout;
}

export interface Contribution {
  /** Member id, 4 bytes. */
  readonly contributor: number;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly ciphertext: Ciphertext;
  readonly proof: KnowledgeProof;
}

/** @throws Fault PACKING_FIELD_UNKNOWN, PACKING_VALUE_OUT_OF_RANGE, PAILLIER_KEY_NOT_BLUM; RangeError for ids out of range */
export function contribute(
  collection: Collection,
  contributor: number,
  values: Values,
  random: RandomBytes,
): Contribution {
  const plaintext = pack(collection.layout, values);
  const proven = encryptWithProof(collection.key, plaintext, contextOf(collection, contributor), random);
  return { contributor, salt: random(SALT_BYTES), ...proven };
}

/** What the contributor commits on chain, 32 bytes. */
export function contributionDigest(collection: Collection, { contributor, ...content }: Contribution): Uint8Array {
  return saltedDigest(DOMAIN, content.salt, [
    contextOf(collection, contributor),
    encodeCiphertext(collection.key, content.ciphertext),
    encodeKnowledgeProof(collection.key, content.proof),
  ]);
}

/** Whether the contributor has shown that it knows what it sent, for this collection and under its own name. */
export function isProven(collection: Collection, { contributor, ciphertext, proof }: Contribution): boolean {
  return verifyKnowledge(collection.key, ciphertext, contextOf(collection, contributor), proof);
}

export function isCommitted(collection: Collection, contribution: Contribution, digest: Uint8Array): boolean {
  return bytesEqual(contributionDigest(collection, contribution), digest);
}

/** contributor (4) | salt (32) | ciphertext | proof: 1,461 bytes at 3,072 bits. */
export function encodeContribution({ key }: Collection, contribution: Contribution): Uint8Array {
  return concatBytes(
    uint(contribution.contributor, CONTRIBUTOR_BYTES),
    contribution.salt,
    encodeCiphertext(key, contribution.ciphertext),
    encodeKnowledgeProof(key, contribution.proof),
  );
}

/** @throws Fault STATISTIC_CONTRIBUTION_LENGTH, and those of `decodeCiphertext` */
export function decodeContribution({ key }: Collection, bytes: Uint8Array): Contribution {
  const saltAt = CONTRIBUTOR_BYTES;
  const ciphertextAt = saltAt + SALT_BYTES;
  const proofAt = ciphertextAt + ciphertextBytes(key);
  const wanted = proofAt + knowledgeProofBytes(key);
  if (bytes.length !== wanted) throw new Fault("STATISTIC_CONTRIBUTION_LENGTH", { bytes: bytes.length, wanted });
  return {
    contributor: Number(bytesToInteger(bytes.subarray(0, saltAt))),
    // Not a slice, which of a Buffer would be no copy.
    salt: new Uint8Array(bytes.subarray(saltAt, ciphertextAt)),
    ciphertext: decodeCiphertext(key, bytes.subarray(ciphertextAt, proofAt)),
    proof: decodeKnowledgeProof(key, bytes.subarray(proofAt)),
  };
}

/** @throws RangeError unless period and contributor are integers of 4 bytes: 1.5 must not stand for 1. */
function contextOf({ key, statistic, period, layout }: Collection, contributor: number): Uint8Array {
  if (!Number.isInteger(period) || !Number.isInteger(contributor)) throw new RangeError("not an integer");
  const ids = [key.digest, statistic, uint(period, 4), layout.digest, uint(contributor, CONTRIBUTOR_BYTES)];
  return lengthPrefixed(CONTEXT_DOMAIN, ...ids);
}
