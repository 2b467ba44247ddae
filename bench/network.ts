/** A whole network for one section of the bench, and what a firm's system sends to it. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { QueryView } from "../relayer/services/query/query-view.ts";
import { forgetPostgres } from "../scripts/embedded/postgres.ts";
import { loadSample } from "../scripts/network/load/sample.ts";
import { startNetwork, type Member, type Network } from "../scripts/network/network.ts";
import { planFreePorts } from "../scripts/network/port-plan.ts";
import { createTerminal } from "../scripts/network/progress.ts";
import type { Expectations } from "../scripts/sample-data/expectations.ts";
import { createIdentities } from "../scripts/sample-data/identity.ts";
import { createPrng } from "../scripts/sample-data/prng.ts";

export const SEED = 20_250_101;

export interface AskedSubject {
  readonly scheme: string;
  readonly number: string;
  readonly authorisation: string;
}

/** Starts a network with sample data, and leaves nothing of it behind. */
export async function withNetwork<T>(
  subjectsPerMember: number,
  say: (text: string) => void,
  use: (network: Network, demo: Expectations["demo"]) => Promise<T>,
): Promise<T> {
  const stateDir = mkdtempSync(join(tmpdir(), "riskveil-bench-"));
  const signal = new AbortController().signal;
  say(`network with tables of ${subjectsPerMember.toLocaleString("en-GB")} subjects: starting, importing, publishing`);
  const network = await startNetwork({ stateDir, ports: await planFreePorts(), fresh: true, durable: true });
  const release = stopWhenInterrupted(network);
  try {
    const terminal = createTerminal(process.stderr);
    const { demo } = await loadSample({ network, seed: SEED, subjectsPerMember, terminal, signal });
    return await use(network, demo);
  } finally {
    release();
    await network.stop();
    // Its data may lie elsewhere, where the server's account can reach it.
    await forgetPostgres(network.state.postgres, say);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Ctrl-C leaves no database and no chain behind. Returns what takes the listeners away again. */
function stopWhenInterrupted(network: Network): () => void {
  const stop = (): void => {
    void network.stop().finally(() => process.exit(130));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/** One query, held until it is answered. @param demand what is beside the subjects */
export async function ask(
  member: Member,
  subjects: readonly AskedSubject[],
  demand: Readonly<Record<string, unknown>>,
): Promise<QueryView> {
  const response = await fetch(`${member.client.url}/v1/queries`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${member.tokens.credit_officer}`,
      "content-type": "application/json",
      prefer: "wait=30",
    },
    body: JSON.stringify({
      subjects: subjects.map(({ scheme, number, authorisation }) => ({ scheme, number, authorisation })),
      purpose: "CREDIT_GRANTING",
      ...demand,
    }),
  });
  const answer = (await response.json()) as { query?: QueryView; code?: string };
  if (!response.ok || answer.query === undefined)
    throw new Error(`refused: ${String(response.status)} ${answer.code ?? ""}`);
  return answer.query;
}

/** Imports authorisations to query `count` invented investors whom nobody has a record of. */
export async function authoriseMany(member: Member, count: number): Promise<AskedSubject[]> {
  const next = createIdentities(createPrng(SEED + 1));
  const subjects = Array.from({ length: count }, (_, i) => ({
    scheme: "cn-resident-id",
    number: next(),
    authorisation: `BENCH-${String(i)}`,
  }));
  const header =
    "authorisation_id,document_type,document_number,instrument,document_sm3,scope,purposes,signed_on,valid_until,cohort,notice_date,notice_means";
  const lines = subjects.map(({ scheme, number, authorisation }) => {
    const digest = createHash("sm3").update(randomBytes(32)).digest("hex");
    return `${authorisation},${scheme},${number},MARGIN_AGREEMENT,${digest},query,CREDIT_GRANTING,2024-01-26,,incremental,2024-01-26,app`;
  });
  const file = Buffer.from([header, ...lines].join("\n"));
  const { id } = (await member.client.upload("data_officer", "/v1/imports/authorisations", file)) as { id: string };
  for (;;) {
    const { state } = (await member.client.get("data_officer", `/v1/imports/${id}`)) as { state: string };
    if (state === "done") return subjects;
    if (state === "refused" || state === "failed") throw new Error(`the authorisations were ${state}`);
    await pause(100);
  }
}
