/** A key round on a board in memory that takes messages as contracts/computation/KeyRounds.sol does. Cheats speak last. */
import { openRound, type OpenRound } from "../../../protocol/key-round/ceremonies.ts";
import type { Participant } from "../../../protocol/key-round/participant.ts";
import { nextMessage } from "../../../protocol/key-round/participate.ts";
import {
  KEY_PURPOSES,
  POSTING_PHASES,
  speakers,
  type KeyPurpose,
  type KeyRound,
  type PostingPhase,
  type RoundMessage,
} from "../../../protocol/key-round/round.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import type { KeyShare, PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import { hex, random } from "../oprf/fixtures.ts";

export const PLACE = { chainId: 31_337, keyRounds: `0x${"ab".repeat(20)}` } as const;

/** What a member posts in place of the honest bytes; undefined is silence. */
export type Cheat = (facts: {
  readonly phase: PostingPhase;
  readonly honest: Uint8Array | undefined;
  readonly open: OpenRound;
  readonly participant: Participant;
}) => Uint8Array | undefined;

export interface SimulatedOptions {
  readonly number?: number;
  readonly threshold?: number;
  /** Members that receive. */
  readonly nodes?: readonly number[];
  readonly purposes?: readonly KeyPurpose[];
  /** By member. */
  readonly cheats?: ReadonlyMap<number, Cheat>;
  readonly basis?: {
    readonly number: number;
    readonly dealers: readonly number[];
    readonly keys: ReadonlyMap<KeyPurpose, PublicKeySet>;
    /** By member. */
    readonly shares: ReadonlyMap<number, ReadonlyMap<KeyPurpose, KeyShare>>;
  };
}

export interface SimulatedRound {
  readonly open: OpenRound;
  readonly participants: ReadonlyMap<number, Participant>;
  /** The round as it stood while `phase` was open. */
  during(phase: PostingPhase): OpenRound;
}

const MAY_BE_EMPTY: readonly PostingPhase[] = ["Complaining", "Answering", "Disputing", "Exposing"];

export function simulateRound(options: SimulatedOptions = {}): SimulatedRound {
  const { number = 1, threshold = 3, nodes = [11, 12, 14, 17, 20], purposes = KEY_PURPOSES, basis } = options;
  const dealers = basis?.dealers ?? nodes;
  const fixed = { number, threshold, nodes, purposes, dealers, basis: basis?.number ?? 0 };
  const keys = basis?.keys ?? new Map<KeyPurpose, PublicKeySet>();
  const participants = new Map(
    [...new Set([...nodes, ...dealers])].map((member): [number, Participant] => [
      member,
      {
        member,
        secrets: { seed: random(32), joining: generateKeyPair(random) },
        held: basis?.shares.get(member) ?? new Map<KeyPurpose, KeyShare>(),
      },
    ]),
  );
  const messages: RoundMessage[] = [];
  const views = new Map<PostingPhase, OpenRound>();
  let phase: KeyRound["phase"] = "Joining";
  let unextracted = false;

  for (const posting of POSTING_PHASES) {
    if (phase !== posting) continue;
    const open = openRound(PLACE, { ...fixed, phase }, messages.slice(), keys);
    views.set(posting, open);
    const listed = speakers(open.round, posting);
    const lying = (member: number): boolean => options.cheats?.has(member) ?? false;
    const order = [...listed.filter((member) => !lying(member)), ...listed.filter(lying)];
    let raised = false;
    const confirmed = new Map<string, number>();
    for (const member of order) {
      // The rushing adversary has seen what the others said in this phase.
      const seen = lying(member) ? openRound(PLACE, open.round, messages.slice(), keys) : open;
      const participant = participants.get(member)!;
      const honest = nextMessage(open, participant)?.bytes;
      const cheat = options.cheats?.get(member);
      const bytes = cheat ? cheat({ phase: posting, honest, open: seen, participant }) : honest;
      if (bytes === undefined || (bytes.length === 0 && !MAY_BE_EMPTY.includes(posting))) continue;
      messages.push({ phase: posting, member, bytes });
      if (bytes.length > 0) raised = true;
      confirmed.set(hex(bytes), (confirmed.get(hex(bytes)) ?? 0) + 1);
    }
    const spoken = messages.filter((message) => message.phase === posting).length;
    const quorum = Math.max(Math.floor(nodes.length / 2) + 1, threshold);
    if (posting === "Confirming") {
      phase = [...confirmed.values()].some((count) => count >= quorum) ? "Completed" : "Failed";
    } else {
      if (posting === "Extracting") unextracted = spoken < listed.length;
      phase = after(posting, { raised, unextracted, resharing: basis !== undefined });
    }
  }
  return {
    open: openRound(PLACE, { ...fixed, phase }, messages, keys),
    participants,
    during(wanted) {
      const view = views.get(wanted);
      if (view === undefined) throw new Error(`there was no phase ${wanted}`);
      return view;
    },
  };
}

function after(
  phase: PostingPhase,
  { raised, unextracted, resharing }: { raised: boolean; unextracted: boolean; resharing: boolean },
): PostingPhase {
  if (phase === "Complaining" && raised) return "Answering";
  if (phase === "Complaining" || phase === "Answering") return resharing ? "Confirming" : "Extracting";
  if (phase === "Disputing" && !raised && !unextracted) return "Confirming";
  return POSTING_PHASES[POSTING_PHASES.indexOf(phase) + 1]!;
}
