/** A node's part in one key round: says what is due, ends a phase that nobody ended, keeps the shares when it is over. */
import { bytesEqual, concatBytes, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { OpenRound } from "../../../protocol/key-round/ceremonies.ts";
import { judgeRound } from "../../../protocol/key-round/judge-round.ts";
import type { Participant, RoundSecrets } from "../../../protocol/key-round/participant.ts";
import { keyShares, nextMessage } from "../../../protocol/key-round/participate.ts";
import { isPostingPhase, speakers, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import { encodeKeySet, type KeyShare } from "../../../protocol/threshold/key-set.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { ROUND_PHASES } from "../../chain/codes.ts";
import type { RoundInfo } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { NodeKeys } from "../../keys/node-keys.ts";
import { freeKey, storeOnce } from "./once.ts";
import type { ReadRound, RoundReader } from "./read-round.ts";

export type RoundDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "log"> & {
  readonly keys: NodeKeys;
  readonly reader: RoundReader;
};

export interface RoundDriver {
  /** What `member` owes to a round that runs. */
  drive(number: number, member: number): Promise<void>;
  /** Keeps the shares of a round that is over and erases its secrets; nothing while it runs. */
  finish(number: number, member: number): Promise<void>;
}

/** A phase whose time is over is ended by the first participant; each further one waits so much longer. */
const PATIENCE_SECONDS = 3;

export function createRoundDriver(ctx: RoundDependencies): RoundDriver {
  const { keyRounds } = ctx.chain.contracts;

  // A round goes on without a message that came too late, or that was there already.
  ctx.outbox.onFailed("post-round", (_, { key }, { code, values }) => {
    const late = values["error"] === "RoundPhaseWrong" || values["error"] === "RoundMessageRepeated";
    if (late) ctx.log.info({ key }, "key round: said too late, or already");
    else ctx.log.error({ key, code, values }, "key round: a message was refused");
    return Promise.resolve();
  });
  ctx.outbox.onFailed("advance-round", (_, { key }, { code }) => {
    ctx.log.info({ key, code }, "key round: the phase was ended by another, or is not over");
    return Promise.resolve();
  });

  async function participant({ round }: OpenRound, member: number, secrets: RoundSecrets): Promise<Participant> {
    const held = new Map<KeyPurpose, KeyShare>();
    if (round.basis !== 0 && round.dealers.includes(member)) {
      for (const purpose of round.purposes) {
        const share = await ctx.keys.findShare({ round: round.basis, purpose });
        if (share !== undefined) held.set(purpose, share);
      }
    }
    return { member, secrets, held };
  }

  async function say(open: OpenRound, member: number): Promise<void> {
    const { round } = open;
    const { phase, number } = round;
    const key = `round:${String(number)}:${phase}`;
    const spoken = open.messages.some((message) => message.phase === phase && message.member === member);
    if (spoken || !speakers(round, phase).includes(member) || (await freeKey(ctx, key)) === undefined) return;
    const next = nextMessage(open, await participant(open, member, await ctx.keys.roundSecrets(number)));
    if (next === undefined) {
      ctx.log.warn({ round: number, phase }, "key round: this node has nothing by which the round could go on");
      return;
    }
    const data = keyRounds.interface.encodeFunctionData("post", [
      number,
      ROUND_PHASES.indexOf(phase),
      toHex(next.bytes),
    ]) as Hex;
    if (await storeOnce(ctx, { key, kind: "post-round", contract: "keyRounds", data })) {
      ctx.log.info({ round: number, phase, bytes: next.bytes.length }, "key round: said what is due");
    }
  }

  async function endIfLate({ number, phase, phaseEndsAt, nodes, dealers }: RoundInfo, member: number): Promise<void> {
    const turn = [...new Set([...nodes, ...dealers])].indexOf(member);
    if ((await ctx.chain.ledgerTime()) < phaseEndsAt + turn * PATIENCE_SECONDS) return;
    const data = keyRounds.interface.encodeFunctionData("advance", [number]) as Hex;
    const call = { kind: "advance-round", contract: "keyRounds", data } as const;
    try {
      await ctx.outbox.simulate(call);
    } catch (error) {
      // Not over by the ledger's clock, or another was faster.
      if (isFault(error, "CHAIN_REVERTED")) return;
      throw error;
    }
    await storeOnce(ctx, { ...call, key: `round:${String(number)}:${phase}:end` });
  }

  async function keepShares({ open, keys }: ReadRound, member: number, secrets: RoundSecrets): Promise<void> {
    const { number, purposes } = open.round;
    const { keySets } = judgeRound(open);
    const confirmed = concatBytes(...[...keys.values()].map(encodeKeySet));
    if (keySets === undefined || !bytesEqual(confirmed, keySets)) {
      ctx.log.error({ round: number }, "key round: the confirmed keys are not those that the messages give");
      return;
    }
    const shares = keyShares(open, await participant(open, member, secrets));
    for (const purpose of purposes) {
      const share = shares.get(purpose);
      if (share !== undefined) await ctx.keys.keepShare({ round: number, purpose }, share);
      else ctx.log.warn({ round: number, purpose }, "key round: this node has no share; it gets one in a resharing");
    }
  }

  /** Undefined also where erasing them was cut off: they had served by then. */
  async function readableSecrets(number: number): Promise<RoundSecrets | undefined> {
    try {
      return await ctx.keys.findRoundSecrets(number);
    } catch (error) {
      if (!isFault(error, "KEY_FILE_INVALID")) throw error;
      ctx.log.error({ round: number, code: error.code }, "key round: its secrets cannot be read any more");
      return undefined;
    }
  }

  return {
    async drive(number, member) {
      const found = await ctx.reader.read(number);
      if (found === undefined || !isPostingPhase(found.info.phase)) return;
      const { info, open } = found;
      if (!info.nodes.includes(member) && !info.dealers.includes(member)) return;
      await say(open, member);
      await endIfLate(info, member);
    },

    async finish(number, member) {
      const found = await ctx.reader.read(number);
      // A round that is not there was rolled back: its seed serves no other, and may be needed when it comes again.
      if (found === undefined || isPostingPhase(found.info.phase)) return;
      const { phase } = found.info;
      const secrets = await readableSecrets(number);
      if (secrets !== undefined && phase === "Completed" && found.info.nodes.includes(member)) {
        await keepShares(found, member, secrets);
      }
      await ctx.keys.shredRoundSecrets(number);
      ctx.log.info({ round: number, phase }, "key round: over, and its secrets erased");
    },
  };
}
