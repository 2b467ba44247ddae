/** Waits until the first consortium table is published: keys made, everybody's contribution in, merged, a layer taken off. */
import { connectContracts } from "../../../relayer/chain/contracts.ts";
import { createProvider } from "../../../relayer/chain/provider.ts";
import type { Network } from "../network.ts";
import { patience, until } from "../waiting.ts";

export interface FirstEditionOptions {
  readonly network: Network;
  readonly subjectsPerMember: number;
  readonly signal: AbortSignal;
  /** Fraction of the way. */
  readonly progress: (fraction: number) => void;
}

export interface FirstEdition {
  readonly number: number;
  readonly contributors: number;
  readonly rows: number;
}

/** Also for a set of nodes that has to be replaced. */
const PATIENCE_S = 600;
/** Of `EditionStatus`. */
const [COLLECTING, MERGING, STRIPPING, PUBLISHED] = [1n, 2n, 3n, 4n];
const SHARE = { keys: 0.1, contribution: 0.5, merge: 0.2 };

/** A relayer hears of an event, and has the table, a moment after the chain. */
async function isEverywhere({ members }: Network, number: number): Promise<boolean> {
  const views = await Promise.all(
    members.map(({ client }) => client.get("data_officer", "/v1/aggregate/editions?limit=10") as Promise<EditionList>),
  );
  return views.every(({ items }) => items.some(({ edition, mirrored }) => edition === number && mirrored));
}

interface EditionList {
  readonly items: readonly { readonly edition: number; readonly mirrored: boolean }[];
}

/** @throws Fault WORK_UNFINISHED */
export async function waitForFirstEdition(options: FirstEditionOptions): Promise<FirstEdition> {
  const { network, subjectsPerMember, signal, progress } = options;
  const provider = createProvider(network.rpcUrl, network.deployment.chainId);
  try {
    const { consortiumTables } = connectContracts(network.deployment.addresses, provider);
    const seconds = patience(PATIENCE_S, subjectsPerMember);
    return await until({ name: "the network", work: "the first overall picture", seconds, signal }, async () => {
      const published = Number(await consortiumTables.latestPublished());
      const number = published === 0 ? Number(await consortiumTables.editionCount()) : published;
      if (number === 0) return undefined;
      const { status, contributors, mergedRows } = await consortiumTables.getEdition(number);
      if (status === COLLECTING) {
        progress(SHARE.keys + (SHARE.contribution * Number(contributors)) / network.members.length);
      }
      if (status === MERGING) progress(SHARE.keys + SHARE.contribution);
      if (status === STRIPPING) progress(SHARE.keys + SHARE.contribution + SHARE.merge);
      if (status !== PUBLISHED || !(await isEverywhere(network, number))) return undefined;
      return { number, contributors: Number(contributors), rows: Number(mergedRows) };
    });
  } finally {
    provider.destroy();
  }
}
