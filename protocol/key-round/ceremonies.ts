/** The ceremonies of a round, one a purpose, and how far the board decides each. */
import { Fault, isFault } from "../errors/fault.ts";
import type { Residue } from "../group/group.ts";
import { judge, type Sharing, type Verdict } from "../threshold/judge.ts";
import { assembleKey, type ExposedDealer } from "../threshold/key-extraction.ts";
import { keyGeneration } from "../threshold/key-generation.ts";
import type { PublicKeySet } from "../threshold/key-set.ts";
import type { SharePair } from "../threshold/pedersen.ts";
import { reshareKey, resharing } from "../threshold/resharing.ts";
import { readBoard, type Board, type PurposeBoard } from "./board.ts";
import { ceremonyId, isClosed, roundId } from "./round.ts";
import type { KeyPurpose, KeyRound, RoundMessage, RoundPlace } from "./round.ts";

/** What a receiver gets from a dealer in either kind of ceremony. */
export type Share = SharePair | Residue;

interface CeremonyFacts {
  readonly purpose: KeyPurpose;
  /** In the round's purposes. */
  readonly position: number;
  readonly board: PurposeBoard;
}

export interface Generation extends CeremonyFacts {
  readonly kind: "generation";
  readonly sharing: Sharing<SharePair>;
}

export interface Resharing extends CeremonyFacts {
  readonly kind: "resharing";
  readonly sharing: Sharing<Residue>;
  readonly old: PublicKeySet;
}

export type Ceremony = Generation | Resharing;

/** What a reader of the chain has of a round. */
export interface OpenRound {
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly round: KeyRound;
  readonly messages: readonly RoundMessage[];
  readonly board: Board;
  readonly ceremonies: readonly Ceremony[];
}

/**
 * @param basisKeys of a resharing: the keys that its basis made, by purpose
 * @throws Fault THRESHOLD_PARAMETERS_INVALID, KEY_ROUND_BASIS_MISSING
 */
export function openRound(
  place: RoundPlace,
  round: KeyRound,
  messages: readonly RoundMessage[],
  basisKeys: ReadonlyMap<KeyPurpose, PublicKeySet>,
): OpenRound {
  const id = roundId(place, round);
  const board = readBoard(round, messages);
  const parameters = { threshold: round.threshold, nodes: round.nodes.length };
  const ceremonies = round.purposes.map((purpose, position): Ceremony => {
    const facts = { purpose, position, board: board.purposes[position] ?? NOTHING_SAID };
    const ceremony = ceremonyId(id, purpose);
    if (round.basis === 0) return { ...facts, kind: "generation", sharing: keyGeneration(ceremony, parameters) };
    const old = basisKeys.get(purpose);
    if (old?.nodes !== round.dealers.length) {
      throw new Fault("KEY_ROUND_BASIS_MISSING", { round: round.number, basis: round.basis, purpose });
    }
    return { ...facts, kind: "resharing", sharing: resharing(ceremony, old, parameters), old };
  });
  return { id, round, messages, board, ceremonies };
}

const NOTHING_SAID: PurposeBoard = {
  dealings: [],
  complaints: [],
  justifications: [],
  extractions: [],
  disputes: [],
  exposures: [],
};

/**
 * Who qualified; undefined while complaints may still be made or answered.
 * @throws Fault DEALINGS_TOO_FEW below `leastDealers`
 */
export function verdictOf<T>(
  round: KeyRound,
  sharing: Sharing<T>,
  board: PurposeBoard,
  leastDealers = sharing.leastDealers,
): Verdict<T> | undefined {
  if (!isClosed(round, "Complaining") || !isClosed(round, "Answering")) return undefined;
  return judge({ ...sharing, leastDealers }, board);
}

export interface MadeKey {
  readonly keys: PublicKeySet;
  readonly exposed: readonly ExposedDealer[];
}

/**
 * The key that the board gives; undefined while what it follows from may still be added to.
 * @throws Fault DEALINGS_TOO_FEW, EXPOSURES_TOO_FEW
 */
export function keyOf(round: KeyRound, ceremony: Ceremony): MadeKey | undefined {
  if (!isClosed(round, "Exposing")) return undefined;
  if (ceremony.kind === "resharing") {
    const verdict = verdictOf(round, ceremony.sharing, ceremony.board);
    return verdict && { keys: reshareKey(ceremony.sharing, ceremony.old, verdict), exposed: [] };
  }
  const { extractions, disputes, exposures } = ceremony.board;
  const verdict = verdictOf(round, ceremony.sharing, ceremony.board);
  return verdict && assembleKey(ceremony.sharing, verdict, { extractions, complaints: disputes, exposures });
}

/** The fault that `work` ends with in place of a result: one that the board itself brings about. */
export function outcomeOf<T>(work: () => T): T | Fault {
  try {
    return work();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}
