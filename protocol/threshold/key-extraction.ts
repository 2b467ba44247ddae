/**
 * The second half of the key's generation (Gennaro et al. 2007, figure 2, steps 3 and 4). Each qualified dealer publishes
 * Feldman commitments of the polynomial it dealt. Whoever holds a share that fits the Pedersen commitments and not these
 * exposes the dealer by publishing it; then everybody publishes its share of that dealer, and the part is reconstructed.
 * An exposed dealer's secret becomes public and stays in the key, so that nobody gains by lying here.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import type { FaultCode } from "../errors/catalogue.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element, Point } from "../group/group.ts";
import { addPoints, IDENTITY, multiplyGenerator, requireElement } from "../group/points.ts";
import { addResidues, requireScalar, ZERO } from "../group/residues.ts";
import type { Sharing, Verdict } from "./judge.ts";
import type { DealerSecret } from "./key-generation.ts";
import { requireShare, type KeyShare, type PublicKeySet } from "./key-set.ts";
import { decodeCommitments, decodeShareOf, encodeCommitments, encodeShareOf, wellFormed } from "./message.ts";
import type { Posted } from "./message.ts";
import { allIndices, isIndex } from "./parameters.ts";
import { decodeSharePair, encodeSharePair, SHARE_PAIR_BYTES, sharePairFits, type SharePair } from "./pedersen.ts";
import { committedValueAt, interpolate } from "./shamir.ts";

/** The second phase, each list in the order of the chain and closed at its deadline. */
export interface ExtractionTranscript {
  readonly extractions: readonly Posted[];
  /** Exposures posted to complain of an extraction. */
  readonly complaints: readonly Posted[];
  /** Exposures posted because a dealer stands exposed. */
  readonly exposures: readonly Posted[];
}

export interface ExposedDealer {
  readonly dealer: number;
  readonly reason: FaultCode;
}

interface Exposure {
  readonly receiver: number;
  readonly share: SharePair;
}

export function extract(sharing: Sharing<SharePair>, dealer: DealerSecret): Uint8Array {
  const commitments = dealer.secret.map((coefficient, power) => requireElement(multiplyGenerator(coefficient), power));
  return encodeCommitments("extraction", sharing.ceremony, commitments);
}

/** The message that shows what `dealer` dealt to its author. */
export function expose(sharing: Sharing<SharePair>, dealer: number, share: SharePair): Uint8Array {
  return encodeShareOf("exposure", sharing.ceremony, dealer, encodeSharePair(share));
}

/** What `receiver` posts after the extractions: one exposure for each dealer whose extraction does not fit its share. */
export function complainOfExtractions(
  sharing: Sharing<SharePair>,
  extractions: readonly Posted[],
  receiver: number,
  shares: ReadonlyMap<number, SharePair>,
): Uint8Array[] {
  return [...shares].flatMap(([dealer, share]) => {
    const commitments = extractionOf(sharing, extractions, dealer);
    return commitments && !extractionFits(commitments, receiver, share) ? [expose(sharing, dealer, share)] : [];
  });
}

/** Dealers whose part must be reconstructed: for each of them every node posts `expose`. */
export function exposedDealers(
  sharing: Sharing<SharePair>,
  verdict: Verdict<SharePair>,
  { extractions, complaints }: Pick<ExtractionTranscript, "extractions" | "complaints">,
): ExposedDealer[] {
  return [...verdict.qualified.keys()].flatMap((dealer): ExposedDealer[] => {
    const commitments = extractionOf(sharing, extractions, dealer);
    if (!commitments) return [{ dealer, reason: "EXTRACTION_MISSING" }];
    const contradicted = exposuresOf(sharing, verdict, complaints, dealer).some(
      ({ receiver, share }) => !extractionFits(commitments, receiver, share),
    );
    return contradicted ? [{ dealer, reason: "EXTRACTION_WRONG" }] : [];
  });
}

