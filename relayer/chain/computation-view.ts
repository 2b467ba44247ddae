/**
 * What the chain says of the joint computation: nodes, key rounds, editions of the consortium table. Kept like the rest of
 * the chain view and dropped by the watcher.
 */
import { toHex, fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { decodeKeySets } from "../../protocol/key-round/key-sets.ts";
import { KEY_PURPOSES, type KeyPurpose, type KeyRound, type RoundMessage } from "../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../protocol/threshold/key-set.ts";
import type { IKeyRounds } from "../../types/ethers-contracts/computation/IKeyRounds.ts";
import type { Deployment } from "./deployment.ts";
import { computationKeys } from "./cache-keys.ts";
import { EDITION_STATUSES, NODE_STATUSES, nameOf, ROUND_PHASES } from "./codes.ts";
import type { PlatformContracts } from "./contracts.ts";
import { each, eventsInRanges } from "./reads.ts";

export type { KeyPurpose, RoundMessage, RoundPhase } from "../../protocol/key-round/round.ts";
export type NodeStatus = "Registered" | "Active" | "Retired";
export type EditionStatus = "Collecting" | "Merging" | "Stripping" | "Published" | "Abandoned";

export interface NodeInfo {
  readonly member: number;
  readonly status: NodeStatus;
  readonly registeredAt: number;
  readonly activatedAt: number;
  /** Ledger time; 0 before the first. */
  readonly lastHeartbeat: number;
  /** Reports of other members about it. */
  readonly reports: number;
  /** Under which ids sessions pay for what it does. */
  readonly services: { readonly evaluation: Hex; readonly query: Hex };
}

export interface RoundInfo extends KeyRound {
  /** Ledger time; 0 when it is over. */
  readonly phaseEndsAt: number;
}

export interface EditionInfo {
  readonly number: number;
  readonly status: EditionStatus;
  readonly evaluationRound: number;
  readonly queryRound: number;
  readonly layerRound: number;
  readonly leastContributors: number;
  readonly leastRows: number;
  readonly aggregator: number;
  readonly openedAt: number;
  readonly stageEndsAt: number;
  /** 0 before. */
  readonly publishedAt: number;
  readonly contributors: number;
  readonly mergedRows: number;
  readonly mergedRoot: Hex;
  readonly mergeProofDigest: Hex;
  readonly tableRoot: Hex;
  readonly attempt: number;
  readonly stripSet: readonly number[];
}

export interface ContributionInfo {
  readonly contributor: number;
  readonly root: Hex;
  readonly rows: number;
  readonly postedAt: number;
  readonly excluded: boolean;
  readonly proof: Uint8Array;
}

export interface ComputationView {
  /** In order of registration, retired ones included. */
  nodes(): Promise<readonly NodeInfo[]>;
  /** The node and what for, if `id` is a service of one, active or not. */
  service(id: Hex): Promise<{ readonly node: NodeInfo; readonly purpose: "evaluation" | "query" } | undefined>;
  roundCount(): Promise<number>;
  /** Undefined for an unknown number. */
  round(number: number): Promise<RoundInfo | undefined>;
  /** In the order of the chain. */
  roundMessages(number: number): Promise<readonly RoundMessage[]>;
  /** The newest completed round with a key of that purpose; 0 if none. */
  currentRound(purpose: KeyPurpose): Promise<number>;
  /** The public side of a key that a round made; undefined if it made none. @throws Fault KEY_SET_INCONSISTENT and others of `decodeKeySet` */
  keySet(round: number, purpose: KeyPurpose): Promise<PublicKeySet | undefined>;
  editionCount(): Promise<number>;
  edition(number: number): Promise<EditionInfo | undefined>;
  /** The newest published one; 0 if none. */
  latestPublished(): Promise<number>;
  /** All of an edition, in order, excluded ones included. */
  contributions(edition: number): Promise<readonly ContributionInfo[]>;
  contribution(edition: number, contributor: number): Promise<ContributionInfo | undefined>;
  /** Digest that a node of the set committed to; undefined if none. */
  stripShares(edition: number, attempt: number, node: number): Promise<Hex | undefined>;
}

type Read = <T>(key: string, load: () => Promise<T>) => Promise<T>;

const NOTHING = `0x${"00".repeat(32)}`;

/** @param read through the chain view's cache */
export function createComputationView(
  { algorithmNodes, keyRounds, consortiumTables }: PlatformContracts,
  deployment: Deployment,
  read: Read,
): ComputationView {
  async function nodes(): Promise<readonly NodeInfo[]> {
    return await read(computationKeys.nodes, async () =>
      each(Number(await algorithmNodes.nodeCount()), async (index) => {
        const member = await algorithmNodes.nodeAt(index);
        const [facts, evaluation, query] = await Promise.all([
          algorithmNodes.getNode(member),
          algorithmNodes.serviceOf(member, KEY_PURPOSES.indexOf("evaluation")),
          algorithmNodes.serviceOf(member, KEY_PURPOSES.indexOf("query")),
        ]);
        return {
          member: Number(member),
          status: nameOf(NODE_STATUSES, facts.status),
          registeredAt: Number(facts.registeredAt),
          activatedAt: Number(facts.activatedAt),
          lastHeartbeat: Number(facts.lastHeartbeat),
          reports: Number(facts.reports),
          services: { evaluation: evaluation.toLowerCase() as Hex, query: query.toLowerCase() as Hex },
        };
      }),
    );
  }

  const round = (number: number): Promise<RoundInfo | undefined> =>
    read(computationKeys.round(number), () => readRoundFacts(keyRounds, number));

  async function roundMessages(number: number): Promise<readonly RoundMessage[]> {
    return await read(computationKeys.messages(number), async () => {
      const filter = keyRounds.filters.RoundMessagePosted(number);
      const posted = await eventsInRanges(keyRounds.runner, deployment, (from, to) =>
        keyRounds.queryFilter(filter, from, to),
      );
      return posted.map(({ args }) => ({
        phase: nameOf(ROUND_PHASES, args.phase),
        member: Number(args.node),
        bytes: fromHex(args.message as Hex),
      }));
    });
  }

  async function keySet(number: number, purpose: KeyPurpose): Promise<PublicKeySet | undefined> {
    return await read(computationKeys.keySet(number, purpose), async () => {
      const of = await round(number);
      if (of?.phase !== "Completed" || !of.purposes.includes(purpose)) return undefined;
      return decodeKeySets(fromHex(await keyRounds.keySetsOf(number)), of).get(purpose);
    });
  }

  async function edition(number: number): Promise<EditionInfo | undefined> {
    return await read(computationKeys.edition(number), async () => {
      const facts = await consortiumTables.getEdition(number);
      if (facts.status === 0n) return undefined;
      return {
        number,
        status: nameOf(EDITION_STATUSES, facts.status),
        evaluationRound: Number(facts.evaluationRound),
        queryRound: Number(facts.queryRound),
        layerRound: Number(facts.layerRound),
        leastContributors: Number(facts.leastContributors),
        leastRows: Number(facts.leastRows),
        aggregator: Number(facts.aggregator),
        openedAt: Number(facts.openedAt),
        stageEndsAt: Number(facts.stageEndsAt),
        publishedAt: Number(facts.publishedAt),
        contributors: Number(facts.contributors),
        mergedRows: Number(facts.mergedRows),
        mergedRoot: facts.mergedRoot as Hex,
        mergeProofDigest: facts.mergeProofDigest as Hex,
        tableRoot: facts.tableRoot as Hex,
        attempt: Number(facts.attempt),
        stripSet: facts.stripSet.map(Number),
      };
    });
  }

  async function contribution(of: number, contributor: number): Promise<ContributionInfo | undefined> {
    return await read(computationKeys.contribution(of, contributor), async () => {
      const { root, rows, postedAt, excluded, proof } = await consortiumTables.getContribution(of, contributor);
      if (root === NOTHING) return undefined;
      return {
        contributor,
        root: root as Hex,
        rows: Number(rows),
        postedAt: Number(postedAt),
        excluded,
        proof: fromHex(proof),
      };
    });
  }

  return {
    nodes,
    async service(id) {
      const wanted = toHex(fromHex(id, 32));
      for (const node of await nodes()) {
        if (node.services.evaluation === wanted) return { node, purpose: "evaluation" };
        if (node.services.query === wanted) return { node, purpose: "query" };
      }
      return undefined;
    },
    roundCount: () => read(computationKeys.rounds, async () => Number(await keyRounds.roundCount())),
    round,
    roundMessages,
    currentRound: (purpose) =>
      read(computationKeys.current(purpose), async () =>
        Number(await keyRounds.currentRound(KEY_PURPOSES.indexOf(purpose))),
      ),
    keySet,
    editionCount: () => read(computationKeys.editions, async () => Number(await consortiumTables.editionCount())),
    edition,
    latestPublished: () =>
      read(computationKeys.published, async () => Number(await consortiumTables.latestPublished())),
    async contributions(of) {
      const members = await read(computationKeys.contributors(of), () => consortiumTables.contributorsOf(of));
      const found = await each(members.length, (index) => contribution(of, Number(members[index])));
      return found.filter((one) => one !== undefined);
    },
    contribution,
    stripShares: (of, attempt, node) =>
      read(computationKeys.shares(of, attempt, node), async () => {
        const digest = await consortiumTables.stripSharesOf(of, attempt, node);
        return digest === NOTHING ? undefined : (digest as Hex);
      }),
  };
}

/** Undefined for an unknown number. @param block as of which, the newest unless given */
export async function readRoundFacts(
  keyRounds: IKeyRounds,
  number: number,
  block: number | "latest" = "latest",
): Promise<RoundInfo | undefined> {
  const at = { blockTag: block };
  if (number < 1 || number > Number(await keyRounds.roundCount(at))) return undefined;
  const facts = await keyRounds.getRound(number, at);
  return {
    number,
    phase: nameOf(ROUND_PHASES, facts.phase),
    threshold: Number(facts.threshold),
    purposes: purposesOf(Number(facts.purposes)),
    basis: Number(facts.basis),
    phaseEndsAt: Number(facts.phaseEndsAt),
    nodes: facts.nodes.map(Number),
    dealers: facts.dealers.map(Number),
  };
}

/** Of a set of one bit each. */
function purposesOf(bits: number): KeyPurpose[] {
  return KEY_PURPOSES.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
