/**
 * A key round as the chain tells it: who takes part in which phase, and the ids under which its messages count. One round
 * makes or shares anew the keys of several purposes; each purpose is a ceremony of its own (protocol/threshold).
 */
import { fromHex, lengthPrefixed, uint, utf8, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";

/** In the order of contracts/types/KeyPurpose.sol. */
export const KEY_PURPOSES = ["evaluation", "query", "layer", "locator"] as const;
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** What queriers ask of nodes, in this order, each under a key of its own. */
export const NODE_SERVICES = ["evaluation", "locator", "query"] as const satisfies readonly KeyPurpose[];
export type NodeService = (typeof NODE_SERVICES)[number];

/** Phases in which something is posted, in their order. */
export const POSTING_PHASES = [
  "Joining",
  "Dealing",
  "Complaining",
  "Answering",
  "Extracting",
  "Disputing",
  "Exposing",
  "Confirming",
] as const;
export type PostingPhase = (typeof POSTING_PHASES)[number];
export type RoundPhase = PostingPhase | "Completed" | "Failed";

/** Phases in which the dealers speak; in the others the receivers do. */
const OF_DEALERS: readonly RoundPhase[] = ["Dealing", "Answering", "Extracting"];

/** Where the round is held: its messages count nowhere else. */
export interface RoundPlace {
  readonly chainId: number;
  /** Address of the contract. */
  readonly keyRounds: Hex;
}

export interface KeyRound {
  readonly number: number;
  readonly phase: RoundPhase;
  readonly threshold: number;
  /** In the order of `KEY_PURPOSES`. */
  readonly purposes: readonly KeyPurpose[];
  /** The round whose keys are shared anew; 0 where new keys are made. */
  readonly basis: number;
  /** Members that receive shares: index i of the protocol is position i - 1. */
  readonly nodes: readonly number[];
  /** Members that deal, likewise; the same ones where new keys are made. */
  readonly dealers: readonly number[];
}

/** One message on the chain. */
export interface RoundMessage {
  readonly phase: RoundPhase;
  readonly member: number;
  readonly bytes: Uint8Array;
}

/**
 * 32 bytes. Everything that was fixed when the round began is in it: should a chain come back from an older copy and hold
 * another round under the same number, then its messages, and what a seed gives in it, are others.
 */
export function roundId({ chainId, keyRounds }: RoundPlace, round: KeyRound): Uint8Array {
  const members = (list: readonly number[]) => lengthPrefixed(...list.map((member) => uint(member, 4)));
  return keccak256(
    lengthPrefixed(
      utf8("riskveil/key-round/1"),
      uint(chainId, 6),
      fromHex(keyRounds, 20),
      uint(round.number, 4),
      uint(round.threshold, 1),
      lengthPrefixed(...round.purposes.map(utf8)),
      uint(round.basis, 4),
      members(round.nodes),
      members(round.dealers),
    ),
  );
}

/** 32 bytes: the ceremony of one purpose. */
export function ceremonyId(round: Uint8Array, purpose: KeyPurpose): Uint8Array {
  return keccak256(lengthPrefixed(utf8("riskveil/key-round/1/ceremony"), round, utf8(purpose)));
}

/** Who may post in that phase, index i of the protocol at position i - 1. */
export function speakers(round: KeyRound, phase: RoundPhase): readonly number[] {
  return OF_DEALERS.includes(phase) ? round.dealers : round.nodes;
}

export function isPostingPhase(phase: RoundPhase): phase is PostingPhase {
  return phase !== "Completed" && phase !== "Failed";
}

/** Whether nothing can be posted in `phase` any more, so that its messages may be judged. */
export function isClosed(round: KeyRound, phase: PostingPhase): boolean {
  return !isPostingPhase(round.phase) || POSTING_PHASES.indexOf(phase) < POSTING_PHASES.indexOf(round.phase);
}
