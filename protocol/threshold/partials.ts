/**
 * Multiplication by a shared key: each node multiplies a batch of elements by its share and proves it against its public
 * share with one DLEQ proof of RFC 9497 section 2.2.1, and the results of any t nodes combine by Lagrange. The proof names
 * who lied. Each purpose has a key and a proof context of its own; a node that uses one key for two purposes makes each
 * an oracle for the other.
 *
 * On the wire: elements (32 each), proof (64). The sender is who the channel says it is.
 */
import { concatBytes, utf8, type RandomBytes } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import { Fault, isFault } from "../errors/fault.ts";
import { sha512 } from "../group/expand-message.ts";
import type { Element, Scalar } from "../group/group.ts";
import { combine, requireElement } from "../group/points.ts";
import { ZERO } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { checkProof, generateProof, type DleqSuite } from "../oprf/dleq.ts";
import type { KeyPair, Proof } from "../oprf/suite.ts";
import { requireShare, type KeyShare, type PublicKeySet } from "./key-set.ts";
import type { Posted } from "./message.ts";
import { isIndex } from "./parameters.ts";
import { lagrangeCoefficients } from "./shamir.ts";

/** Indices in a batched proof are two bytes. */
export const MOST_ELEMENTS = 0xffff;
const ELEMENT_BYTES = 32;
const SCALAR_BYTES = 32;
const PROOF_BYTES = 2 * SCALAR_BYTES;

export interface Partial {
  readonly elements: readonly Element[];
  readonly proof: Proof;
}

export interface Liar {
  readonly node: number;
  readonly reason: FaultCode;
}

export interface Combined {
  readonly elements: readonly Element[];
  /** Nodes whose answer was left out, in the order of their answers. */
  readonly liars: readonly Liar[];
}

export interface PartialEvaluation {
  /** What one node answers. @throws Fault KEY_SHARE_WRONG, ELEMENTS_LENGTH, ELEMENT_NOT_CANONICAL, ELEMENT_IDENTITY */
  evaluate(keys: PublicKeySet, share: KeyShare, inputs: readonly Element[], random: RandomBytes): Uint8Array;
  /** The elements of one node's answer if they are proved against its public share, else why not. */
  read(keys: PublicKeySet, inputs: readonly Element[], answer: Posted): readonly Element[] | FaultCode;
  /**
   * The inputs times the shared key, from the first t answers that hold; all are verified, so that every liar is named.
   * Of two answers by one node the first counts.
   * @throws Fault PARTIALS_TOO_FEW with how many are missing; `liarsOf` says who was left out.
   */
  combine(keys: PublicKeySet, inputs: readonly Element[], answers: readonly Posted[]): Combined;
}

/** `context` separates the proofs of one purpose from all others. */
export function createPartialEvaluation(context: string): PartialEvaluation {
  const suite: DleqSuite = { group: ristretto255, hash: sha512, context: utf8(context) };
  function read(keys: PublicKeySet, inputs: readonly Element[], { from, bytes }: Posted) {
    const publicKey = isIndex(from, keys.nodes) ? keys.publicShares[from - 1] : undefined;
    return publicKey ? readPartial(suite, publicKey, inputs, bytes) : "PARTIAL_NODE_UNKNOWN";
  }
  return {
    evaluate(keys, share, inputs, random) {
      requireShare(keys, share);
      requireBatch(inputs.length);
      const publicKey = ristretto255.multiplyBase(share.secret);
      return encodePartial(multiplyAndProve(suite, { secretKey: share.secret, publicKey }, inputs, random));
    },
    read,
    combine(keys, inputs, answers) {
      requireBatch(inputs.length);
      const good = new Map<number, readonly Element[]>();
      const liars: Liar[] = [];
      for (const [node, bytes] of firstOfEach(answers)) {
        const elements = read(keys, inputs, { from: node, bytes });
        if (typeof elements === "string") liars.push({ node, reason: elements });
        else good.set(node, elements);
      }
      return { elements: combinePartials(keys.threshold, good, inputs.length, liars), liars };
    },
  };
}

