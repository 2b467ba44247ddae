/**
 * Deal, complain, justify, judge: what the distributed generation of a key and its resharing have in common
 * (Gennaro, Jarecki, Krawczyk, Rabin, J. Cryptology 20, 2007, figure 2, step 1). Shares travel encrypted beside the
 * dealing. Who got none or a wrong one complains in public; the dealer answers by revealing that share; whoever reads
 * the chain judges, and all reach the same verdict. A false complaint costs its author the secrecy of that share only.
 */
import type { FaultCode } from "../errors/catalogue.ts";
import { Fault, isFault } from "../errors/fault.ts";
import type { Element } from "../group/group.ts";
import {
  decodeComplaint,
  decodeCommitments,
  decodeShareOf,
  encodeComplaint,
  encodeShareOf,
  wellFormed,
} from "./message.ts";
import type { Posted } from "./message.ts";
import { isIndex, type ThresholdParameters } from "./parameters.ts";

/** What a scheme of sharing fixes; `Share` is what one receiver gets from one dealer. */
export interface Sharing<Share> {
  /** 32 bytes, different for each ceremony: a message of another one is malformed. */
  readonly ceremony: Uint8Array;
  /** Of the receivers. */
  readonly parameters: ThresholdParameters;
  /** Indices of those who may deal. */
  readonly dealers: readonly number[];
  /** How many of them must qualify. */
  readonly leastDealers: number;
  readonly shareBytes: number;
  encodeShare(share: Share): Uint8Array;
  /** @throws Fault if these bytes are no share, whatever their number. */
  decodeShare(bytes: Uint8Array): Share;
  fits(commitments: readonly Element[], receiver: number, share: Share): boolean;
  /** Why these commitments cannot be of that dealer, if so. */
  refusal(dealer: number, commitments: readonly Element[]): FaultCode | undefined;
}

export interface Exclusion {
  readonly dealer: number;
  readonly reason: FaultCode;
  /** The receiver whose complaint it was about, if one was. */
  readonly receiver?: number;
}

export interface Revealed<Share> {
  readonly dealer: number;
  readonly receiver: number;
  readonly share: Share;
}

export interface Verdict<Share> {
  /** Commitments of the dealers that qualified, by index, ascending. */
  readonly qualified: ReadonlyMap<number, readonly Element[]>;
  readonly excluded: readonly Exclusion[];
  /** Shares of qualified dealers that were revealed to answer a complaint. */
  readonly revealed: readonly Revealed<Share>[];
}

/** The first phase of a ceremony, each list in the order of the chain and closed at its deadline. */
export interface DealingTranscript {
  readonly dealings: readonly Posted[];
  readonly complaints: readonly Posted[];
  readonly justifications: readonly Posted[];
}

/**
 * What `receiver` says of the shares it decrypted, by dealer; a share that did not arrive or decrypt is left out.
 * Dealers whose dealing is missing or malformed fall without a complaint.
 */
export function complain<Share>(
  sharing: Sharing<Share>,
  dealings: readonly Posted[],
  receiver: number,
  received: ReadonlyMap<number, Uint8Array>,
): Uint8Array[] {
  const { accepted } = readDealings(sharing, dealings);
  return [...accepted].flatMap(([dealer, commitments]) =>
    readShare(sharing, commitments, receiver, received.get(dealer)) === undefined
      ? [encodeComplaint(sharing.ceremony, dealer)]
      : [],
  );
}

/** The dealer's answer to the complaint of `receiver`. */
export function justify<Share>(sharing: Sharing<Share>, receiver: number, share: Share): Uint8Array {
  return encodeShareOf("justification", sharing.ceremony, receiver, sharing.encodeShare(share));
}

/** Which receivers complained of `dealer`: whom it must answer. */
export function accusers<Share>(sharing: Sharing<Share>, complaints: readonly Posted[], dealer: number): number[] {
  const read = (bytes: Uint8Array) => decodeComplaint(sharing.ceremony, bytes);
  const senders = wellFormed(complaints, read).flatMap(({ from, message }) =>
    message === dealer && isIndex(from, sharing.parameters.nodes) ? [from] : [],
  );
  return [...new Set(senders)].sort((a, b) => a - b);
}

