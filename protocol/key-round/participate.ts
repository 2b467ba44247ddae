/**
 * What a participant of a key round says next, and the shares that it ends up with. Both follow from the public board and
 * its secrets alone: nothing else has to survive a crash.
 */
import { bytesEqual, concatBytes } from "../encoding/bytes.ts";
import { Fault, isFault } from "../errors/fault.ts";
import { accusers, complain, justify, qualifiedShares, type Sharing } from "../threshold/judge.ts";
import { assembleShare, complainOfExtractions, expose, exposedDealers, extract } from "../threshold/key-extraction.ts";
import { encodeKeySet, type KeyShare } from "../threshold/key-set.ts";
import type { SharePair } from "../threshold/pedersen.ts";
import { reshareShare } from "../threshold/resharing.ts";
import {
  keyOf,
  outcomeOf,
  verdictOf,
  type Ceremony,
  type Generation,
  type OpenRound,
  type Share,
} from "./ceremonies.ts";
import type { Participant } from "./participant.ts";
import { dealAll, type DealtPurpose } from "./dealing.ts";
import { encodeLists, encodeRemarks, openShares, readLists, type Lists } from "./messages.ts";
import { isPostingPhase, speakers, type KeyPurpose, type PostingPhase } from "./round.ts";

export interface NextMessage {
  readonly phase: PostingPhase;
  readonly bytes: Uint8Array;
}

/**
 * Undefined if `member` has said everything in this phase, has no say in it, or nothing to say by which the round could
 * go on: a dealer without the share that it should deal, a receiver where no key came about or that has no share of one.
 */
export function nextMessage(open: OpenRound, participant: Participant): NextMessage | undefined {
  const { round, messages } = open;
  const { phase } = round;
  if (!isPostingPhase(phase) || !speakers(round, phase).includes(participant.member)) return undefined;
  if (messages.some((message) => message.phase === phase && message.member === participant.member)) return undefined;
  const bytes = speak(open, participant, phase);
  return bytes && { phase, bytes };
}

/**
 * The shares of the keys that the round made, checked against them, by purpose. A purpose of which it has none, for it did
 * not join or did not complain in time, is left out.
 */
export function keyShares(open: OpenRound, participant: Participant): ReadonlyMap<KeyPurpose, KeyShare> {
  const receiver = open.round.nodes.indexOf(participant.member) + 1;
  const shares = new Map<KeyPurpose, KeyShare>();
  if (receiver === 0) return shares;
  const received = receivedShares(open, participant);
  for (const ceremony of open.ceremonies) {
    const share = outcomeOf(() => shareOf(open, ceremony, receiver, received.get(ceremony.position) ?? new Map()));
    if (share !== undefined && !isFault(share)) shares.set(ceremony.purpose, share);
  }
  return shares;
}

function speak(open: OpenRound, participant: Participant, phase: PostingPhase): Uint8Array | undefined {
  switch (phase) {
    case "Joining":
      return participant.secrets.joining.publicKey;
    case "Dealing":
      return dealAll(open, participant)?.message;
    case "Complaining":
      return encodeRemarks(complaints(open, participant));
    case "Answering":
      return encodeRemarks(answers(open, participant));
    case "Extracting":
      return encodeLists(extractions(open, participant));
    case "Disputing":
      return encodeRemarks(disputes(open, participant));
    case "Exposing":
      return encodeRemarks(exposures(open, participant));
    case "Confirming":
      return confirmation(open, participant);
  }
}

function complaints(open: OpenRound, participant: Participant): Lists {
  const receiver = open.round.nodes.indexOf(participant.member) + 1;
  // Whose key is not on the board was sent nothing, and who lost it should not have its shares published.
  if (!hasJoined(open, participant)) return open.ceremonies.map(() => []);
  const received = receivedShares(open, participant);
  return open.ceremonies.map(({ sharing, board, position }) =>
    complain<Share>(sharing, board.dealings, receiver, received.get(position) ?? new Map()),
  );
}

function answers(open: OpenRound, participant: Participant): Lists {
  const dealer = open.round.dealers.indexOf(participant.member) + 1;
  return eachDealt(open, participant, (dealt) => {
    const { board } = dealt.ceremony;
    const sharing: Sharing<Share> = dealt.ceremony.sharing;
    return accusers(sharing, board.complaints, dealer).flatMap((receiver) => {
      const share = dealt.shares[receiver - 1];
      return share === undefined ? [] : [justify(sharing, receiver, share)];
    });
  });
}

function extractions(open: OpenRound, participant: Participant): Lists {
  const dealer = open.round.dealers.indexOf(participant.member) + 1;
  return eachDealt(open, participant, ({ ceremony, secret }) => {
    if (ceremony.kind === "resharing" || secret === undefined) return [];
    const verdict = outcomeOf(() => verdictOf(open.round, ceremony.sharing, ceremony.board));
    const qualified = verdict !== undefined && !isFault(verdict) && verdict.qualified.has(dealer);
    return qualified ? [extract(ceremony.sharing, secret)] : [];
  });
}

function disputes(open: OpenRound, participant: Participant): Lists {
  return eachHeld(open, participant, (ceremony, receiver, shares) => {
    const { sharing, board } = ceremony;
    const contradicted = complainOfExtractions(sharing, board.extractions, receiver, shares);
    const missing = exposedDealers(sharing, qualifiedIn(open, ceremony), {
      extractions: board.extractions,
      complaints: [],
    });
    return [...contradicted, ...exposeEach(ceremony, missing, shares)];
  });
}

