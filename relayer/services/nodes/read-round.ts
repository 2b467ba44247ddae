/**
 * A key round and its messages as of one block. The chain view's cached halves could be of two: then a message of a phase
 * that is over might be missing, and what a node says would not follow from what is on the board.
 */
import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { openRound, outcomeOf, type OpenRound } from "../../../protocol/key-round/ceremonies.ts";
import { decodeKeySets } from "../../../protocol/key-round/key-sets.ts";
import type { KeyPurpose, RoundMessage } from "../../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { ChainView } from "../../chain/chain-view.ts";
import { nameOf, ROUND_PHASES } from "../../chain/codes.ts";
import { readRoundFacts } from "../../chain/create-computation-view.ts";
import type { RoundInfo, RoundPhase } from "../../chain/computation-view.ts";
import { BLOCKS_AT_ONCE, eventsInRanges } from "../../chain/reads.ts";
import { refusal } from "../../chain/refusal.ts";
import { textOfReason } from "../editions/edition-calls.ts";

export interface ReadRound {
  readonly info: RoundInfo;
  /** As it is judged: of a round that was called off as of the phase that was cut short, in which nobody was late. */
  readonly open: OpenRound;
  /** Undefined unless the constitution called it off. */
  readonly calledOff: CalledOff | undefined;
  /** That the chain holds, by purpose; empty unless the round is completed. */
  readonly keys: ReadonlyMap<KeyPurpose, PublicKeySet>;
}

export interface CalledOff {
  readonly phase: RoundPhase;
  /** A code or a few words. */
  readonly reason: string;
}

/** What the chain has of a round, to its end. */
interface Board {
  readonly messages: readonly RoundMessage[];
  readonly calledOff: CalledOff | undefined;
}

export interface RoundReader {
  /** Undefined for an unknown number. @throws Fault CHAIN_UNREACHABLE, KEY_ROUND_BASIS_MISSING */
  read(number: number): Promise<ReadRound | undefined>;
}

/** @param atOnce blocks whose events are asked for in one go */
export function createRoundReader(chain: ChainView, atOnce = BLOCKS_AT_ONCE): RoundReader {
  const { keyRounds } = chain.contracts;
  const { chainId, addresses } = chain.deployment;
  /** Block in which a round began, where that is known. */
  const begun = new Map<number, number>();

  /** From the round's beginning to its end. A chain that came back from an older copy may have begun it elsewhere. */
  async function boardOf(number: number, head: number): Promise<Board> {
    const known = begun.get(number);
    const beginning = keyRounds.filters.RoundBegun(number);
    const found = known === undefined ? [] : await keyRounds.queryFilter(beginning, known, known);
    const [first] =
      found.length > 0
        ? found
        : await eventsInRanges(keyRounds.runner, chain.deployment, (from, to) =>
            keyRounds.queryFilter(beginning, from, to),
          );
    if (first === undefined) return { messages: [], calledOff: undefined };
    begun.set(number, first.blockNumber);
    const messages: RoundMessage[] = [];
    const { RoundMessagePosted, RoundCompleted, RoundFailed, RoundCalledOff } = keyRounds.filters;
    for (let from = first.blockNumber; from <= head; from += atOnce) {
      const to = Math.min(head, from + atOnce - 1);
      const [posted, completed, failed, [ended]] = await Promise.all([
        keyRounds.queryFilter(RoundMessagePosted(number), from, to),
        keyRounds.queryFilter(RoundCompleted(number), from, to),
        keyRounds.queryFilter(RoundFailed(number), from, to),
        keyRounds.queryFilter(RoundCalledOff(number), from, to),
      ]);
      for (const { args } of posted) {
        const bytes = fromHex(args.message);
        messages.push({ phase: nameOf(ROUND_PHASES, args.phase), member: Number(args.node), bytes });
      }
      if (ended !== undefined) {
        const { phase, reason } = ended.args;
        return { messages, calledOff: { phase: nameOf(ROUND_PHASES, phase), reason: textOfReason(reason) } };
      }
      // What comes later are confirmations that change nothing.
      if (completed.length + failed.length > 0) break;
    }
    return { messages, calledOff: undefined };
  }

  /** Empty also for bytes that are no keys, should enough nodes ever confirm such. */
  async function keysOf(info: RoundInfo, head: number): Promise<ReadonlyMap<KeyPurpose, PublicKeySet>> {
    const bytes = fromHex(await keyRounds.keySetsOf(info.number, { blockTag: head }));
    const keys = outcomeOf(() => decodeKeySets(bytes, info));
    return isFault(keys) ? new Map<KeyPurpose, PublicKeySet>() : keys;
  }

  return {
    async read(number) {
      try {
        const head = (await keyRounds.runner?.provider?.getBlockNumber()) ?? 0;
        const info = await readRoundFacts(keyRounds, number, head);
        if (info === undefined) return undefined;
        const { messages, calledOff } = await boardOf(number, head);
        const basis = info.basis === 0 ? undefined : await readRoundFacts(keyRounds, info.basis, head);
        const basisKeys = basis === undefined ? new Map<KeyPurpose, PublicKeySet>() : await keysOf(basis, head);
        const place = { chainId, keyRounds: addresses.keyRounds };
        const judged = calledOff === undefined ? info : { ...info, phase: calledOff.phase };
        const open = openRound(place, judged, messages, basisKeys);
        return { info, open, calledOff, keys: await keysOf(info, head) };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}
