/** Waits until every party holds a verified copy of every other party's latest table. */
import { Fault } from "../../../protocol/errors/fault.ts";
import type { Member, Network } from "../network.ts";
import { patience, until } from "../waiting.ts";
import { datasetsSeenBy, type DatasetView } from "./publish.ts";

interface MirrorView {
  readonly dataset: string;
  readonly holder: string;
  readonly epoch: number;
  readonly revision: number;
  readonly state: string;
  readonly code: string | null;
}

export interface MirrorOptions {
  readonly network: Network;
  readonly subjectsPerMember: number;
  readonly signal: AbortSignal;
  /** Fraction of all copies that are there. */
  readonly progress: (fraction: number) => void;
}

const PATIENCE_S = 120;

/** @returns how many copies. @throws Fault WORK_UNFINISHED, WORK_FAILED if a copy was rejected */
export async function waitForMirrors(options: MirrorOptions): Promise<number> {
  const { network, subjectsPerMember, signal, progress } = options;
  const { members } = network;
  const wanted = members.length * (members.length - 1);
  const there = new Map<string, number>();
  const waiting = { work: "mirroring", seconds: patience(PATIENCE_S, subjectsPerMember), signal };
  await Promise.all(
    members.map((member) =>
      until({ ...waiting, name: member.party.name }, async () => {
        const verified = await verifiedCopies(member);
        there.set(member.party.name, verified);
        progress([...there.values()].reduce((sum, count) => sum + count, 0) / wanted);
        return verified === members.length - 1 ? verified : undefined;
      }),
    ),
  );
  return wanted;
}

async function verifiedCopies(member: Member): Promise<number> {
  const { name } = member.party;
  const others = (await datasetsSeenBy(member)).filter(({ holder, latestEpoch }) => holder !== name && latestEpoch > 0);
  const { items } = (await member.client.get("data_officer", "/v1/mirrors")) as { items: readonly MirrorView[] };
  const copies = others.flatMap((dataset) => items.filter((copy) => isOf(copy, dataset)));
  const rejected = copies.find(({ state }) => state === "rejected");
  if (rejected !== undefined) {
    const work = `mirroring the table of ${rejected.holder}`;
    throw new Fault("WORK_FAILED", { name, work, reason: rejected.code ?? rejected.state });
  }
  return copies.filter(({ state }) => state === "verified").length;
}

function isOf(copy: MirrorView, { id, latestEpoch, latestRevision }: DatasetView): boolean {
  return copy.dataset === id && copy.epoch === latestEpoch && copy.revision === latestRevision;
}
