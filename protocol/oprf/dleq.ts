/**
 * Batched proof of equal discrete logarithms, RFC 9497 section 2.2: one proof of two scalars that every D[i] is C[i]
 * times the secret key of the public key B. Weights are hashed from all of B, C and D, so no element can be exchanged.
 */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import type { RandomBytes } from "../encoding/bytes.ts";
import type { Element, PrimeOrderGroup, Scalar } from "../group/group.ts";
import type { KeyPair, Proof } from "./suite.ts";

export interface DleqSuite {
  readonly group: PrimeOrderGroup;
  readonly hash: (message: Uint8Array) => Uint8Array;
  /** RFC 9497 CreateContextString. */
  readonly context: Uint8Array;
}

const COMPOSITE = utf8("Composite");
const CHALLENGE = utf8("Challenge");

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(uint(bytes.length, 2), bytes);
}

/** One public weight per pair. The transcript is rewritten in place: only index, C[i] and D[i] change. */
function weights(
  { group, hash, context }: DleqSuite,
  publicKey: Element,
  c: readonly Element[],
  d: readonly Element[],
): Scalar[] {
  const dst = concatBytes(utf8("HashToScalar-"), context);
  const seed = hash(concatBytes(prefixed(publicKey), prefixed(concatBytes(utf8("Seed-"), context))));
  const size = uint(group.elementBytes, 2);
  const blank = new Uint8Array(group.elementBytes);
  const transcript = concatBytes(prefixed(seed), uint(0, 2), size, blank, size, blank, COMPOSITE);
  const view = new DataView(transcript.buffer);
  const indexAt = 2 + seed.length;
  const cAt = indexAt + 4;
  const dAt = cAt + group.elementBytes + 2;
  return c.map((element, index) => {
    view.setUint16(indexAt, index);
    transcript.set(element, cAt);
    transcript.set(d[index] ?? blank, dAt);
    return group.hashToScalar(transcript, dst);
  });
}

function challenge({ group, context }: DleqSuite, elements: readonly Element[]): Scalar {
  const transcript = concatBytes(...elements.map(prefixed), CHALLENGE);
  return group.hashToScalar(transcript, concatBytes(utf8("HashToScalar-"), context));
}

/** GenerateProof with ComputeCompositesFast: Z = k * M saves the server the second sum. */
export function generateProof(
  suite: DleqSuite,
  key: KeyPair,
  c: readonly Element[],
  d: readonly Element[],
  random: RandomBytes,
): Proof {
  const { group } = suite;
  const m = group.linearCombination(weights(suite, key.publicKey, c, d), c);
  const z = group.multiply(key.secretKey, m);
  const r = group.randomScalar(random);
  const challenged = challenge(suite, [key.publicKey, m, z, group.multiplyBase(r), group.multiply(r, m)]);
  const s = group.subtractProduct(r, challenged, key.secretKey);
  r.fill(0);
  return concatBytes(challenged, s) as Proof;
}

/**
 * VerifyProof on scalars already checked; elements are checked where they are multiplied, which each of them is.
 * @throws Fault if a proof scalar is zero or a sum is the identity; an honest proof meets neither (chance 2^-252).
 */
export function checkProof(
  suite: DleqSuite,
  publicKey: Element,
  c: readonly Element[],
  d: readonly Element[],
  challenged: Scalar,
  s: Scalar,
): boolean {
  const { group } = suite;
  const weight = weights(suite, publicKey, c, d);
  const m = group.linearCombination(weight, c);
  const z = group.linearCombination(weight, d);
  const t2 = group.add(group.multiplyBase(s), group.multiply(challenged, publicKey));
  const t3 = group.linearCombination([s, challenged], [m, z]);
  const expected = challenge(suite, [publicKey, m, z, t2, t3]);
  return Buffer.compare(expected, challenged) === 0;
}
