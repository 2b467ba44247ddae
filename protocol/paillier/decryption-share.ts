/**
 * One holder's part of a threshold decryption, with the proof that it is right (Damgard-Jurik 2001, section 4.1; Shoup 2000, section
 * 2.2). Share: c_i = c^(2 Delta s_i) modulo n^2. Proof that log of c_i^2 to the base c^4 is log of v_i to the base v, both Delta s_i:
 *
 *   a = (c^4)^r, b = v^r                 r of 384 bits more than Delta s_i can have
 *   e = SHA-256(domain, threshold key, index, context, c, c_i, a, b)
 *   z = r - e Delta s_i                  over the integers
 *   verify: e = SHA-256(..., (c^4)^z (c_i^2)^e, v^z v_i^e)
 *
 * - Squares: c^4, c_i^2, v and v_i are squares of units modulo n^2, a group of order n m without small factors, and v generates
 *   it. So the equations leave no other c_i^2. Outside of it -1 would have order 2: c_i and -c_i prove alike, and since
 *   combining takes c_i^2 only, they decrypt alike.
 * - c_i (1 + n)^x shifts the plaintext, and its square has another logarithm: the proof fails.
 * - The proof names key, index, ciphertext and context; the message repeats them, so that who relays a share for another
 *   purpose is told apart from who computed a wrong one.
 * - Constant time: the powers with secret exponents, in 64-bit words. Not constant time: Delta s_i and z, BigInt products.
 */
