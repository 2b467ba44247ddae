/**
 * Generation of a key without a dealer: Gennaro, Jarecki, Krawczyk, Rabin, "Secure Distributed Key Generation for
 * Discrete-Log Based Cryptosystems", J. Cryptology 20 (2007), figure 2. Every node deals a random secret under Pedersen
 * commitments, which hide it; `judge.ts` settles who qualified; only then the qualified reveal their parts of the public
 * key (`key-extraction.ts`). So nobody can choose its dealing, or drop out, by what the key would become: the key is
 * uniform. (With Feldman commitments alone two corrupt nodes bias it.)
 *
 * Holds against fewer than t corrupt nodes, who may be receivers and dealers at once and speak last in each phase.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import { encodeCommitments } from "./message.ts";
import { allIndices, requireParameters, type ThresholdParameters } from "./parameters.ts";
import type { Sharing } from "./judge.ts";
import {
  commitPolynomials,
  decodeSharePair,
  encodeSharePair,
  SHARE_PAIR_BYTES,
  sharePairAt,
  sharePairFits,
  type SharePair,
} from "./pedersen.ts";
import { randomPolynomial, type Polynomial } from "./shamir.ts";

/** A dealer's secret state until the ceremony ends; then it must be erased. */
export interface DealerSecret {
  readonly secret: Polynomial;
  readonly blinding: Polynomial;
}

/** @throws Fault THRESHOLD_PARAMETERS_INVALID */
export function keyGeneration(ceremony: Uint8Array, parameters: ThresholdParameters): Sharing<SharePair> {
  requireParameters(parameters);
  return {
    ceremony,
    parameters,
    dealers: allIndices(parameters.nodes),
    leastDealers: parameters.threshold,
    shareBytes: SHARE_PAIR_BYTES,
    encodeShare: encodeSharePair,
    decodeShare: decodeSharePair,
    fits: sharePairFits,
    refusal: () => undefined,
  };
}

/** `shares` are by receiver, node i at position i - 1: each is encrypted to its receiver beside the dealing. */
export function dealKey(
  sharing: Sharing<SharePair>,
  random: RandomBytes,
): { readonly dealer: DealerSecret; readonly dealing: Uint8Array; readonly shares: readonly SharePair[] } {
  const { threshold, nodes } = sharing.parameters;
  const dealer = { secret: randomPolynomial(threshold, random), blinding: randomPolynomial(threshold, random) };
  return {
    dealer,
    dealing: encodeCommitments("dealing", sharing.ceremony, commitPolynomials(dealer.secret, dealer.blinding)),
    shares: allIndices(nodes).map((index) => sharePairAt(dealer.secret, dealer.blinding, index)),
  };
}