/**
 * The key that the transcript gives, the same for everybody.
 * @throws Fault EXPOSURES_TOO_FEW while an exposed dealer's part cannot be reconstructed.
 */
export function assembleKey(
  sharing: Sharing<SharePair>,
  verdict: Verdict<SharePair>,
  transcript: ExtractionTranscript,
): { readonly keys: PublicKeySet; readonly exposed: readonly ExposedDealer[] } {
  const { threshold, nodes } = sharing.parameters;
  const exposed = exposedDealers(sharing, verdict, transcript);
  const parts = [...verdict.qualified.keys()].map((dealer): ((index: number) => Point) => {
    const commitments = extractionOf(sharing, transcript.extractions, dealer);
    if (commitments && !exposed.some((each) => each.dealer === dealer)) {
      return (index) => committedValueAt(commitments, index);
    }
    const shown = exposuresOf(sharing, verdict, [...transcript.complaints, ...transcript.exposures], dealer);
    if (shown.length < threshold) throw new Fault("EXPOSURES_TOO_FEW", { dealer, good: shown.length, threshold });
    const basis = shown.slice(0, threshold);
    const receivers = basis.map(({ receiver }) => receiver);
    const values = basis.map(({ share }) => share.value);
    return (index) => multiplyGenerator(interpolate(receivers, values, index));
  });
  const valueAt = (index: number): Element =>
    requireElement(
      parts.reduce<Point>((total, part) => addPoints(total, part(index)), IDENTITY),
      index,
    );
  const keys = { threshold, nodes, publicKey: valueAt(0), publicShares: allIndices(nodes).map(valueAt) };
  return { keys, exposed };
}

/**
 * A node's share of the key: the sum of its shares of the qualified dealers.
 * @throws Fault KEY_SHARE_WRONG if it is not the one that `keys` names.
 */
export function assembleShare(keys: PublicKeySet, receiver: number, shares: ReadonlyMap<number, SharePair>): KeyShare {
  const total = [...shares.values()].reduce((sum, { value }) => addResidues(sum, value), ZERO);
  const share = { index: receiver, secret: requireScalar(total) };
  requireShare(keys, share);
  return share;
}

function extractionFits(commitments: readonly Element[], receiver: number, share: SharePair): boolean {
  return bytesEqual(multiplyGenerator(share.value), committedValueAt(commitments, receiver));
}

/** Undefined if none was posted in time, or the first one is malformed. */
function extractionOf(
  sharing: Sharing<SharePair>,
  extractions: readonly Posted[],
  dealer: number,
): Element[] | undefined {
  const posted = extractions.find(({ from }) => from === dealer);
  if (!posted) return undefined;
  try {
    return decodeCommitments("extraction", sharing.ceremony, posted.bytes, sharing.parameters.threshold);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

/** Exposures of `dealer` that fit its Pedersen commitments, one a receiver, by receiver; shares revealed before included. */
function exposuresOf(
  sharing: Sharing<SharePair>,
  verdict: Verdict<SharePair>,
  posted: readonly Posted[],
  dealer: number,
): Exposure[] {
  const commitments = verdict.qualified.get(dealer) ?? [];
  const messages = wellFormed(posted, (bytes) => {
    const { party, share } = decodeShareOf("exposure", sharing.ceremony, bytes, SHARE_PAIR_BYTES);
    return { dealer: party, share: decodeSharePair(share) };
  });
  const shown = [
    ...verdict.revealed,
    ...messages.map(({ from, message }) => ({ dealer: message.dealer, receiver: from, share: message.share })),
  ].filter(
    (each) =>
      each.dealer === dealer &&
      isIndex(each.receiver, sharing.parameters.nodes) &&
      sharePairFits(commitments, each.receiver, each.share),
  );
  const byReceiver = new Map(shown.map(({ receiver, share }) => [receiver, { receiver, share }]));
  return [...byReceiver.values()].sort((a, b) => a.receiver - b.receiver);
}
