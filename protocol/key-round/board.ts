/**
 * The messages of a key round, read: what each participant said in the phases that are over, by purpose and under the
 * protocol's indices. Of a phase that still runs nothing is read, so that nobody answers what may still be added to.
 *
 * A receiver without a joining key gets no shares and cannot complain of that: its dealers would have to publish them, and
 * with them the shares of honest nodes that were merely late, until t are public.
 */
import type { Sm2PublicKey } from "../sm/sm2-curve.ts";
import type { Posted } from "../threshold/message.ts";
import { MOST_NODES } from "../threshold/parameters.ts";
import { readDealing, readJoiningKey, readLists, type DealingMessage } from "./messages.ts";
import { isClosed, POSTING_PHASES, speakers, type KeyRound, type PostingPhase, type RoundMessage } from "./round.ts";

/** Of one purpose, each list in the order of the chain. */
export interface PurposeBoard {
  readonly dealings: readonly Posted[];
  readonly complaints: readonly Posted[];
  readonly justifications: readonly Posted[];
  readonly extractions: readonly Posted[];
  readonly disputes: readonly Posted[];
  readonly exposures: readonly Posted[];
}

export interface Board {
  /** By receiver. */
  readonly joiningKeys: ReadonlyMap<number, Sm2PublicKey>;
  /** Dealings that can be read, by dealer. */
  readonly dealings: ReadonlyMap<number, DealingMessage>;
  /** At the position of the purpose in the round. */
  readonly purposes: readonly PurposeBoard[];
}

export function readBoard(round: KeyRound, messages: readonly RoundMessage[]): Board {
  const count = round.purposes.length;
  const said = (phase: PostingPhase): Posted[] => (isClosed(round, phase) ? spokenIn(round, messages, phase) : []);

  const joiningKeys = new Map(
    said("Joining").flatMap(({ from, bytes }): [number, Sm2PublicKey][] => {
      const key = readJoiningKey(bytes);
      return key === undefined ? [] : [[from, key]];
    }),
  );
  const dealt = said("Dealing").map(({ from, bytes }) => ({
    from,
    message: readDealing(bytes, count, round.nodes.length),
  }));
  const lists = Object.fromEntries(
    POSTING_PHASES.map((phase) => [
      phase,
      said(phase).flatMap(({ from, bytes }) => {
        const read = readLists(bytes, count, MOST_NODES);
        return read === undefined ? [] : [{ from, read }];
      }),
    ]),
  ) as Record<PostingPhase, { readonly from: number; readonly read: readonly (readonly Uint8Array[])[] }[]>;
  const remarks = (phase: PostingPhase, position: number): Posted[] =>
    lists[phase].flatMap(({ from, read }) => (read[position] ?? []).map((bytes) => ({ from, bytes })));

  return {
    joiningKeys,
    dealings: new Map(dealt.flatMap(({ from, message }) => (message === undefined ? [] : [[from, message]]))),
    purposes: round.purposes.map((_, position) => ({
      // A dealing that cannot be read is there, and malformed.
      dealings: dealt.map(({ from, message }) => ({ from, bytes: message?.dealings[position] ?? new Uint8Array(0) })),
      complaints: remarks("Complaining", position).filter(({ from }) => joiningKeys.has(from)),
      justifications: remarks("Answering", position),
      extractions: remarks("Extracting", position),
      disputes: remarks("Disputing", position),
      exposures: remarks("Exposing", position),
    })),
  };
}

/** What each of the phase's speakers said in it, in the order of the chain. */
function spokenIn(round: KeyRound, messages: readonly RoundMessage[], phase: PostingPhase): Posted[] {
  const members = speakers(round, phase);
  const heard = new Set<number>();
  return messages.flatMap((message) => {
    const from = members.indexOf(message.member) + 1;
    if (message.phase !== phase || from === 0 || heard.has(from)) return [];
    heard.add(from);
    return [{ from, bytes: message.bytes }];
  });
}
