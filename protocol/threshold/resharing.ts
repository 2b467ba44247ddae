/**
 * Resharing of a key to a new set of nodes, or refreshing it among the same ones, under the same public key (Herzberg et
 * al., CRYPTO 1995; Desmedt, Jajodia 1997). Each old node deals its share s_i by a fresh polynomial under Feldman
 * commitments whose constant term must be its public share Y_i. With the qualified dealers Q (at least t of them) and
 * their Lagrange coefficients, node j's new share is the sum of lambda_i g_i(j). Complaints as in the key's generation.
 *
 * Bounds, as of every proactive scheme:
 * - Between two resharings an adversary may hold t - 1 shares; a node corrupted while it reshares counts on both sides.
 * - Shares of two periods do not add up: t - 1 old and t' - 1 new ones say nothing about the key, as long as one dealer
 *   whose polynomial the adversary does not know is in Q; with t or more dealers there is one.
 * - Old shares must be erased, backups too. t shares of one period give the key for ever: resharing does not revoke it.
 *   Only a new key does, with everything encrypted anew.
 * - Feldman commitments let the last dealer choose its public shares; the key itself is fixed, so nothing is gained.
 */
import { bytesEqual, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import type { Point, Residue } from "../group/group.ts";
import { combine, multiplyGenerator, requireElement } from "../group/points.ts";
import { decodeResidue, innerProduct, requireScalar, ZERO } from "../group/residues.ts";
import type { Sharing, Verdict } from "./judge.ts";
import { publicShare, requireShare, type KeyShare, type PublicKeySet } from "./key-set.ts";
import { encodeCommitments } from "./message.ts";
import { allIndices, requireParameters, type ThresholdParameters } from "./parameters.ts";
import { committedValueAt, lagrangeCoefficients, randomPolynomial, valueAt, type Polynomial } from "./shamir.ts";

const SHARE_BYTES = 32;

/** `parameters` are the new set's; it takes `old.threshold` qualified dealers. @throws Fault THRESHOLD_PARAMETERS_INVALID */
export function resharing(ceremony: Uint8Array, old: PublicKeySet, parameters: ThresholdParameters): Sharing<Residue> {
  requireParameters(parameters);
  return {
    ceremony,
    parameters,
    dealers: allIndices(old.nodes),
    leastDealers: old.threshold,
    shareBytes: SHARE_BYTES,
    encodeShare: (share) => share.slice(),
    decodeShare: decodeResidue,
    fits: (commitments, receiver, share) =>
      bytesEqual(multiplyGenerator(share), committedValueAt(commitments, receiver)),
    refusal: (dealer, [constant]) =>
      constant && bytesEqual(constant, publicShare(old, dealer)) ? undefined : "DEALING_SECRET_DIFFERS",
  };
}

/** @throws Fault KEY_SHARE_WRONG if the share is not one of `old`. */
export function dealShare(
  sharing: Sharing<Residue>,
  old: PublicKeySet,
  share: KeyShare,
  random: RandomBytes,
): { readonly dealer: Polynomial; readonly dealing: Uint8Array; readonly shares: readonly Residue[] } {
  requireShare(old, share);
  const { threshold, nodes } = sharing.parameters;
  const dealer = randomPolynomial(threshold, random, share.secret);
  const commitments = dealer.map((coefficient, power) => requireElement(multiplyGenerator(coefficient), power));
  return {
    dealer,
    dealing: encodeCommitments("dealing", sharing.ceremony, commitments),
    shares: allIndices(nodes).map((index) => valueAt(dealer, index)),
  };
}

/** The new set under the old public key. @throws Fault KEY_SET_INCONSISTENT if `old` is not a key's public side. */
export function reshareKey(sharing: Sharing<Residue>, old: PublicKeySet, verdict: Verdict<Residue>): PublicKeySet {
  const { threshold, nodes } = sharing.parameters;
  const dealers = [...verdict.qualified.keys()];
  const coefficients = lagrangeCoefficients(dealers);
  const valueOf = (index: number): Point =>
    combine({
      products: [...verdict.qualified.values()].map((commitments, position) => [
        coefficients[position] ?? ZERO,
        committedValueAt(commitments, index),
      ]),
    });
  const publicShares = allIndices(nodes).map((index) => requireElement(valueOf(index), index));
  const keys = { threshold, nodes, publicKey: old.publicKey, publicShares };
  // The constant terms are the old public shares: only an inconsistent old set gives another key.
  if (!bytesEqual(valueOf(0), old.publicKey)) throw new Fault("KEY_SET_INCONSISTENT");
  return keys;
}

/** @throws Fault KEY_SHARE_WRONG if it is not the one that `keys` names. */
export function reshareShare(keys: PublicKeySet, receiver: number, shares: ReadonlyMap<number, Residue>): KeyShare {
  const secret = innerProduct(lagrangeCoefficients([...shares.keys()]), [...shares.values()]);
  const share = { index: receiver, secret: requireScalar(secret) };
  requireShare(keys, share);
  return share;
}
