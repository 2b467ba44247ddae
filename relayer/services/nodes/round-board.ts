/**
 * What the events of a round tell of it, in their order. They alone are asked: phases from a call and messages from events could
 * be of two blocks, also where both are asked for as of one, since a node that is just making the next block may answer a
 * call out of it (anvil does). A message of a phase that is over would then be missing: an honest dealer would be accused, or
 * a share not be kept.
 */
import { toBeHex, type LogDescription } from "ethers";

import { fromHex } from "../../../protocol/encoding/bytes.ts";
import type { RoundMessage } from "../../../protocol/key-round/round.ts";
import type { ChainView } from "../../chain/chain-view.ts";
import { nameOf, ROUND_PHASES } from "../../chain/codes.ts";
import type { RoundInfo, RoundPhase } from "../../chain/computation-view.ts";
import { purposesOf } from "../../chain/create-computation-view.ts";
import { BLOCKS_AT_ONCE } from "../../chain/reads.ts";
import { textOfReason } from "../editions/edition-calls.ts";

export interface CalledOff {
  readonly phase: RoundPhase;
  /** A code or a few words. */
  readonly reason: string;
}

/** A round as it stood after some block. */
export interface Board {
  readonly info: RoundInfo;
  /** In the order of the chain. */
  readonly messages: readonly RoundMessage[];
  /** Undefined unless the constitution called it off. */
  readonly calledOff?: CalledOff;
  /** Bytes that were confirmed; undefined unless it is completed. */
  readonly keySets?: Uint8Array;
}

export interface BoardReader {
  /** Undefined for an unknown number. @throws what the chain's node answers with */
  read(number: number): Promise<Board | undefined>;
}

/** @param atOnce blocks whose events are asked for in one go */
export function createBoardReader({ contracts, deployment }: ChainView, atOnce = BLOCKS_AT_ONCE): BoardReader {
  const { keyRounds } = contracts;
  /** Block in which a round began, where that is known. */
  const begun = new Map<number, number>();

  async function eventsOf(number: number, fromBlock: number, toBlock: number): Promise<readonly RoundEvent[]> {
    const filter = { address: deployment.addresses.keyRounds, topics: [null, toBeHex(number, 32)], fromBlock, toBlock };
    const logs = (await keyRounds.runner?.provider?.getLogs(filter)) ?? [];
    return logs.flatMap((log) => {
      const event = keyRounds.interface.parseLog(log);
      return event === null ? [] : [{ block: log.blockNumber, event }];
    });
  }

  /** From its first event through the range of blocks in which it ended: later ones tell of confirmations that change nothing. */
  async function follow(number: number, from: number, head: number): Promise<Board | undefined> {
    let board: Board | undefined;
    for (let first = from; first <= head && (board === undefined || !isOver(board)); first += atOnce) {
      for (const { block, event } of await eventsOf(number, first, Math.min(head, first + atOnce - 1))) {
        if (event.name === "RoundBegun") begun.set(number, block);
        board = told(board, event);
      }
    }
    return board;
  }

  return {
    async read(number) {
      const head = (await keyRounds.runner?.provider?.getBlockNumber()) ?? 0;
      const known = begun.get(number);
      const board = known === undefined ? undefined : await follow(number, known, head);
      // A chain that came back from an older copy may have begun it elsewhere.
      return board ?? (await follow(number, deployment.deployedAtBlock, head));
    },
  };
}

interface RoundEvent {
  readonly block: number;
  readonly event: LogDescription;
}

const isOver = ({ info }: Board): boolean => info.phase === "Completed" || info.phase === "Failed";

/** The board when this event has been told as well; undefined until the round has begun. */
function told(board: Board | undefined, { name, args }: LogDescription): Board | undefined {
  if (name === "RoundBegun") return { info: begunRound(args), messages: [] };
  if (board === undefined) return undefined;
  const phase = (): RoundPhase => nameOf(ROUND_PHASES, args["phase"] as bigint);
  const inPhase = (now: RoundPhase, endsAt = 0): RoundInfo => ({ ...board.info, phase: now, phaseEndsAt: endsAt });
  switch (name) {
    case "RoundPhaseBegun":
      return { ...board, info: inPhase(phase(), Number(args["endsAt"])) };
    case "RoundMessagePosted": {
      const message = { phase: phase(), member: Number(args["node"]), bytes: fromHex(String(args["message"])) };
      return { ...board, messages: [...board.messages, message] };
    }
    case "RoundCompleted":
      return { ...board, info: inPhase("Completed"), keySets: fromHex(String(args["keySets"])) };
    case "RoundFailed":
      return { ...board, info: inPhase("Failed") };
    case "RoundCalledOff": {
      const calledOff = { phase: phase(), reason: textOfReason(String(args["reason"])) };
      return { ...board, info: inPhase("Failed"), calledOff };
    }
    default:
      return board;
  }
}

/** {RoundPhaseBegun} follows in the same block. */
function begunRound(args: LogDescription["args"]): RoundInfo {
  const members = (list: unknown): number[] => (list as bigint[]).map(Number);
  return {
    number: Number(args["round"]),
    phase: "Joining",
    threshold: Number(args["threshold"]),
    purposes: purposesOf(Number(args["purposes"])),
    basis: Number(args["basis"]),
    phaseEndsAt: 0,
    nodes: members(args["nodes"]),
    dealers: members(args["dealers"]),
  };
}
