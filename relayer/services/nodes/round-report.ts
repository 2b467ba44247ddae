/** Key rounds as a person reads them: who was asked, who spoke when, and what the messages say of everybody. */
import { bytesEqual, concatBytes, toHex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { judgeRound, type RoundVerdict } from "../../../protocol/key-round/judge-round.ts";
import { isClosed, POSTING_PHASES, speakers } from "../../../protocol/key-round/round.ts";
import { encodeKeySet } from "../../../protocol/threshold/key-set.ts";
import type { KeyPurpose, RoundInfo, RoundPhase } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import type { ReadRound, RoundReader } from "./read-round.ts";

/** Members by name, times as ISO 8601 of ledger time. */
export interface RoundSummary {
  readonly number: number;
  readonly phase: RoundPhase;
  /** Null when the round is over. */
  readonly phaseEndsAt: string | null;
  readonly purposes: KeyPurpose[];
  readonly threshold: number;
  /** Null where new keys are made. */
  readonly basis: number | null;
  readonly nodes: string[];
  readonly dealers: string[];
}

export interface RoundReport extends RoundSummary {
  /** Of phases that have begun or are over, in order; one that was left out has nobody. */
  readonly phases: { readonly phase: RoundPhase; readonly asked: string[]; readonly spoken: string[] }[];
  readonly joined: string[];
  readonly keys: {
    readonly purpose: KeyPurpose;
    readonly qualified: string[];
    readonly excluded: { readonly member: string; readonly reason: string; readonly receiver: string | null }[];
    readonly exposed: { readonly member: string; readonly reason: string }[];
    /** 32 bytes, hex; null while or where there is none. */
    readonly publicKey: string | null;
    readonly failure: string | null;
  }[];
  /** By the constitution: in which phase, and why. Null unless it was. */
  readonly calledOff: { readonly phase: RoundPhase; readonly reason: string } | null;
  /** Whether the keys on chain are those that the messages give; null while there are none on chain. */
  readonly agreed: boolean | null;
}

export interface RoundReports {
  /** Newest first. */
  list(limit: number): Promise<RoundSummary[]>;
  /** @throws Fault KEY_ROUND_UNKNOWN */
  report(number: number): Promise<RoundReport>;
}

/** Verdicts that are kept: judging a large round takes seconds. */
const KEPT = 16;

export function createRoundReports(chain: RelayerContext["chain"], reader: RoundReader): RoundReports {
  const verdicts = new Map<string, RoundVerdict>();

  function verdictOf({ open }: ReadRound): RoundVerdict {
    const key = [toHex(open.id), open.round.phase, String(open.messages.length)].join();
    const known = verdicts.get(key) ?? judgeRound(open);
    verdicts.set(key, known);
    if (verdicts.size > KEPT) verdicts.delete(verdicts.keys().next().value ?? "");
    return known;
  }

  async function names(): Promise<(member: number) => string> {
    const members = new Map((await chain.members()).map(({ id, name }) => [id, name]));
    return (member) => members.get(member) ?? String(member);
  }

  return {
    async list(limit) {
      const newest = await chain.computation.roundCount();
      const numbers = Array.from({ length: Math.min(limit, newest) }, (_, index) => newest - index);
      const rounds = await Promise.all(numbers.map((number) => chain.computation.round(number)));
      const name = await names();
      return rounds.flatMap((round) => (round === undefined ? [] : [summary(round, name)]));
    },
    async report(number) {
      const found = await reader.read(number);
      if (found === undefined) throw new Fault("KEY_ROUND_UNKNOWN", { round: number });
      return report(found, verdictOf(found), await names());
    },
  };
}

function summary(round: RoundInfo, name: (member: number) => string): RoundSummary {
  return {
    number: round.number,
    phase: round.phase,
    phaseEndsAt: round.phaseEndsAt === 0 ? null : new Date(round.phaseEndsAt * 1_000).toISOString(),
    purposes: [...round.purposes],
    threshold: round.threshold,
    basis: round.basis === 0 ? null : round.basis,
    nodes: round.nodes.map(name),
    dealers: round.dealers.map(name),
  };
}

function report(
  { info, open, calledOff, keys }: ReadRound,
  { joined, purposes, keySets }: RoundVerdict,
  name: (member: number) => string,
): RoundReport {
  const begun = POSTING_PHASES.filter((phase) => phase === open.round.phase || isClosed(open.round, phase));
  return {
    ...summary(info, name),
    phases: begun.map((phase) => ({
      phase,
      asked: speakers(info, phase).map(name),
      spoken: open.messages.filter((message) => message.phase === phase).map(({ member }) => name(member)),
    })),
    joined: joined.map(name),
    keys: purposes.map((each) => ({
      purpose: each.purpose,
      qualified: each.qualified.map(name),
      excluded: each.excluded.map(({ member, reason, receiver }) => ({
        ...{ member: name(member), reason, receiver: receiver === undefined ? null : name(receiver) },
      })),
      exposed: each.exposed.map(({ member, reason }) => ({ member: name(member), reason })),
      publicKey: each.keys === undefined ? null : toHex(each.keys.publicKey),
      failure: each.failure ?? null,
    })),
    calledOff: calledOff ?? null,
    agreed: info.phase === "Completed" ? agrees(keys, keySets) : null,
  };
}

function agrees(onChain: ReadRound["keys"], computed: Uint8Array | undefined): boolean {
  return computed !== undefined && bytesEqual(concatBytes(...[...onChain.values()].map(encodeKeySet)), computed);
}