function exposures(open: OpenRound, participant: Participant): Lists {
  const disputed = open.messages.find(
    ({ phase, member }) => phase === "Disputing" && member === participant.member,
  )?.bytes;
  const said =
    disputed === undefined ? undefined : readLists(disputed, open.ceremonies.length, open.round.dealers.length);
  return eachHeld(open, participant, (ceremony, _, shares) => {
    const { sharing, board, position } = ceremony;
    const { extractions: posted, disputes: contradictions } = board;
    const exposed = exposedDealers(sharing, qualifiedIn(open, ceremony), {
      extractions: posted,
      complaints: contradictions,
    });
    const already = said?.[position] ?? [];
    return exposeEach(ceremony, exposed, shares).filter((bytes) => !already.some((other) => bytesEqual(other, bytes)));
  });
}

/** Nothing without a share of each: a round that completes has shares of its keys at all who confirmed them. */
function confirmation(open: OpenRound, participant: Participant): Uint8Array | undefined {
  const { round, ceremonies } = open;
  if (keyShares(open, participant).size !== ceremonies.length) return undefined;
  const made = ceremonies.map((ceremony) => outcomeOf(() => keyOf(round, ceremony)));
  const keys = made.flatMap((each) => (each === undefined || isFault(each) ? [] : [encodeKeySet(each.keys)]));
  return keys.length === ceremonies.length ? concatBytes(...keys) : undefined;
}

/** Whether the joining key on the board is the one that `participant` has. */
function hasJoined({ board, round }: OpenRound, { member, secrets }: Participant): boolean {
  const key = board.joiningKeys.get(round.nodes.indexOf(member) + 1);
  return key !== undefined && bytesEqual(key, secrets.joining.publicKey);
}

/** What each dealer sent to this receiver, by position of the purpose and dealer. */
function receivedShares(open: OpenRound, participant: Participant): ReadonlyMap<number, Map<number, Uint8Array>> {
  const { id, round, board } = open;
  const receiver = round.nodes.indexOf(participant.member) + 1;
  const received = new Map(open.ceremonies.map(({ position }) => [position, new Map<number, Uint8Array>()]));
  if (!hasJoined(open, participant)) return received;
  for (const [dealer, { sealed }] of board.dealings) {
    const parcel = { round: id, dealer, receiver };
    const { secretKey } = participant.secrets.joining;
    const shares = openShares(parcel, sealed[receiver - 1] ?? new Uint8Array(0), secretKey, round.purposes.length);
    shares?.forEach((share, position) => received.get(position)?.set(dealer, share));
  }
  return received;
}

/**
 * Of what the participant dealt itself, purpose by purpose. Nothing where the dealing on the board is not what its seed
 * gives (it lost its key directory since, or never dealt): what it would say does not belong to that dealing.
 */
function eachDealt(
  open: OpenRound,
  participant: Participant,
  say: (dealt: DealtPurpose) => readonly Uint8Array[],
): Lists {
  const dealer = open.round.dealers.indexOf(participant.member) + 1;
  const dealt = dealAll(open, participant)?.purposes ?? [];
  const posted = open.board.dealings.get(dealer)?.dealings;
  return open.ceremonies.map(({ position }) => {
    const [own, onBoard] = [dealt[position], posted?.[position]];
    return own !== undefined && onBoard !== undefined && bytesEqual(own.dealing, onBoard) ? say(own) : [];
  });
}

/** Of the shares of all qualified dealers, where the participant has them. */
function eachHeld(
  open: OpenRound,
  participant: Participant,
  say: (ceremony: Generation, receiver: number, shares: ReadonlyMap<number, SharePair>) => readonly Uint8Array[],
): Lists {
  const receiver = open.round.nodes.indexOf(participant.member) + 1;
  const received = receivedShares(open, participant);
  return open.ceremonies.map((ceremony) => {
    if (ceremony.kind === "resharing") return [];
    const said = outcomeOf(() => {
      const sent = received.get(ceremony.position) ?? new Map<number, Uint8Array>();
      return say(ceremony, receiver, qualifiedShares(ceremony.sharing, qualifiedIn(open, ceremony), receiver, sent));
    });
    return isFault(said) ? [] : said;
  });
}

/** @throws Fault DEALINGS_TOO_FEW, as for a phase that cannot have come */
function qualifiedIn({ round }: OpenRound, { sharing, board }: Generation) {
  const verdict = verdictOf(round, sharing, board);
  if (verdict === undefined) throw new Fault("DEALINGS_TOO_FEW", { qualified: 0, threshold: sharing.leastDealers });
  return verdict;
}

function exposeEach(
  { sharing }: Generation,
  dealers: readonly { readonly dealer: number }[],
  shares: ReadonlyMap<number, SharePair>,
): Uint8Array[] {
  return dealers.flatMap(({ dealer }) => {
    const share = shares.get(dealer);
    return share === undefined ? [] : [expose(sharing, dealer, share)];
  });
}

/** @throws Fault where the board or what was received gives no share */
function shareOf(
  { round }: OpenRound,
  ceremony: Ceremony,
  receiver: number,
  received: ReadonlyMap<number, Uint8Array>,
): KeyShare | undefined {
  const made = keyOf(round, ceremony);
  if (made === undefined) return undefined;
  if (ceremony.kind === "resharing") {
    const verdict = verdictOf(round, ceremony.sharing, ceremony.board);
    if (verdict === undefined) return undefined;
    return reshareShare(made.keys, receiver, qualifiedShares(ceremony.sharing, verdict, receiver, received));
  }
  const verdict = verdictOf(round, ceremony.sharing, ceremony.board);
  if (verdict === undefined) return undefined;
  return assembleShare(made.keys, receiver, qualifiedShares(ceremony.sharing, verdict, receiver, received));
}
