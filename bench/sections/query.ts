/**
 * A query as a firm's system makes it: POST /v1/queries with `Prefer: wait`, one subject, three holders, all relayers,
 * PostgreSQL and the chain on this machine, nothing simulated. Elapsed time, so a busy machine shows.
 */
import { setTimeout as pause } from "node:timers/promises";

import { createProvider } from "../../relayer/chain/provider.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import type { Network } from "../../scripts/network/network.ts";
import type { Expectations } from "../../scripts/sample-data/expectations.ts";
import { ask, authoriseMany, withNetwork } from "../network.ts";
import { median, quantile } from "../rounds.ts";
import type { Measurement, Section } from "../section.ts";

const SIZES = [10_000, 100_000] as const;
const HOLDERS = ["beta", "gamma", "delta"] as const;
/** A relayer runs for weeks; in its first hundred queries V8 is still compiling it. */
const WARM_UP = 200;
const QUERIES = 300;
/** A batch that fills one batch of leaves, and one that fills a request. */
const BATCHES = [256, 1_000] as const;
/** As the demo network sets it. */
const ANCHOR_WINDOW_MS = 2_000;
const ANCHORED_WITHIN_MS = 60_000;

export const query: Section = {
  name: "query",
  title: "A private query over HTTP: 1 subject, 3 holders, everything on one machine",
  async run(say) {
    const measurements: Measurement[] = [];
    const medians: number[] = [];
    for (const subjects of SIZES) {
      await withNetwork(subjects, say, async (network, demo) => {
        const times = await askMany(network, demo, say);
        medians.push(median(times));
        const name = `tables of ${subjects.toLocaleString("en-GB")}`;
        measurements.push(
          { name: `${name}, p50`, value: median(times), unit: "ms", goal: { atMost: 25 } },
          { name: `${name}, p95`, value: quantile(times, 0.95), unit: "ms" },
        );
        if (subjects === SIZES[0]) measurements.push(...(await askBatches(network, say)));
      });
    }
    const [small = 0, large = 0] = medians;
    measurements.push({
      name: "p50 with ten times the table",
      value: large / small,
      unit: "x",
      goal: { atMost: 1.25 },
      note: "no dependence on the table's size, within noise",
    });
    return measurements;
  },
};

async function askMany(network: Network, demo: Expectations["demo"], say: (text: string) => void): Promise<number[]> {
  const own = demo.filter(({ querier }) => querier === "alpha");
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + QUERIES; i += 1) {
    const subject = own[i % own.length];
    if (subject === undefined) throw new RangeError("the sample has no subject for alpha");
    const startedAt = performance.now();
    const view = await ask(network.member("alpha"), [subject], { holders: HOLDERS });
    const elapsed = performance.now() - startedAt;
    if (view.state !== "answered") throw new Error(`a query was ${view.state}`);
    if (i >= WARM_UP) times.push(elapsed);
    if (i % 20 === 0) say(`query ${String(i)} of ${String(WARM_UP + QUERIES)}`);
  }
  return times;
}

async function askBatches(network: Network, say: (text: string) => void): Promise<Measurement[]> {
  const alpha = network.member("alpha");
  const single = await bytesOfLast(network);
  const subjects = await authoriseMany(alpha, Math.max(...BATCHES));
  const measurements: Measurement[] = [
    {
      name: "body bytes up and down, one subject, a holder",
      value: single,
      unit: "B",
      goal: { atMost: 1_000 },
      note: "with proof, voucher and receipt",
    },
  ];
  // The leaves of what was asked before go into a batch of their own.
  await pause(2 * ANCHOR_WINDOW_MS + 1_000);
  for (const size of BATCHES) {
    say(`batch of ${String(size)}`);
    const view = await ask(alpha, subjects.slice(0, size), { holders: HOLDERS });
    if (!view.subjects.every(({ outcome }) => outcome === "not_found"))
      throw new Error("a batch found what is not there");
  }
  measurements.push({
    name: `body bytes up and down a subject a holder, batch of ${BATCHES[1].toLocaleString("en-GB")}`,
    value: (await bytesOfLast(network)) / BATCHES[1],
    unit: "B",
    goal: { atMost: 160 },
  });
  measurements.push(await gasOfLeaf(network));
  return measurements;
}

/** Bytes received and sent by a holder for the last request, as its own log says. */
async function bytesOfLast(network: Network): Promise<number> {
  const { items } = (await network.member("beta").client.get("auditor", "/v1/peer-log?limit=1")) as {
    items: { bytesReceived: number; bytesSent: number }[];
  };
  const [last] = items;
  if (last === undefined) throw new Error("the holder saw nothing");
  return last.bytesReceived + last.bytesSent;
}

/**
 * Gas of a transaction that anchored 256 leaves or more, a leaf. On a busy machine the holders' answers come apart, and so
 * do their leaves: then there is no batch of exactly 256.
 */
async function gasOfLeaf(network: Network): Promise<Measurement> {
  const provider = createProvider(network.rpcUrl, network.deployment.chainId);
  const until = performance.now() + ANCHORED_WITHIN_MS;
  try {
    const { queryLedger } = connectContracts(network.deployment.addresses, provider);
    for (;;) {
      const events = await queryLedger.queryFilter(queryLedger.filters.LeavesAnchored());
      const full = events.find(({ args }) => args.leaves.length >= BATCHES[0]);
      if (full !== undefined) {
        const receipt = await provider.getTransactionReceipt(full.transactionHash);
        const { length } = full.args.leaves;
        const value = Number(receipt?.gasUsed ?? 0n) / length;
        return { name: `gas a leaf, batch of ${String(length)}`, value, unit: "gas", goal: { atMost: 2_500 } };
      }
      if (performance.now() > until) throw new Error("no large batch of leaves was anchored");
      await pause(250);
    }
  } finally {
    provider.destroy();
  }
}
