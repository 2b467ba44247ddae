/** The stages from which tests of the joint computation start, and what its parties send. */
import { hexlify } from "ethers";

import type { EditionTermsStruct } from "../../types/ethers-contracts/computation/IConsortiumTables.ts";
import { connection, digest, type Platform } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";
import { type Party, publishedDatasets } from "./stages.ts";

const { networkHelpers } = connection;

/** Values of `KeyPurpose`, and their bits in `purposes`. */
export const Purpose = { Evaluation: 0, Query: 1, Layer: 2, Locator: 3 } as const;
export const ALL_PURPOSES = 15;
/** Made together, or not. */
export const LAYER_AND_LOCATOR = 12;

export const NodeStatus = { None: 0, Registered: 1, Active: 2, Retired: 3 } as const;

export const Phase = {
  None: 0,
  Joining: 1,
  Dealing: 2,
  Complaining: 3,
  Answering: 4,
  Extracting: 5,
  Disputing: 6,
  Exposing: 7,
  Confirming: 8,
  Completed: 9,
  Failed: 10,
} as const;

export const EditionStatus = { None: 0, Collecting: 1, Merging: 2, Stripping: 3, Published: 4, Abandoned: 5 } as const;
export const CollectionStatus = { None: 0, Open: 1, Closed: 2, Released: 3, Abandoned: 4 } as const;

export const PHASE_SECONDS = 600;
export const EMPTY = "0x";

/** A word of bytes for where the contracts do not read them. */
export const words = (text: string): string => hexlify(new TextEncoder().encode(text));

/** The Association and all three firms, which have published, are active nodes: four in ascending order. */
export async function activeNodes() {
  const platform = await loadFixture(publishedDatasets);
  const { association, alpha, beta, gamma } = platform;
  const parties = [association, alpha, beta, gamma] as const;
  for (const { id, operator } of parties) {
    await platform.nodes.connect(operator).register();
    await platform.nodes.activate(id);
  }
  return { ...platform, parties };
}

export type Nodes = Awaited<ReturnType<typeof activeNodes>>;

export const idsOf = (parties: readonly Party[]): bigint[] => parties.map(({ id }) => id);

/** Every one of `parties` posts `message` in that phase. */
export async function postAll(
  { rounds }: Pick<Platform, "rounds">,
  round: bigint | number,
  phase: number,
  parties: readonly Party[],
  message = words(`phase ${String(phase)}`),
): Promise<void> {
  for (const { operator } of parties) await rounds.connect(operator).post(round, phase, message);
}

/** New keys of all purposes, 2 of the four nodes, without a complaint or dispute; completed. */
export async function makeKeys(platform: Nodes, purposes = ALL_PURPOSES, threshold = 2): Promise<bigint> {
  const { rounds, parties } = platform;
  await rounds.begin(purposes, threshold, idsOf(parties), 0, PHASE_SECONDS);
  const round = await rounds.roundCount();
  for (const phase of [Phase.Joining, Phase.Dealing]) await postAll(platform, round, phase, parties);
  await postAll(platform, round, Phase.Complaining, parties, EMPTY);
  await postAll(platform, round, Phase.Extracting, parties);
  await postAll(platform, round, Phase.Disputing, parties, EMPTY);
  await postAll(platform, round, Phase.Confirming, parties);
  return round;
}

/** Round 1 of all purposes, 2 of the four nodes, waits for encryption keys. */
export async function begunRound() {
  const platform = await loadFixture(activeNodes);
  await platform.rounds.begin(ALL_PURPOSES, 2, idsOf(platform.parties), 0, PHASE_SECONDS);
  return platform;
}

/** Everybody speaks in the phases up to `phase`, which runs then; nobody complains or disputes. */
export async function goTo(platform: Nodes, phase: number, round = 1): Promise<void> {
  const order = [Phase.Joining, Phase.Dealing, Phase.Complaining, Phase.Extracting, Phase.Disputing];
  for (const each of order.filter((earlier) => earlier < phase)) {
    const silent = each === Phase.Complaining || each === Phase.Disputing;
    await postAll(platform, round, each, platform.parties, silent ? EMPTY : undefined);
  }
}

export const phaseOf = async ({ rounds }: Nodes, round = 1): Promise<number> =>
  Number((await rounds.getRound(round)).phase);

export const endOf = async ({ rounds }: Nodes, round = 1): Promise<number> =>
  Number((await rounds.getRound(round)).phaseEndsAt);

/** The phase's time passes, and anybody says so. */
export async function timeOut(platform: Nodes, round = 1): Promise<void> {
  await networkHelpers.time.increaseTo(await endOf(platform, round));
  await platform.rounds.connect(platform.outsider).advance(round);
}

export const PERIOD = 90 * 86_400;
export const COLLECTING = 7 * 86_400;
export const STAGE = 86_400;

export function editionTerms(
  { association }: { readonly association: Party },
  changes: Partial<EditionTermsStruct> = {},
): EditionTermsStruct {
  return {
    aggregator: association.id,
    leastContributors: 3,
    leastRows: 1024,
    period: PERIOD,
    collecting: COLLECTING,
    stage: STAGE,
    ...changes,
  };
}

/** Keys are there and terms are set. */
export async function keysMade() {
  const platform = await loadFixture(activeNodes);
  await makeKeys(platform);
  await platform.tables.setTerms(editionTerms(platform));
  return platform;
}

/** Sets the ledger's clock, which nothing has stopped, for the block that follows. */
export const nextBlockAt = async (moment: number | bigint): Promise<void> =>
  networkHelpers.time.setNextBlockTimestamp(moment);

/** Edition 1 takes contributions. */
export async function openedEdition() {
  const platform = await loadFixture(keysMade);
  await platform.tables.connect(platform.alpha.operator).open();
  return platform;
}

export const PROOF = hexlify(new Uint8Array(64).fill(7));
export const ROWS = 1024;

/** What `party` contributes from `data`, as published in epoch 1, revision 1. */
export async function contribute(platform: Nodes, party: Party, data: string, edition = 1) {
  const { tables } = platform;
  return tables
    .connect(party.operator)
    .contribute(edition, digest(`table of ${String(party.id)}`), ROWS, PROOF, [data], [1], [1]);
}

/** All four holders have contributed and collecting is closed. */
export async function collected() {
  const platform = await loadFixture(openedEdition);
  await contribute(platform, platform.association, platform.regulatory);
  await contribute(platform, platform.alpha, platform.alphaData);
  await contribute(platform, platform.beta, platform.betaData);
  await contribute(platform, platform.gamma, platform.gammaData);
  await platform.tables.close(1);
  return platform;
}

/** Edition 1 is merged. */
export async function merged() {
  const platform = await loadFixture(collected);
  await platform.tables.connect(platform.association.operator).merge(1, digest("merged"), ROWS, PROOF);
  return platform;
}

/** Alpha and beta take the layer off. */
export async function strippingBegun() {
  const platform = await loadFixture(merged);
  const { tables, association, alpha, beta } = platform;
  await tables.connect(association.operator).chooseStripSet(1, [alpha.id, beta.id]);
  return platform;
}

/** Who acts on edition 1, and how it stands. */
export const asAggregator = ({ tables, association }: Nodes) => tables.connect(association.operator);
export const as = ({ tables }: Nodes, { operator }: Party) => tables.connect(operator);
export const editionOf = async ({ tables }: Nodes) => tables.getEdition(1);

export type { Party };
