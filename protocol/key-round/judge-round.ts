/** What the chain says of a round, to anybody who reads it: who is out and why, and which keys came of it. */
import type { FaultCode } from "../errors/catalogue.ts";
import { concatBytes } from "../encoding/bytes.ts";
import { isFault } from "../errors/fault.ts";
import { encodeKeySet, type PublicKeySet } from "../threshold/key-set.ts";
import { keyOf, outcomeOf, verdictOf, type Ceremony, type OpenRound, type Share } from "./ceremonies.ts";
import type { KeyPurpose } from "./round.ts";

/** Members, not indices. */
export interface PurposeVerdict {
  readonly purpose: KeyPurpose;
  /** Dealers whose part is in the key. Empty while it is not settled. */
  readonly qualified: readonly number[];
  readonly excluded: readonly {
    readonly member: number;
    readonly reason: FaultCode;
    /** Whose complaint it was about, if one was. */
    readonly receiver?: number;
  }[];
  /** Dealers whose part was, or must be, reconstructed from the shares of the others. */
  readonly exposed: readonly { readonly member: number; readonly reason: FaultCode }[];
  /** Undefined before the key is settled. */
  readonly keys?: PublicKeySet;
  /** Why there is and will be no key. */
  readonly failure?: FaultCode;
}

export interface RoundVerdict {
  /** Receivers that gave a key to send shares to. */
  readonly joined: readonly number[];
  readonly purposes: readonly PurposeVerdict[];
  /** What an honest node confirms; undefined before all keys are settled, or if there is one without. */
  readonly keySets?: Uint8Array;
}

export function judgeRound(open: OpenRound): RoundVerdict {
  const purposes = open.ceremonies.map((ceremony) => judgePurpose(open, ceremony));
  const joined = [...open.board.joiningKeys.keys()].map((receiver) => open.round.nodes[receiver - 1] ?? 0);
  const sets = purposes.flatMap(({ keys }) => (keys === undefined ? [] : [encodeKeySet(keys)]));
  const complete = sets.length === purposes.length;
  return { joined: joined.sort((a, b) => a - b), purposes, ...(complete ? { keySets: concatBytes(...sets) } : {}) };
}

function judgePurpose({ round }: OpenRound, ceremony: Ceremony): PurposeVerdict {
  const { purpose, sharing, board } = ceremony;
  const member = (list: readonly number[], index: number): number => list[index - 1] ?? 0;
  // With too few of them there is no key; who they are and why is of interest all the same.
  const verdict = verdictOf<Share>(round, sharing, board, 0);
  if (verdict === undefined) return { purpose, qualified: [], excluded: [], exposed: [] };
  const settled = {
    purpose,
    qualified: [...verdict.qualified.keys()].map((dealer) => member(round.dealers, dealer)),
    excluded: verdict.excluded.map(({ dealer, reason, receiver }) => ({
      member: member(round.dealers, dealer),
      reason,
      ...(receiver === undefined ? {} : { receiver: member(round.nodes, receiver) }),
    })),
    exposed: [],
  };
  const made = outcomeOf(() => keyOf(round, ceremony));
  if (isFault(made)) return { ...settled, failure: made.code };
  if (made === undefined) return settled;
  const exposed = made.exposed.map(({ dealer, reason }) => ({ member: member(round.dealers, dealer), reason }));
  return { ...settled, exposed, keys: made.keys };
}