import { bytesEqual, concatBytes, uint, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { sha256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { encodeCiphertext, type Ciphertext } from "./ciphertext.ts";
import { challenge, CHALLENGE_BITS, hedgedNonces, nonceBits } from "./fiat-shamir.ts";
import { bitLength, bytesToInteger, integerToBytes, isUnit } from "./integer.ts";
import type { KeyShare, ThresholdKey } from "./threshold-key.ts";

const DOMAIN = "riskveil/paillier/share/1";
const NONCE_DOMAIN = "riskveil/paillier/share-nonce/1";
const DIGEST_BYTES = 32;
const CHALLENGE_BYTES = CHALLENGE_BITS / 8;
const INDEX_BYTES = 2;

/** What a share is for: the ciphertext, and the task in whose course it is decrypted. */
export interface DecryptionTask {
  readonly ciphertext: Ciphertext;
  /** Any bytes that name the task and everything it depends on. */
  readonly context: Uint8Array;
}

export interface DecryptionShare {
  /** 1 to l. */
  readonly index: number;
  /** What it claims to be for: digests of 32 bytes. */
  readonly key: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly context: Uint8Array;
  /** c_i. */
  readonly value: bigint;
  readonly challenge: bigint;
  /** z, not negative. */
  readonly answer: bigint;
}

/** What can be wrong with a share, from the cheapest check to the dearest. */
export type ShareFault =
  | "PAILLIER_SHARE_OF_OTHER_KEY"
  | "PAILLIER_SHARE_OF_OTHER_CIPHERTEXT"
  | "PAILLIER_SHARE_OF_OTHER_CONTEXT"
  | "PAILLIER_SHARE_INDEX_INVALID"
  | "PAILLIER_SHARE_OUT_OF_RANGE"
  | "PAILLIER_SHARE_TRIVIAL"
  | "PAILLIER_SHARE_NOT_A_UNIT"
  | "PAILLIER_SHARE_PROOF_INVALID";

/**
 * Three powers of some 6,500 bits. The share is checked against v_i when it is opened, not here.
 * @throws Fault PAILLIER_KEY_SHARE_INVALID for an index that the key has not
 */
export function decryptShare(
  threshold: ThresholdKey,
  { index, value: secret }: KeyShare,
  task: DecryptionTask,
  random: RandomBytes,
): DecryptionShare {
  const { key, delta, verificationBase, verificationKeys } = threshold;
  if (verificationKeys[index - 1] === undefined) throw new Fault("PAILLIER_KEY_SHARE_INVALID", { index });
  const { power } = key.square;
  const exponent = delta * secret;
  const value = power(task.ciphertext, 2n * exponent);
  const fourth = power(task.ciphertext, 4n);
  const statement = [threshold.digest, uint(index, INDEX_BYTES), task.context, encodeCiphertext(key, task.ciphertext)];
  const nonce = hedgedNonces(NONCE_DOMAIN, [secret], statement, random);
  for (;;) {
    const r = nonce(answerBits(threshold));
    const commitments = [power(fourth, r), power(verificationBase, r)];
    const e = challengeOf(threshold, index, task, value, commitments);
    const answer = r - e * exponent;
    if (answer >= 0n) return { ...claims(threshold, task), index, value, challenge: e, answer };
  }
}

/** The first thing wrong with a share, undefined if it is right. */
export function examineShare(
  threshold: ThresholdKey,
  task: DecryptionTask,
  share: DecryptionShare,
): ShareFault | undefined {
  const { n, square } = threshold.key;
  const claimed = claims(threshold, task);
  if (!bytesEqual(share.key, claimed.key)) return "PAILLIER_SHARE_OF_OTHER_KEY";
  if (!bytesEqual(share.ciphertext, claimed.ciphertext)) return "PAILLIER_SHARE_OF_OTHER_CIPHERTEXT";
  if (!bytesEqual(share.context, claimed.context)) return "PAILLIER_SHARE_OF_OTHER_CONTEXT";
  if (threshold.verificationKeys[share.index - 1] === undefined) return "PAILLIER_SHARE_INDEX_INVALID";
  if (!inRange(threshold, share)) return "PAILLIER_SHARE_OUT_OF_RANGE";
  if (share.value <= 1n || share.value === square.value - 1n) return "PAILLIER_SHARE_TRIVIAL";
  if (!isUnit(share.value, n)) return "PAILLIER_SHARE_NOT_A_UNIT";
  return proves(threshold, task, share) ? undefined : "PAILLIER_SHARE_PROOF_INVALID";
}

function inRange(threshold: ThresholdKey, { value, challenge: e, answer }: DecryptionShare): boolean {
  const valueFits = value >= 0n && value < threshold.key.square.value;
  const challengeFits = e >= 0n && bitLength(e) <= CHALLENGE_BITS;
  return valueFits && challengeFits && answer >= 0n && bitLength(answer) <= answerBits(threshold);
}

function proves(threshold: ThresholdKey, task: DecryptionTask, share: DecryptionShare): boolean {
  const { key, verificationBase, verificationKeys } = threshold;
  const { power, multiply } = key.square;
  const { index, value, challenge: e, answer } = share;
  const commitments = [
    multiply(power(power(task.ciphertext, 4n), answer), power(multiply(value, value), e)),
    multiply(power(verificationBase, answer), power(verificationKeys[index - 1] ?? 0n, e)),
  ];
  return challengeOf(threshold, index, task, value, commitments) === e;
}

function challengeOf(
  { key, digest }: ThresholdKey,
  index: number,
  { ciphertext, context }: DecryptionTask,
  value: bigint,
  commitments: readonly bigint[],
): bigint {
  const residues = [ciphertext, value, ...commitments].map((each) => integerToBytes(each, 2 * key.byteLength));
  return challenge(DOMAIN, digest, uint(index, INDEX_BYTES), context, ...residues);
}

function claims(
  { key, digest }: ThresholdKey,
  { ciphertext, context }: DecryptionTask,
): Pick<DecryptionShare, "key" | "ciphertext" | "context"> {
  return {
    key: digest,
    ciphertext: sha256(encodeCiphertext(key, ciphertext)),
    context: sha256(utf8("riskveil/paillier/context/1"), context),
  };
}

/** s_i is below n m, so below n^2; l! of `shares` holders comes before it. */
function answerBits({ key, delta }: ThresholdKey): number {
  return nonceBits(2 * key.bits + bitLength(delta));
}

function lengths(threshold: ThresholdKey): readonly number[] {
  const answer = Math.ceil(answerBits(threshold) / 8);
  const digests = [DIGEST_BYTES, DIGEST_BYTES, DIGEST_BYTES];
  return [INDEX_BYTES, ...digests, 2 * threshold.key.byteLength, CHALLENGE_BYTES, answer];
}

/** index | key | ciphertext | context | c_i | e | z, each of fixed length: 1,715 bytes for 3,072 bits and five holders. */
export function encodeShare(threshold: ThresholdKey, share: DecryptionShare): Uint8Array {
  const [, , , , valueBytes = 0, challengeBytes = 0, answerLength = 0] = lengths(threshold);
  return concatBytes(
    uint(share.index, INDEX_BYTES),
    share.key,
    share.ciphertext,
    share.context,
    integerToBytes(share.value, valueBytes),
    integerToBytes(share.challenge, challengeBytes),
    integerToBytes(share.answer, answerLength),
  );
}

/** Form only; `examineShare` judges. @throws Fault PAILLIER_SHARE_LENGTH */
export function decodeShare(threshold: ThresholdKey, bytes: Uint8Array): DecryptionShare {
  const each = lengths(threshold);
  const wanted = each.reduce((sum, length) => sum + length, 0);
  if (bytes.length !== wanted) throw new Fault("PAILLIER_SHARE_LENGTH", { bytes: bytes.length, wanted });
  let offset = 0;
  const field = (position: number): Uint8Array => {
    const length = each[position] ?? 0;
    offset += length;
    return new Uint8Array(bytes.subarray(offset - length, offset));
  };
  return {
    index: Number(bytesToInteger(field(0))),
    key: field(1),
    ciphertext: field(2),
    context: field(3),
    value: bytesToInteger(field(4)),
    challenge: bytesToInteger(field(5)),
    answer: bytesToInteger(field(6)),
  };
}
