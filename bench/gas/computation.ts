/** Gas of the joint computation with four nodes and four holders: a key round, an edition, a contribution to a statistic. */
import { type ContractTransactionResponse, encodeBytes32String, hexlify, randomBytes } from "ethers";

import { editionTerms, Phase, PROOF, ROWS } from "../../test/contracts/computation.ts";
import { type Connection, DAY, deployPlatform } from "../../test/contracts/platform.ts";
import { admitMembers, type Party, publishDatasets } from "../../test/contracts/stages.ts";

/** About what a dealing of three keys among four nodes takes. */
const MESSAGE_BYTES = 4096;
const SILENT: readonly number[] = [Phase.Complaining, Phase.Disputing];
const STATISTIC = encodeBytes32String("CLIENTS");

const random = (bytes = 32): string => hexlify(randomBytes(bytes));

type Stage = Awaited<ReturnType<typeof publishDatasets>> & { readonly parties: readonly Party[] };

async function gasOf(sending: Promise<ContractTransactionResponse>): Promise<number> {
  return Number((await (await sending).wait())?.gasUsed ?? 0n);
}

export async function measureComputation(chain: Connection): Promise<Record<string, number>> {
  const platform = await publishDatasets(await admitMembers(await deployPlatform(chain)));
  const { association, alpha, beta, gamma } = platform;
  const stage = { ...platform, parties: [association, alpha, beta, gamma] };
  return {
    ...(await appointing(stage)),
    ...(await keyRound(stage)),
    ...(await edition(stage)),
    ...(await statistic(stage, chain)),
  };
}

async function appointing({ nodes, parties, alpha }: Stage): Promise<Record<string, number>> {
  const registered = [];
  for (const { id, operator } of parties) {
    registered.push(await gasOf(nodes.connect(operator).register()));
    await nodes.activate(id);
  }
  await nodes.connect(alpha.operator).heartbeat(random());
  return {
    "AlgorithmNodes.register": registered[1] ?? 0,
    "AlgorithmNodes.heartbeat": await gasOf(nodes.connect(alpha.operator).heartbeat(random())),
  };
}

async function keyRound({ rounds, parties }: Stage): Promise<Record<string, number>> {
  const ids = parties.map(({ id }) => id);
  const begin = await gasOf(rounds.begin(15, 2, ids, 0, 600));
  let post = 0;
  for (const phase of [Phase.Joining, Phase.Dealing, Phase.Complaining, Phase.Extracting, Phase.Disputing]) {
    for (const [index, { operator }] of parties.entries()) {
      const message = SILENT.includes(phase) ? "0x" : random(MESSAGE_BYTES);
      const gas = await gasOf(rounds.connect(operator).post(1, phase, message));
      if (phase === Phase.Dealing && index === 1) post = gas;
    }
  }
  // Of each of three keys: threshold, nodes, public key, a public share a node.
  const keySets = random(3 * (2 + 32 + 32 * parties.length));
  const confirming = [];
  for (const { operator } of parties.slice(1)) {
    confirming.push(await gasOf(rounds.connect(operator).post(1, Phase.Confirming, keySets)));
  }
  return {
    "KeyRounds.begin, 4 nodes": begin,
    "KeyRounds.post, 4 KiB": post,
    "KeyRounds.post, which completes a round of 3 keys": confirming.at(-1) ?? 0,
  };
}

async function edition(stage: Stage): Promise<Record<string, number>> {
  const { tables, association, alpha, beta, gamma } = stage;
  await tables.setTerms(editionTerms(stage));
  const open = await gasOf(tables.connect(alpha.operator).open());
  const contributed = [];
  for (const [{ operator }, dataset] of [
    [association, stage.regulatory],
    [alpha, stage.alphaData],
    [beta, stage.betaData],
    [gamma, stage.gammaData],
  ] as const) {
    const contribution = tables.connect(operator).contribute(1, random(), ROWS, PROOF, [dataset], [1], [1]);
    contributed.push(await gasOf(contribution));
  }
  const close = await gasOf(tables.close(1));
  const asAggregator = tables.connect(association.operator);
  const merge = await gasOf(asAggregator.merge(1, random(), ROWS, PROOF));
  const choose = await gasOf(asAggregator.chooseStripSet(1, [alpha.id, beta.id]));
  const shares = [];
  for (const { operator } of [alpha, beta]) {
    shares.push(await gasOf(tables.connect(operator).postShares(1, 1, random())));
  }
  const root = random();
  await tables.connect(alpha.operator).confirmTable(1, 1, root);
  return {
    "ConsortiumTables.open": open,
    "ConsortiumTables.contribute, 1 dataset": contributed[1] ?? 0,
    "ConsortiumTables.close, 4 datasets asked about": close,
    "ConsortiumTables.merge": merge,
    "ConsortiumTables.chooseStripSet, 2 of 4": choose,
    "ConsortiumTables.postShares": shares[1] ?? 0,
    "ConsortiumTables.confirmTable, which publishes": await gasOf(
      tables.connect(beta.operator).confirmTable(1, 1, root),
    ),
  };
}

async function statistic({ board, alpha, beta }: Stage, chain: Connection): Promise<Record<string, number>> {
  await board.setKey(random(), random(), random(MESSAGE_BYTES));
  const terms = { definitionDigest: random(), layoutDigest: random(), leastContributors: 3, retired: false };
  await board.defineStatistic(STATISTIC, terms);
  await board.openCollection(STATISTIC, 1, (await chain.networkHelpers.time.latest()) + DAY);
  await board.connect(alpha.operator).contribute(STATISTIC, 1, random());
  return {
    "StatisticsBoard.contribute": await gasOf(board.connect(beta.operator).contribute(STATISTIC, 1, random())),
  };
}
