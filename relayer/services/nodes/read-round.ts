/**
 * A key round and its messages as of one block. The chain view's cached halves could be of two: then a message of a phase
 * that is over might be missing, and what a node says would not follow from what is on the board.
 */
import { fromHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { openRound, type OpenRound } from "../../../protocol/key-round/ceremonies.ts";
import type { KeyPurpose, RoundMessage } from "../../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { ChainView } from "../../chain/chain-view.ts";
import { nameOf, ROUND_PHASES } from "../../chain/codes.ts";
import { readRoundFacts, type RoundInfo } from "../../chain/computation-view.ts";
import { eventsInRanges } from "../../chain/reads.ts";
import { refusal } from "../../chain/refusal.ts";

export interface RoundReader {
  /** Undefined for an unknown number. @throws Fault CHAIN_UNREACHABLE, KEY_ROUND_BASIS_MISSING */
  read(number: number): Promise<{ readonly info: RoundInfo; readonly open: OpenRound } | undefined>;
}

export function createRoundReader(chain: ChainView): RoundReader {
  const { keyRounds } = chain.contracts;
  const { chainId, addresses } = chain.deployment;
  /** Block in which a round began, where that is known. */
  const begun = new Map<number, number>();

  /** Messages since the round began. A chain that came back from an older copy may have begun it elsewhere. */
  async function messagesOf(number: number, head: number): Promise<readonly RoundMessage[]> {
    const known = begun.get(number);
    const beginning = keyRounds.filters.RoundBegun(number);
    const found = known === undefined ? [] : await keyRounds.queryFilter(beginning, known, known);
    const [first] =
      found.length > 0
        ? found
        : await eventsInRanges(keyRounds.runner, chain.deployment, (from, to) =>
            keyRounds.queryFilter(beginning, from, to),
          );
    if (first === undefined) return [];
    begun.set(number, first.blockNumber);
    const posted = await keyRounds.queryFilter(keyRounds.filters.RoundMessagePosted(number), first.blockNumber, head);
    return posted.map(({ args }) => ({
      phase: nameOf(ROUND_PHASES, args.phase),
      member: Number(args.node),
      bytes: fromHex(args.message as Hex),
    }));
  }

  async function basisKeys({ basis, purposes }: RoundInfo): Promise<ReadonlyMap<KeyPurpose, PublicKeySet>> {
    const keys = new Map<KeyPurpose, PublicKeySet>();
    if (basis === 0) return keys;
    for (const purpose of purposes) {
      const set = await chain.computation.keySet(basis, purpose);
      if (set !== undefined) keys.set(purpose, set);
    }
    return keys;
  }

  return {
    async read(number) {
      try {
        const head = (await keyRounds.runner?.provider?.getBlockNumber()) ?? 0;
        const info = await readRoundFacts(keyRounds, number, head);
        if (info === undefined) return undefined;
        const messages = await messagesOf(number, head);
        const place = { chainId, keyRounds: addresses.keyRounds };
        return { info, open: openRound(place, info, messages, await basisKeys(info)) };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}