/** @throws Fault DEALINGS_TOO_FEW */
export function judge<Share>(sharing: Sharing<Share>, transcript: DealingTranscript): Verdict<Share> {
  const { accepted, refused } = readDealings(sharing, transcript.dealings);
  const answers = wellFormed(transcript.justifications, (bytes) =>
    decodeShareOf("justification", sharing.ceremony, bytes, sharing.shareBytes),
  );
  const excluded = [...refused];
  const revealed: Revealed<Share>[] = [];
  for (const [dealer, commitments] of accepted) {
    const complaining = accusers(sharing, transcript.complaints, dealer);
    const answered: Revealed<Share>[] = [];
    const hearing = (): Exclusion | undefined => {
      if (complaining.length >= sharing.parameters.threshold) return { dealer, reason: "DEALING_COMPLAINTS_TOO_MANY" };
      for (const receiver of complaining) {
        const answer = answers.find(({ from, message }) => from === dealer && message.party === receiver);
        if (!answer) return { dealer, receiver, reason: "DEALING_COMPLAINT_UNANSWERED" };
        const share = readShare(sharing, commitments, receiver, answer.message.share);
        if (share === undefined) return { dealer, receiver, reason: "DEALING_JUSTIFICATION_WRONG" };
        answered.push({ dealer, receiver, share });
      }
      return undefined;
    };
    const exclusion = hearing();
    if (exclusion) {
      excluded.push(exclusion);
      accepted.delete(dealer);
    } else {
      revealed.push(...answered);
    }
  }
  if (accepted.size < sharing.leastDealers) {
    throw new Fault("DEALINGS_TOO_FEW", { qualified: accepted.size, threshold: sharing.leastDealers });
  }
  return { qualified: accepted, excluded: excluded.sort((a, b) => a.dealer - b.dealer), revealed };
}

/**
 * The share of `receiver` from each qualified dealer: the revealed one where it complained, what it received otherwise.
 * @throws Fault DEALING_SHARE_WRONG if one is missing or wrong and no complaint was made.
 */
export function qualifiedShares<Share>(
  sharing: Sharing<Share>,
  verdict: Verdict<Share>,
  receiver: number,
  received: ReadonlyMap<number, Uint8Array>,
): Map<number, Share> {
  return new Map(
    [...verdict.qualified].map(([dealer, commitments]) => {
      const answer = verdict.revealed.find((each) => each.dealer === dealer && each.receiver === receiver);
      const share = answer?.share ?? readShare(sharing, commitments, receiver, received.get(dealer));
      if (share === undefined) throw new Fault("DEALING_SHARE_WRONG", { dealer, receiver });
      return [dealer, share];
    }),
  );
}

function readShare<Share>(
  sharing: Sharing<Share>,
  commitments: readonly Element[],
  receiver: number,
  bytes: Uint8Array | undefined,
): Share | undefined {
  if (!bytes) return undefined;
  try {
    const share = sharing.decodeShare(bytes);
    return sharing.fits(commitments, receiver, share) ? share : undefined;
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

function readDealings<Share>(
  sharing: Sharing<Share>,
  dealings: readonly Posted[],
): { readonly accepted: Map<number, readonly Element[]>; readonly refused: Exclusion[] } {
  const accepted = new Map<number, readonly Element[]>();
  const refused: Exclusion[] = [];
  for (const dealer of [...sharing.dealers].sort((a, b) => a - b)) {
    const posted = dealings.find(({ from }) => from === dealer);
    const outcome = posted ? readDealing(sharing, dealer, posted.bytes) : "DEALING_MISSING";
    if (typeof outcome === "string") refused.push({ dealer, reason: outcome });
    else accepted.set(dealer, outcome);
  }
  return { accepted, refused };
}

function readDealing<Share>(sharing: Sharing<Share>, dealer: number, bytes: Uint8Array): FaultCode | Element[] {
  try {
    const commitments = decodeCommitments("dealing", sharing.ceremony, bytes, sharing.parameters.threshold);
    return sharing.refusal(dealer, commitments) ?? commitments;
  } catch (error) {
    if (isFault(error)) return "DEALING_MALFORMED";
    throw error;
  }
}
