/**
 * The overall picture as a firm's system asks for it: POST /v1/queries with mode aggregate and `Prefer: wait`, one subject, three
 * of five algorithm nodes evaluate, locate and decrypt, all relayers, PostgreSQL and the chain on this machine.
 */
import { waitForFirstEdition } from "../../scripts/network/load/first-edition.ts";
import type { Network } from "../../scripts/network/network.ts";
import type { Expectations } from "../../scripts/sample-data/expectations.ts";
import { ask, withNetwork } from "../network.ts";
import { median, quantile } from "../rounds.ts";
import type { Measurement, Section } from "../section.ts";

const SUBJECTS = 200;
/** V8 compiles, nodes agree on channels, the querier builds its table for decoding. */
const WARM_UP = 100;
const QUERIES = 200;

export const picture: Section = {
  name: "picture",
  title: "An overall picture over HTTP: 1 subject, 3 of 5 nodes, everything on one machine",
  async run(say) {
    return await withNetwork(SUBJECTS, say, async (network, demo) => {
      const startedAt = performance.now();
      const edition = await waitForFirstEdition({
        ...{ network, subjectsPerMember: SUBJECTS, signal: new AbortController().signal },
        progress: (fraction) => say(`first edition: ${String(Math.round(fraction * 100))} %`),
      });
      const editionMs = performance.now() - startedAt;
      const { all, present, absent } = await askMany(network, demo, say);
      return [
        { name: "picture of one subject, p50", value: median(all), unit: "ms", goal: { atMost: 100 } },
        { name: "picture of one subject, p95", value: quantile(all, 0.95), unit: "ms" },
        {
          name: "p50 of one who is known against one who is not",
          value: median(present) / median(absent),
          unit: "x",
          note: "what nodes see is the same; the querier decodes sums of the first",
        },
        {
          name: "edition after the tables were published",
          value: editionMs / 1_000,
          unit: "s",
          note: `${String(edition.contributors)} contributors, ${String(edition.rows)} rows, all five relayers at once`,
        },
      ] satisfies Measurement[];
    });
  },
};

async function askMany(network: Network, demo: Expectations["demo"], say: (text: string) => void) {
  const own = demo.filter(({ querier }) => querier === "alpha");
  const [all, present, absent]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < WARM_UP + QUERIES; i += 1) {
    const subject = own[i % own.length];
    if (subject === undefined) throw new RangeError("the sample has no subject for alpha");
    const startedAt = performance.now();
    const view = await ask(network.member("alpha"), [subject], { mode: "aggregate" });
    const elapsed = performance.now() - startedAt;
    const outcome = view.subjects[0]?.picture?.outcome;
    if (view.state !== "answered" || outcome === undefined) throw new Error(`a picture was ${view.state}`);
    if (i % 20 === 0) say(`picture ${String(i)} of ${String(WARM_UP + QUERIES)}`);
    if (i < WARM_UP) continue;
    all.push(elapsed);
    (outcome === "found" ? present : absent).push(elapsed);
  }
  return { all, present, absent };
}
