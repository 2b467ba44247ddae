/** A key round as nodes act on it and as people judge it: its board, read as its protocol reads it, and the keys that came of it. */
import { isFault } from "../../../protocol/errors/fault.ts";
import { openRound, outcomeOf, type OpenRound } from "../../../protocol/key-round/ceremonies.ts";
import { decodeKeySets } from "../../../protocol/key-round/key-sets.ts";
import type { KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { ChainView } from "../../chain/chain-view.ts";
import type { RoundInfo } from "../../chain/computation-view.ts";
import { refusal } from "../../chain/refusal.ts";
import { createBoardReader, type Board, type CalledOff } from "./round-board.ts";

export interface ReadRound {
  readonly info: RoundInfo;
  /** As it is judged: of a round that was called off as of the phase that was cut short, in which nobody was late. */
  readonly open: OpenRound;
  /** Undefined unless the constitution called it off. */
  readonly calledOff: CalledOff | undefined;
  /** That the chain holds, by purpose; empty unless the round is completed. */
  readonly keys: ReadonlyMap<KeyPurpose, PublicKeySet>;
}

export interface RoundReader {
  /** Undefined for an unknown number. @throws Fault CHAIN_UNREACHABLE, KEY_ROUND_BASIS_MISSING */
  read(number: number): Promise<ReadRound | undefined>;
}

/** @param atOnce blocks whose events are asked for in one go */
export function createRoundReader(chain: ChainView, atOnce?: number): RoundReader {
  const { chainId, addresses } = chain.deployment;
  const boards = createBoardReader(chain, atOnce);
  return {
    async read(number) {
      try {
        const board = await boards.read(number);
        if (board === undefined) return undefined;
        const { info, messages, calledOff } = board;
        const basis = info.basis === 0 ? undefined : await boards.read(info.basis);
        const place = { chainId, keyRounds: addresses.keyRounds };
        const judged = calledOff === undefined ? info : { ...info, phase: calledOff.phase };
        return { info, open: openRound(place, judged, messages, keysOf(basis)), calledOff, keys: keysOf(board) };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

/** Empty also for bytes that are no keys, should enough nodes ever confirm such. */
function keysOf(board: Board | undefined): ReadonlyMap<KeyPurpose, PublicKeySet> {
  const { keySets, info } = board ?? {};
  if (keySets === undefined || info === undefined) return new Map<KeyPurpose, PublicKeySet>();
  const keys = outcomeOf(() => decodeKeySets(keySets, info));
  return isFault(keys) ? new Map<KeyPurpose, PublicKeySet>() : keys;
}
