/**
 * The public side of a key shared by n nodes: the key Y = s G and the public share Y_i = s_i G of each node, against which
 * every partial evaluation is proved. Anybody computes it from the ceremony's transcript.
 */
import { bytesEqual, concatBytes, uint } from "../encoding/bytes.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, Scalar } from "../group/group.ts";
import { requireScalar } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { allIndices, isIndex, requireParameters, type ThresholdParameters } from "./parameters.ts";
import { interpolatePoints } from "./shamir.ts";

export interface PublicKeySet extends ThresholdParameters {
  readonly publicKey: Element;
  /** Of node i at position i - 1. */
  readonly publicShares: readonly Element[];
}

/** What a node keeps secret. */
export interface KeyShare {
  readonly index: number;
  readonly secret: Scalar;
}

const HEADER_BYTES = 2;
const ELEMENT_BYTES = ristretto255.elementBytes;

/** @throws Fault THRESHOLD_INDICES_INVALID if the key has no such node. */
export function publicShare(keys: PublicKeySet, index: number): Element {
  const share = keys.publicShares[index - 1];
  if (!isIndex(index, keys.nodes) || !share) throw new Fault("THRESHOLD_INDICES_INVALID", { nodes: keys.nodes });
  return share;
}

/** @throws Fault KEY_SHARE_WRONG if the share is of another node, key or resharing. */
export function requireShare(keys: PublicKeySet, share: KeyShare): void {
  const fits =
    isIndex(share.index, keys.nodes) &&
    bytesEqual(ristretto255.multiplyBase(requireScalar(share.secret)), publicShare(keys, share.index));
  if (!fits) throw new Fault("KEY_SHARE_WRONG", { index: share.index });
}

/** threshold (1) | nodes (1) | public key (32) | public shares (32 each). */
export function encodeKeySet(keys: PublicKeySet): Uint8Array {
  return concatBytes(uint(keys.threshold, 1), uint(keys.nodes, 1), keys.publicKey, ...keys.publicShares);
}

/**
 * Checks that the public shares are those of the public key: all on one polynomial of degree t - 1 with it, in the
 * exponent. Costs (n - t + 1) * t multiplications: 1.4 ms for 3 of 5.
 * @throws Fault THRESHOLD_MESSAGE_MALFORMED, THRESHOLD_PARAMETERS_INVALID, KEY_SET_INCONSISTENT
 */
export function decodeKeySet(bytes: Uint8Array): PublicKeySet {
  const [threshold = 0, nodes = 0] = bytes;
  requireParameters({ threshold, nodes });
  if (bytes.length !== HEADER_BYTES + (nodes + 1) * ELEMENT_BYTES) throw malformed();
  const elements = allIndices(nodes + 1).map((position) => {
    const start = HEADER_BYTES + (position - 1) * ELEMENT_BYTES;
    return decodeElement(bytes.slice(start, start + ELEMENT_BYTES), position - 1);
  });
  const [publicKey, ...publicShares] = elements;
  if (!publicKey) throw malformed();
  const keys = { threshold, nodes, publicKey, publicShares };
  requireConsistent(keys);
  return keys;
}

/** @throws Fault KEY_SET_INCONSISTENT */
function requireConsistent({ threshold, nodes, publicKey, publicShares }: PublicKeySet): void {
  const basis = allIndices(threshold);
  const basisShares = publicShares.slice(0, threshold);
  const others = [publicKey, ...publicShares.slice(threshold)];
  const consistent =
    publicShares.length === nodes &&
    others.every((expected, position) => {
      const at = position === 0 ? 0 : threshold + position;
      return bytesEqual(interpolatePoints(basis, basisShares, at), expected);
    });
  if (!consistent) throw new Fault("KEY_SET_INCONSISTENT");
}

function decodeElement(bytes: Uint8Array, index: number): Element {
  try {
    return ristretto255.decodeElement(bytes, index);
  } catch (cause) {
    throw isFault(cause) ? malformed(cause) : cause;
  }
}

function malformed(cause?: unknown): Fault {
  return new Fault("THRESHOLD_MESSAGE_MALFORMED", { message: "key set" }, cause);
}
