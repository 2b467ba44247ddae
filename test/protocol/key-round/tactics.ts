/** What a corrupt member of a key round may post, from silence to well-made lies. Each is made anew from its noise. */
import { randomPolynomial } from "../../../protocol/threshold/shamir.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { concatBytes, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { expandedSeed } from "../../../protocol/key-round/expanded-seed.ts";
import {
  encodeDealing,
  encodeLists,
  readDealing,
  readLists,
  sealShares,
} from "../../../protocol/key-round/messages.ts";
import { POSTING_PHASES, type PostingPhase } from "../../../protocol/key-round/round.ts";
import { extract } from "../../../protocol/threshold/key-extraction.ts";
import { encodeComplaint, encodeShareOf } from "../../../protocol/threshold/message.ts";
import { changed } from "../threshold/ceremony.ts";
import type { Cheat, SimulatedRound } from "./simulated-round.ts";

type Facts = Parameters<Cheat>[0];
type Tactic = (facts: Facts, noise: RandomBytes, other: SimulatedRound) => Uint8Array | undefined;

const byte = (noise: RandomBytes, below: number): number => (noise(1)[0] ?? 0) % below;

/** In place of all lists of the message; the honest ones if there are none. */
const eachPurpose = ({ open }: Facts, say: (position: number) => Uint8Array[]): Uint8Array =>
  encodeLists(open.ceremonies.map(({ position }) => say(position)));

const everywhere: Record<string, Tactic> = {
  honest: ({ honest }) => honest,
  silent: () => undefined,
  empty: () => new Uint8Array(0),
  garbage: (_, noise) => noise(1 + byte(noise, 200)),
  "one bit flipped": ({ honest }, noise) =>
    honest === undefined || honest.length === 0
      ? noise(5)
      : changed(honest, ((byte(noise, 256) << 8) | byte(noise, 256)) % honest.length),
  "cut off": ({ honest }) => honest?.slice(0, -1),
  "something behind": ({ honest }) => honest && concatBytes(honest, new Uint8Array(1)),
  "of another round": ({ phase, participant }, _, other) =>
    other.open.messages.find((each) => each.phase === phase && each.member === participant.member)?.bytes,
  "of an earlier phase": ({ open }, noise) => open.messages[byte(noise, 256) % (open.messages.length || 1)]?.bytes,
  "what another has just said": ({ open, phase }) => open.messages.findLast((each) => each.phase === phase)?.bytes,
};

/** Another share than the dealt one, well sealed. */
function wrongShares(facts: Facts, noise: RandomBytes): Uint8Array | undefined {
  const { open, honest, participant } = facts;
  const dealing = honest && readDealing(honest, open.round.purposes.length, open.round.nodes.length);
  if (dealing === undefined) return honest;
  const dealer = open.round.dealers.indexOf(participant.member) + 1;
  const victims = byte(noise, 255) + 1;
  const sealed = dealing.sealed.map((bytes, position) => {
    const key = open.board.joiningKeys.get(position + 1);
    if (key === undefined || (victims & (1 << position)) === 0) return bytes;
    const shares = open.ceremonies.map(({ sharing }) =>
      concatBytes(...Array.from({ length: sharing.shareBytes / 32 }, () => ristretto255.randomScalar(noise))),
    );
    return sealShares({ round: open.id, dealer, receiver: position + 1 }, shares, key, () => noise);
  });
  return encodeDealing({ dealings: dealing.dealings, sealed });
}

const falseComplaints: Tactic = (facts, noise) => {
  const { open } = facts;
  const accused = byte(noise, 255) + 1;
  return eachPurpose(facts, (position) =>
    open.round.dealers.flatMap((_, dealer) =>
      (accused & (1 << dealer)) === 0 ? [] : [encodeComplaint(open.ceremonies[position]!.sharing.ceremony, dealer + 1)],
    ),
  );
};

/** Random shares under the name of what the phase is for: of receivers as an answer, of dealers as an exposure. */
const wrongRevelations =
  (kind: "justification" | "exposure"): Tactic =>
  (facts, noise) =>
    eachPurpose(facts, (position) => {
      const { ceremony, shareBytes } = facts.open.ceremonies[position]!.sharing;
      return facts.open.round.nodes.map((_, party) =>
        encodeShareOf(
          kind,
          ceremony,
          party + 1,
          concatBytes(...Array.from({ length: shareBytes / 32 }, () => ristretto255.randomScalar(noise))),
        ),
      );
    });

const halfTheLists: Tactic = ({ honest, open }) => {
  const lists = honest && readLists(honest, open.round.purposes.length, 32);
  return lists && encodeLists(lists.map((list, position) => (position % 2 === 0 ? [] : list)));
};

const otherExtraction: Tactic = (facts, noise) =>
  eachPurpose(facts, (position) => {
    const ceremony = facts.open.ceremonies[position]!;
    if (ceremony.kind === "resharing") return [];
    const { threshold } = facts.open.round;
    const secret = randomPolynomial(threshold, noise);
    return [extract(ceremony.sharing, { secret, blinding: secret })];
  });

const inPhase: Partial<Record<PostingPhase, Record<string, Tactic>>> = {
  Dealing: { "wrong shares": wrongShares },
  Complaining: { "false complaints": falseComplaints },
  Answering: { "wrong answers": wrongRevelations("justification"), "half the answers": halfTheLists },
  Extracting: { "another polynomial": otherExtraction, "half the extractions": halfTheLists },
  Disputing: { "wrong exposures": wrongRevelations("exposure") },
  Exposing: { "wrong exposures": wrongRevelations("exposure"), "half the exposures": halfTheLists },
};

/** What a corrupt member does, by phase; the numbers choose among the tactics of that phase. */
export type Plan = readonly { readonly choice: number; readonly noise: Uint8Array }[];

export function tacticsOf(phase: PostingPhase): readonly (readonly [string, Tactic])[] {
  // What fits the phase comes as often as all the rest.
  const special = Object.entries(inPhase[phase] ?? {});
  const general = Object.entries(everywhere);
  const often = special.length === 0 ? 0 : Math.ceil(general.length / special.length);
  return [...general, ...Array.from({ length: often }, () => special).flat()];
}

export function nameOf(plan: Plan): string {
  return POSTING_PHASES.map((phase, index) => {
    const tactics = tacticsOf(phase);
    return `${phase}: ${tactics[(plan[index]?.choice ?? 0) % tactics.length]?.[0] ?? ""}`;
  }).join(", ");
}

export function cheatOf(plan: Plan, other: SimulatedRound): Cheat {
  return (facts) => {
    const { choice, noise } = plan[POSTING_PHASES.indexOf(facts.phase)]!;
    const tactics = tacticsOf(facts.phase);
    const tactic = tactics[choice % tactics.length]?.[1];
    return tactic?.(facts, expandedSeed(noise, "cheat"), other);
  };
}
