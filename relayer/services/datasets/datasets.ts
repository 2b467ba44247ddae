/** This member's datasets on chain: registering one, and how its publication stands. */
import { encodeBytes32String } from "ethers";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";

type DatasetDependencies = Pick<RelayerContext, "chain" | "db" | "outbox">;

const REGISTRATION_PATIENCE_MS = 30_000;

export interface DatasetView {
  readonly id: Hex;
  readonly holder: string;
  readonly label: string;
  readonly categories: readonly string[];
  readonly mine: boolean;
  readonly latestEpoch: number;
  readonly latestRevision: number;
  /** Padded count class; zero while nothing is published. */
  readonly entryCount: number;
  /** Points for one evaluation, 18 decimals. */
  readonly price: string;
}

export interface DatasetService {
  /**
   * Registers a dataset and waits until it is on chain. A second registration of the same label is the same dataset.
   * @throws Fault what the registry refuses it with (categories, ownership)
   */
  register(label: string, categories: readonly string[]): Promise<Hex>;
  /** Every member's datasets. */
  list(): Promise<DatasetView[]>;
}

export function createDatasetService(ctx: DatasetDependencies): DatasetService {
  const registry = ctx.chain.contracts.datasetRegistry;

  async function register(label: string, categories: readonly string[]): Promise<Hex> {
    const me = await ctx.chain.me();
    const id = (await registry.datasetIdOf(me.id, encodeBytes32String(label))).toLowerCase() as Hex;
    const known = (await ctx.chain.datasets()).find((dataset) => dataset.id === id);
    if (known !== undefined) {
      if (known.categories.toSorted().join() === categories.toSorted().join()) return id;
      throw new Fault("DATASET_OTHERWISE_REGISTERED", { label, categories: known.categories.join(", ") });
    }
    const data = registry.interface.encodeFunctionData("registerDataset", [
      encodeBytes32String(label),
      categories.map((category) => encodeBytes32String(category)),
    ]) as Hex;
    await ctx.outbox.simulate({ contract: "datasetRegistry", data });
    const key = `register-dataset:${id}`;
    await ctx.db
      .transaction()
      .execute((trx) => ctx.outbox.enqueue(trx, { key, kind: "register-dataset", contract: "datasetRegistry", data }));
    ctx.outbox.poke();
    await ctx.outbox.wait(key, REGISTRATION_PATIENCE_MS);
    ctx.chain.invalidate();
    return id;
  }

  async function list(): Promise<DatasetView[]> {
    const [me, members, datasets] = await Promise.all([ctx.chain.me(), ctx.chain.members(), ctx.chain.datasets()]);
    return Promise.all(
      datasets.map(async (dataset) => {
        const [commitment, price] = await Promise.all([
          ctx.chain.latestCommitment(dataset.id),
          ctx.chain.priceOf(dataset.id),
        ]);
        return {
          id: dataset.id,
          holder: members.find(({ id }) => id === dataset.holder)?.name ?? String(dataset.holder),
          label: dataset.label,
          categories: dataset.categories,
          mine: dataset.holder === me.id,
          latestEpoch: commitment?.epoch ?? 0,
          latestRevision: commitment?.revision ?? 0,
          entryCount: commitment?.entryCount ?? 0,
          price: String(price),
        };
      }),
    );
  }

  return { register, list };
}
