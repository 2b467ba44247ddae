/**
 * The oblivious evaluation of RFC 9497 under a key that no single party holds: t of n nodes multiply the blinded elements
 * by their shares, and what combines is what the one key would have given. Blinding, finalizing and outputs are those of
 * `ristretto255Sha512`; the proofs have a context of their own and are against the nodes' public shares.
 *
 * After Jarecki, Kiayias, Krawczyk, Xu (ACNS 2017, TOPPSS), with DLEQ proofs. A node learns that somebody asked, how
 * many elements, and uniformly random elements.
 */
import { createPartialEvaluation } from "./partials.ts";

export const thresholdOprf = createPartialEvaluation("riskveil/threshold-oprf/1");