export function multiplyAndProve(
  suite: DleqSuite,
  key: KeyPair,
  inputs: readonly Element[],
  random: RandomBytes,
): Partial {
  const elements = ristretto255.multiplyEach(key.secretKey, inputs);
  return { elements, proof: generateProof(suite, key, inputs, elements, random) };
}

export function encodePartial({ elements, proof }: Partial): Uint8Array {
  return concatBytes(...elements, proof);
}

/** The elements of a node's answer if it is well-formed and proved, else why not. */
export function readPartial(
  suite: DleqSuite,
  publicKey: Element,
  inputs: readonly Element[],
  bytes: Uint8Array,
): readonly Element[] | FaultCode {
  const elements = readUnproved(inputs.length, bytes);
  if (typeof elements === "string") return elements;
  const [c, s] = [bytes.slice(-PROOF_BYTES, -SCALAR_BYTES), bytes.slice(-SCALAR_BYTES)];
  if (!ristretto255.isReduced(c) || !ristretto255.isReduced(s)) return "PARTIAL_MALFORMED";
  return unlessMalformed(() => {
    const proved = checkProof(suite, publicKey, inputs, elements, c as Scalar, s as Scalar);
    return proved ? elements : "PARTIAL_PROOF_INVALID";
  });
}

/** The same without its proof: of an answer that the reader made itself. */
export function readUnproved(count: number, bytes: Uint8Array): readonly Element[] | FaultCode {
  if (bytes.length !== count * ELEMENT_BYTES + PROOF_BYTES) return "PARTIAL_MALFORMED";
  return unlessMalformed(() =>
    Array.from({ length: count }, (_, index) =>
      ristretto255.decodeElement(bytes.slice(index * ELEMENT_BYTES, (index + 1) * ELEMENT_BYTES), index),
    ),
  );
}

/** A fault is a malformed element, or a proof whose sums vanish. */
function unlessMalformed<T>(read: () => T): T | FaultCode {
  try {
    return read();
  } catch (error) {
    if (isFault(error)) return "PARTIAL_MALFORMED";
    throw error;
  }
}

/**
 * What proved answers combine to. `good`: `count` elements each, by index of the node, at least `threshold` of them.
 * @throws Fault PARTIALS_TOO_FEW; ELEMENT_IDENTITY
 */
export function combinePartials(
  threshold: number,
  good: ReadonlyMap<number, readonly Element[]>,
  count: number,
  liars: readonly Liar[] = [],
): Element[] {
  if (good.size < threshold) {
    const [named, reasons] = [liars.map(({ node }) => node).join(","), liars.map(({ reason }) => reason).join(",")];
    throw new Fault("PARTIALS_TOO_FEW", { good: good.size, missing: threshold - good.size, liars: named, reasons });
  }
  const used = [...good].slice(0, threshold);
  const coefficients = lagrangeCoefficients(used.map(([node]) => node));
  return Array.from({ length: count }, (_, index) =>
    requireElement(
      combine({
        products: used.flatMap(([, elements], position) => {
          const element = elements[index];
          return element ? [[coefficients[position] ?? ZERO, element] as const] : [];
        }),
      }),
      index,
    ),
  );
}

/** Who was left out, and why, when too few answers held: of a PARTIALS_TOO_FEW that `combine` threw. */
export function liarsOf({ values }: Pick<Fault, "values">): Liar[] {
  const list = (value: unknown): string[] => (typeof value === "string" && value !== "" ? value.split(",") : []);
  const reasons = list(values["reasons"]) as FaultCode[];
  return list(values["liars"]).flatMap((node, at) => {
    const reason = reasons[at];
    return reason === undefined ? [] : [{ node: Number(node), reason }];
  });
}

function firstOfEach(answers: readonly Posted[]): Map<number, Uint8Array> {
  const first = new Map<number, Uint8Array>();
  for (const { from, bytes } of answers) if (!first.has(from)) first.set(from, bytes);
  return first;
}

export function requireBatch(count: number): void {
  if (count >= 1 && count <= MOST_ELEMENTS) return;
  throw new Fault("ELEMENTS_LENGTH", {
    bytes: count * ELEMENT_BYTES,
    elementBytes: ELEMENT_BYTES,
    most: MOST_ELEMENTS,
  });
}
