/** RFC 9497 VOPRF (mode 0x01) over any group of `group.ts`: section 3.3.2, key generation of section 3.2. */
import { concatBytes, uint, utf8 } from "../encoding/bytes.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, PrimeOrderGroup, Scalar } from "../group/group.ts";
import { checkProof, generateProof, type DleqSuite } from "./dleq.ts";
import type { KeyPair, OprfSuite } from "./suite.ts";

const MODE_VOPRF = 0x01;
const SEED_BYTES = 32;
const MAX_INPUT_BYTES = 0xffff;
/** Indices in a batch are two bytes; RFC 9497 section 2.2 fixes lists to this length. */
const MAX_BATCH = 0xffff;
const FINALIZE = utf8("Finalize");

export interface VoprfParameters {
  /** RFC 9497 identifier, part of every domain separation tag. */
  readonly name: string;
  readonly group: PrimeOrderGroup;
  readonly hash: (message: Uint8Array) => Uint8Array;
  readonly outputBytes: number;
}

export function createVoprf({ name, group, hash, outputBytes }: VoprfParameters): OprfSuite {
  const context = concatBytes(utf8("OPRFV1-"), uint(MODE_VOPRF, 1), utf8(`-${name}`));
  const hashToGroupTag = concatBytes(utf8("HashToGroup-"), context);
  const deriveTag = concatBytes(utf8("DeriveKeyPair"), context);
  const dleq: DleqSuite = { group, hash, context };
  const { elementBytes, scalarBytes } = group;

  function requireBatch(count: number): void {
    if (count >= 1 && count <= MAX_BATCH) return;
    throw new Fault("ELEMENTS_LENGTH", { bytes: count * elementBytes, elementBytes, most: MAX_BATCH });
  }

  function inputElement(input: Uint8Array): Element {
    if (input.length > MAX_INPUT_BYTES) throw new Fault("OPRF_INPUT_INVALID", { bytes: input.length });
    return group.hashToElement(input, hashToGroupTag);
  }

  /** `element` is secret and wiped. */
  function output(input: Uint8Array, element: Element): Uint8Array {
    const message = concatBytes(uint(input.length, 2), input, uint(elementBytes, 2), element, FINALIZE);
    const result = hash(message);
    message.fill(0);
    element.fill(0);
    return result;
  }

  function publicKeyOf(secretKey: Scalar): Element {
    return group.multiplyBase(group.decodeScalar(secretKey));
  }

  function keyPair(secretKey: Scalar): KeyPair {
    return { secretKey, publicKey: publicKeyOf(secretKey) };
  }

  function deriveKeyPair(seed: Uint8Array, info: Uint8Array): KeyPair {
    if (seed.length !== SEED_BYTES) throw new Fault("OPRF_INPUT_INVALID", { bytes: seed.length });
    if (info.length > MAX_INPUT_BYTES) throw new Fault("OPRF_INPUT_INVALID", { bytes: info.length });
    // RFC 9497 counts up until the scalar is not zero, which happens at 0 but for a chance of 2^-252.
    const message = concatBytes(seed, uint(info.length, 2), info, uint(0, 1));
    const secretKey = group.hashToScalar(message, deriveTag);
    message.fill(0);
    return keyPair(secretKey);
  }

  function decodeElements(concatenated: Uint8Array): Element[] {
    const bytes = concatenated.length;
    if (bytes % elementBytes !== 0) throw new Fault("ELEMENTS_LENGTH", { bytes, elementBytes, most: MAX_BATCH });
    requireBatch(bytes / elementBytes);
    return Array.from({ length: bytes / elementBytes }, (_, index) =>
      // A copy, as the slice of a Buffer would not be.
      group.decodeElement(
        new Uint8Array(concatenated.subarray(index * elementBytes, (index + 1) * elementBytes)),
        index,
      ),
    );
  }

  function evaluateWithoutProof(secretKey: Scalar, blinded: readonly Element[]): Element[] {
    requireBatch(blinded.length);
    return group.multiplyEach(group.decodeScalar(secretKey), blinded);
  }

  function verifyProof(
    publicKey: Uint8Array,
    blinded: readonly Uint8Array[],
    evaluated: readonly Uint8Array[],
    proof: Uint8Array,
  ): boolean {
    if (blinded.length !== evaluated.length || blinded.length === 0 || blinded.length > MAX_BATCH) return false;
    if (proof.length !== 2 * scalarBytes) return false;
    // Lengths alone: each of these is a factor below, and the group multiplies nothing that is no element.
    if ([publicKey, ...blinded, ...evaluated].some(({ length }) => length !== elementBytes)) return false;
    const c = proof.slice(0, scalarBytes);
    const s = proof.slice(scalarBytes);
    if (!group.isReduced(c) || !group.isReduced(s)) return false;
    try {
      return checkProof(
        dleq,
        publicKey as Element,
        blinded as readonly Element[],
        evaluated as readonly Element[],
        c as Scalar,
        s as Scalar,
      );
    } catch (error) {
      if (isFault(error)) return false;
      throw error;
    }
  }

  return {
    name,
    elementBytes,
    scalarBytes,
    proofBytes: 2 * scalarBytes,
    outputBytes,
    generateKeyPair: (random) => keyPair(group.randomScalar(random)),
    deriveKeyPair,
    publicKeyOf,
    randomScalar: (random) => group.randomScalar(random),
    blind: (input, blind) => group.multiply(group.decodeScalar(blind), inputElement(input)),
    hashToGroup: inputElement,
    decodeElement: (bytes) => group.decodeElement(bytes),
    decodeElements,
    decodeScalar: (bytes) => group.decodeScalar(bytes),
    blindEvaluate: (key, blinded, random) => {
      const publicKey = group.decodeElement(key.publicKey);
      const evaluated = evaluateWithoutProof(key.secretKey, blinded);
      const proof = generateProof(dleq, { secretKey: key.secretKey, publicKey }, blinded, evaluated, random);
      return { evaluated, proof };
    },
    evaluateWithoutProof,
    verifyProof,
    finalize: (input, blind, evaluatedElement) => {
      if (input.length > MAX_INPUT_BYTES) throw new Fault("OPRF_INPUT_INVALID", { bytes: input.length });
      const inverse = group.invert(group.decodeScalar(blind));
      const unblinded = group.multiply(inverse, evaluatedElement);
      inverse.fill(0);
      return output(input, unblinded);
    },
    finalizeUnblinded: (input, evaluatedElement) => {
      if (input.length > MAX_INPUT_BYTES) throw new Fault("OPRF_INPUT_INVALID", { bytes: input.length });
      return output(input, group.decodeElement(evaluatedElement.slice()));
    },
    evaluate: (secretKey, input) => output(input, group.multiply(group.decodeScalar(secretKey), inputElement(input))),
  };
}
