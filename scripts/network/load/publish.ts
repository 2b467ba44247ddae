/** Each party registers its dataset and publishes it in the current epoch, unless it has done so. */
import { connectContracts } from "../../../relayer/chain/contracts.ts";
import { createProvider } from "../../../relayer/chain/provider.ts";
import type { Member, Network } from "../network.ts";
import { CATEGORIES } from "../parties.ts";
import { patience, until } from "../waiting.ts";

export interface DatasetView {
  readonly id: string;
  readonly holder: string;
  readonly label: string;
  readonly latestEpoch: number;
  readonly latestRevision: number;
}

export interface PublishOptions {
  readonly network: Network;
  readonly subjectsPerMember: number;
  readonly signal: AbortSignal;
  /** Fraction of the parties that are done. */
  readonly progress: (fraction: number) => void;
}

const PATIENCE_S = 180;

/** @returns how many had to publish. @throws Fault WORK_UNFINISHED, MEMBER_API_REFUSED */
export async function publishAll(options: PublishOptions): Promise<number> {
  const { network, subjectsPerMember, signal, progress } = options;
  const epoch = await currentEpoch(network);
  const seconds = patience(PATIENCE_S, subjectsPerMember);
  let done = 0;
  const published = await Promise.all(
    network.members.map(async (member) => {
      const needed = await publish(member, epoch, { seconds, signal });
      progress((done += 1) / network.members.length);
      return needed;
    }),
  );
  return published.filter(Boolean).length;
}

async function publish(
  member: Member,
  epoch: number,
  wait: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const { client, party } = member;
  const label = party.dataset;
  const own = await ownDataset(member);
  if (own === undefined) await client.post("data_officer", "/v1/datasets", { label, categories: CATEGORIES[label] });
  else if (own.latestEpoch >= epoch) return false;
  await client.post("data_officer", `/v1/datasets/${label}/publish`, {});
  await until({ name: party.name, work: `publishing ${label}`, ...wait }, async () => {
    const seen = await ownDataset(member);
    return seen !== undefined && seen.latestEpoch >= epoch ? seen : undefined;
  });
  return true;
}

async function ownDataset(member: Member): Promise<DatasetView | undefined> {
  const { name, dataset } = member.party;
  return (await datasetsSeenBy(member)).find(({ holder, label }) => holder === name && label === dataset);
}

export async function datasetsSeenBy({ client }: Member): Promise<readonly DatasetView[]> {
  const { items } = (await client.get("data_officer", "/v1/datasets")) as { items: readonly DatasetView[] };
  return items;
}

async function currentEpoch({ rpcUrl, deployment }: Network): Promise<number> {
  const provider = createProvider(rpcUrl, deployment.chainId);
  try {
    return Number(await connectContracts(deployment.addresses, provider).platformParameters.currentEpoch());
  } finally {
    provider.destroy();
  }
}
