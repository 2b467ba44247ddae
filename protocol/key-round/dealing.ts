/** A dealer's part of a key round, made from its seed: the same each time it is made. */
import { dealKey, type DealerSecret } from "../threshold/key-generation.ts";
import { dealShare } from "../threshold/resharing.ts";
import type { Sharing } from "../threshold/judge.ts";
import type { Ceremony, OpenRound, Share } from "./ceremonies.ts";
import { expandedSeed } from "./expanded-seed.ts";
import { encodeDealing, sealShares } from "./messages.ts";
import type { Participant } from "./participant.ts";

export interface DealtPurpose {
  readonly ceremony: Ceremony;
  /** The protocol's message. */
  readonly dealing: Uint8Array;
  /** Of receiver i at position i - 1. */
  readonly shares: readonly Share[];
  /** Where a new key is made. */
  readonly secret?: DealerSecret;
}

export interface Dealt {
  /** At the position of the purpose in the round. */
  readonly purposes: readonly DealtPurpose[];
  readonly message: Uint8Array;
}

/** Undefined if `participant` is no dealer, or lacks a share that it should share anew. */
export function dealAll(open: OpenRound, participant: Participant): Dealt | undefined {
  const dealer = open.round.dealers.indexOf(participant.member) + 1;
  if (dealer === 0) return undefined;
  const purposes = open.ceremonies.map((ceremony) => dealPurpose(ceremony, dealer, participant));
  if (!purposes.every((dealt) => dealt !== undefined)) return undefined;
  const sealed = open.round.nodes.map((_, position) => sealFor(open, participant, purposes, dealer, position + 1));
  return { purposes, message: encodeDealing({ dealings: purposes.map(({ dealing }) => dealing), sealed }) };
}

function dealPurpose(ceremony: Ceremony, dealer: number, { secrets, held }: Participant): DealtPurpose | undefined {
  const random = expandedSeed(secrets.seed, "polynomial", ceremony.sharing.ceremony);
  if (ceremony.kind === "generation") {
    const { dealer: secret, dealing, shares } = dealKey(ceremony.sharing, random);
    return { ceremony, dealing, shares, secret };
  }
  const share = held.get(ceremony.purpose);
  if (share?.index !== dealer) return undefined;
  const { dealing, shares } = dealShare(ceremony.sharing, ceremony.old, share, random);
  return { ceremony, dealing, shares };
}

function sealFor(
  { id, board }: OpenRound,
  { secrets }: Participant,
  purposes: readonly DealtPurpose[],
  dealer: number,
  receiver: number,
): Uint8Array {
  const key = board.joiningKeys.get(receiver);
  if (key === undefined) return new Uint8Array(0);
  const shares = purposes.map(({ ceremony, shares: each }) => {
    const sharing: Sharing<Share> = ceremony.sharing;
    const share = each[receiver - 1];
    return share === undefined ? new Uint8Array(0) : sharing.encodeShare(share);
  });
  // The randomness follows from the message and the key as well: no two ciphertexts ever share it.
  return sealShares({ round: id, dealer, receiver }, shares, key, (message) =>
    expandedSeed(secrets.seed, "sealing", id, key, message),
  );
}
