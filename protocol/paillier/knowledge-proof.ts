/**
 * Proof that who sends a ciphertext knows what is in it (Cramer, Damgard, Nielsen 2001, for the encryption of Damgard, Jurik, Nielsen
 * 2010): c = (1 + n)^m H^a modulo n^2, with a of half n's bits (`randomiser.ts`).
 *
 *   B  = (1 + n)^x H^u                      x below n, u of 384 bits more than a
 *   e  = SHA-256(domain, key, context, c, B)
 *   z1 = x - e m modulo n, z2 = u - e a     over the integers
 *   verify: e = SHA-256(domain, key, context, c, (1 + n)^z1 H^z2 c^e)
 *
 * Two answers to one B give m = (z1 - z1') / (e' - e) modulo n: no ciphertext copied or bent from another's passes, because its
 * sender does not know the plaintext and the proof holds for one context. It is no range proof.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { encodeCiphertext, type Ciphertext } from "./ciphertext.ts";
import { encrypt, embed } from "./encryption.ts";
import { challenge, CHALLENGE_BITS, hedgedNonces, nonceBits } from "./fiat-shamir.ts";
import { bitLength, bytesToInteger, integerToBytes, nonNegative } from "./integer.ts";
import type { PaillierKey } from "./public-key.ts";
import { createRandomiser, exponentBits, hidingBase, randomExponent } from "./randomiser.ts";

const WAY = "half-exponent";
const DOMAIN = "riskveil/paillier/knowledge/1";
const NONCE_DOMAIN = "riskveil/paillier/knowledge-nonce/1";
/** Reduced modulo n, a nonce of so many bits more is uniform but for 2^-128. */
const EXCESS_BITS = 128;
const CHALLENGE_BYTES = CHALLENGE_BITS / 8;

export interface KnowledgeProof {
  readonly challenge: bigint;
  /** z1, 0 to n - 1. */
  readonly plaintextAnswer: bigint;
  /** z2, not negative. */
  readonly exponentAnswer: bigint;
}

export interface ProvenCiphertext {
  readonly ciphertext: Ciphertext;
  readonly proof: KnowledgeProof;
}

/**
 * `context` says what the ciphertext is for; the proof holds nowhere else. Two powers of half n's bits.
 * @throws Fault PAILLIER_PLAINTEXT_OUT_OF_RANGE, PAILLIER_KEY_NOT_BLUM
 */
export function encryptWithProof(
  key: PaillierKey,
  plaintext: bigint,
  context: Uint8Array,
  random: RandomBytes,
): ProvenCiphertext {
  const exponent = randomExponent(key, WAY, random);
  const power = key.square.power(hidingBase(key), exponent);
  const ciphertext = encrypt(key, plaintext, createRandomiser(key, power));
  const statement = [key.digest, context, encodeCiphertext(key, ciphertext)];
  const nonce = hedgedNonces(NONCE_DOMAIN, [plaintext, exponent], statement, random);
  for (;;) {
    const x = nonce(key.bits + EXCESS_BITS) % key.n;
    const u = nonce(answerBits(key));
    const e = challengeOf(key, context, ciphertext, masked(key, x, u));
    const exponentAnswer = u - e * exponent;
    const plaintextAnswer = nonNegative(x - e * plaintext, key.n);
    if (exponentAnswer >= 0n) return { ciphertext, proof: { challenge: e, plaintextAnswer, exponentAnswer } };
  }
}

/** False for anything out of range, too. */
export function verifyKnowledge(
  key: PaillierKey,
  ciphertext: Ciphertext,
  context: Uint8Array,
  { challenge: e, plaintextAnswer, exponentAnswer }: KnowledgeProof,
): boolean {
  if (e < 0n || bitLength(e) > CHALLENGE_BITS || plaintextAnswer < 0n || plaintextAnswer >= key.n) return false;
  if (exponentAnswer < 0n || bitLength(exponentAnswer) > answerBits(key)) return false;
  const { power, multiply } = key.square;
  const commitment = multiply(masked(key, plaintextAnswer, exponentAnswer), power(ciphertext, e));
  return challengeOf(key, context, ciphertext, commitment) === e;
}

export function knowledgeProofBytes(key: PaillierKey): number {
  return CHALLENGE_BYTES + key.byteLength + answerBytes(key);
}

/** e | z1 | z2, each of fixed length. */
export function encodeKnowledgeProof(key: PaillierKey, proof: KnowledgeProof): Uint8Array {
  return new Uint8Array(
    Buffer.concat([
      integerToBytes(proof.challenge, CHALLENGE_BYTES),
      integerToBytes(proof.plaintextAnswer, key.byteLength),
      integerToBytes(proof.exponentAnswer, answerBytes(key)),
    ]),
  );
}

/** @throws Fault PAILLIER_PROOF_LENGTH. Ranges are looked at when it is verified. */
export function decodeKnowledgeProof(key: PaillierKey, bytes: Uint8Array): KnowledgeProof {
  const wanted = knowledgeProofBytes(key);
  if (bytes.length !== wanted) throw new Fault("PAILLIER_PROOF_LENGTH", { bytes: bytes.length, wanted });
  const middle = CHALLENGE_BYTES + key.byteLength;
  return {
    challenge: bytesToInteger(bytes.subarray(0, CHALLENGE_BYTES)),
    plaintextAnswer: bytesToInteger(bytes.subarray(CHALLENGE_BYTES, middle)),
    exponentAnswer: bytesToInteger(bytes.subarray(middle)),
  };
}

function masked(key: PaillierKey, plaintext: bigint, exponent: bigint): bigint {
  return key.square.multiply(embed(key, plaintext), key.square.power(hidingBase(key), exponent));
}

function challengeOf(key: PaillierKey, context: Uint8Array, ciphertext: Ciphertext, commitment: bigint): bigint {
  const bytes = integerToBytes(commitment, 2 * key.byteLength);
  return challenge(DOMAIN, key.digest, context, encodeCiphertext(key, ciphertext), bytes);
}

/** The exponent is at most 2^bits, so one bit longer. */
function answerBits(key: PaillierKey): number {
  return nonceBits(exponentBits(key, WAY) + 1);
}

function answerBytes(key: PaillierKey): number {
  return Math.ceil(answerBits(key) / 8);
}
