/**
 * One contribution in a process of its own, so that its peak of memory is the contribution's: reads a ContributionRun as JSON
 * from its argument, writes a ContributionResult as JSON to stdout. Steps and files are the relayer's; the three nodes are in a
 * process on the same machine, so all their work is in the time as well; the channel and the network are not.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { contributionKey } from "../../protocol/aggregate/elgamal.ts";
import { utf8 } from "../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../protocol/group/ristretto255.ts";
import { createStepRunner } from "../../relayer/aggregate-pool/step-runner.ts";
import { createOprfPool } from "../../relayer/oprf-pool/pool.ts";
import { createOwnRows, makeRows, wantedBatches } from "../../relayer/services/editions/own-rows.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import type { NodesReply, NodesRequest } from "./contribution-nodes.ts";
import { dealtKey } from "../dealt-key.ts";

export interface ContributionRun {
  readonly subjects: number;
}

export interface ContributionResult {
  readonly rows: number;
  readonly evaluateMs: number;
  readonly encryptMs: number;
  /** All threads, the nodes' included. */
  readonly cpuMs: number;
  readonly peakBytes: number;
}

const [THRESHOLD, NODES] = [3, 5];
const LEAST_ROWS = 16;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Answers in the order of the questions. */
function startNodes() {
  const child = fork(new URL("contribution-nodes.ts", import.meta.url), { serialization: "advanced" });
  return {
    ask: (request: NodesRequest) =>
      new Promise<NodesReply>((resolve) => {
        child.once("message", resolve as (reply: unknown) => void);
        child.send(request);
      }),
    close() {
      child.disconnect();
    },
  };
}

async function run({ subjects }: ContributionRun): Promise<ContributionResult> {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-bench-"));
  const own = createOprfPool(random);
  const { keys, shares } = dealtKey(THRESHOLD, NODES, random);
  const nodes = startNodes();
  const asked = shares.slice(0, THRESHOLD);
  const steps = createStepRunner();
  try {
    const columnKeys = { encryption: random(16), authentication: random(32), index: random(32) };
    const summaries = new Map(
      Array.from({ length: subjects }, (_, index) => [
        `cn-resident-id:${String(index).padStart(18, "0")}`,
        { counts: { B1: 1, C2: index % 3 }, overdueFen: 1_000_000 + index },
      ]),
    );
    const place = { directory: join(directory, "own"), context: "bench", keys: columnKeys };
    const files = createOwnRows(place.directory, createColumnCipher(columnKeys, random), place.context);
    const before = await nodes.ask({ keys, shares: asked });
    const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
    const { rows: count } = files.write(makeRows(summaries, LEAST_ROWS, [], random));
    let batch = 0;
    for (const rows of wantedBatches(files.read())) {
      const inputs = rows.map(({ input }) => input);
      const blinded = await own.run({ kind: "blind", inputs });
      files.begin(batch, blinded);
      const { answers } = await nodes.ask({ keys, shares: asked, elements: blinded.elements });
      const { elements } = await own.run({
        ...{ kind: "combine" as const, use: "evaluation" as const },
        ...{ keys, elements: blinded.elements, answers },
      });
      const { outputs } = await own.run({ kind: "unblind", inputs, blinds: blinded.blinds, evaluated: elements });
      files.keep(batch, outputs);
      batch += 1;
    }
    const evaluated = performance.now();
    const path = join(directory, "contribution");
    const layer = ristretto255.hashToElement(random(64), utf8("bench"));
    const made = await steps.run({
      kind: "encrypt",
      terms: {
        ...{ edition: 1, leastContributors: 3, leastRows: LEAST_ROWS },
        contributionKey: contributionKey(keys.publicKey, layer),
      },
      contributor: 1,
      own: { ...place, rows: count },
      seed: random(32),
      path,
    });
    const used = process.cpuUsage(cpu);
    const { cpuMs } = await nodes.ask({ keys, shares: asked });
    return {
      rows: made.rows,
      evaluateMs: evaluated - startedAt,
      encryptMs: performance.now() - evaluated,
      cpuMs: (used.user + used.system) / 1000 + cpuMs - before.cpuMs,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    nodes.close();
    await Promise.all([own, steps].map((each) => each.close()));
    rmSync(directory, { recursive: true, force: true });
  }
}

process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[2] ?? "") as ContributionRun)));
