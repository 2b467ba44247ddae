/** The view of the joint computation put together: reads through the typed contracts and the chain view's cache. */
import { toHex, fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { decodeKeySets } from "../../protocol/key-round/key-sets.ts";
import {
  KEY_PURPOSES,
  NODE_SERVICES,
  type KeyPurpose,
  type NodeService,
  type RoundMessage,
} from "../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../protocol/threshold/key-set.ts";
import type { IKeyRounds } from "../../types/ethers-contracts/computation/IKeyRounds.ts";
import { computationKeys } from "./cache-keys.ts";
import { EDITION_STATUSES, NODE_STATUSES, nameOf, ROUND_PHASES } from "./codes.ts";
import type { RoundReads } from "./heir-of.ts";
import type { ComputationView, NodeInfo, RoundInfo, EditionInfo, ContributionInfo } from "./computation-view.ts";
import type { PlatformContracts } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { each, eventsInRanges } from "./reads.ts";

type Read = <T>(key: string, load: () => Promise<T>) => Promise<T>;

const NOTHING = `0x${"00".repeat(32)}`;

/** @param read through the chain view's cache */
export function createComputationView(
  { algorithmNodes, keyRounds, consortiumTables }: PlatformContracts,
  deployment: Deployment,
  read: Read,
): ComputationView {
  const serviceOf = async (member: bigint, service: NodeService): Promise<Hex> =>
    (await algorithmNodes.serviceOf(member, KEY_PURPOSES.indexOf(service))).toLowerCase() as Hex;

  async function nodes(): Promise<readonly NodeInfo[]> {
    return await read(computationKeys.nodes, async () =>
      each(Number(await algorithmNodes.nodeCount()), async (index) => {
        const member = await algorithmNodes.nodeAt(index);
        const [facts, evaluation, locator, query] = await Promise.all([
          algorithmNodes.getNode(member),
          serviceOf(member, "evaluation"),
          serviceOf(member, "locator"),
          serviceOf(member, "query"),
        ]);
        return {
          member: Number(member),
          status: nameOf(NODE_STATUSES, facts.status),
          registeredAt: Number(facts.registeredAt),
          activatedAt: Number(facts.activatedAt),
          lastHeartbeat: Number(facts.lastHeartbeat),
          reports: Number(facts.reports),
          reporters: Number(facts.reporters),
          services: { evaluation, locator, query },
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

  const keySet = (number: number, purpose: KeyPurpose): Promise<PublicKeySet | undefined> =>
    read(computationKeys.keySet(number, purpose), async () =>
      readKeySet(keyRounds, await round(number), purpose, "latest"),
    );

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
        const purpose = NODE_SERVICES.find((each) => node.services[each] === wanted);
        if (purpose) return { node, purpose };
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

/** What is known of rounds as of one block, read anew each time. */
export function createRoundReads(keyRounds: IKeyRounds, block: number | "latest"): RoundReads {
  const round = (number: number): Promise<RoundInfo | undefined> => readRoundFacts(keyRounds, number, block);
  return {
    roundCount: async () => Number(await keyRounds.roundCount({ blockTag: block })),
    round,
    keySet: async (number, purpose) => readKeySet(keyRounds, await round(number), purpose, block),
  };
}

async function readKeySet(
  keyRounds: IKeyRounds,
  round: RoundInfo | undefined,
  purpose: KeyPurpose,
  block: number | "latest",
): Promise<PublicKeySet | undefined> {
  if (round?.phase !== "Completed" || !round.purposes.includes(purpose)) return undefined;
  return decodeKeySets(fromHex(await keyRounds.keySetsOf(round.number, { blockTag: block })), round).get(purpose);
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
export function purposesOf(bits: number): KeyPurpose[] {
  return KEY_PURPOSES.filter((_, bit) => (bits & (1 << bit)) !== 0);
}
