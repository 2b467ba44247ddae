/** The demo's sample data: made once for a state directory, and brought in once. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Expectations } from "../../sample-data/expectations.ts";
import { generateSampleData } from "../../sample-data/generate.ts";
import type { Network } from "../network.ts";
import { PARTIES } from "../parties.ts";
import type { Terminal } from "../progress.ts";
import { importSample } from "./import-sample.ts";
import { publishAll } from "./publish.ts";
import { waitForMirrors } from "./mirrors.ts";

export interface LoadOptions {
  readonly network: Network;
  readonly seed: number;
  readonly subjectsPerMember: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Everything until queries can be asked. @returns what they must answer. */
export async function loadSample(options: LoadOptions): Promise<Expectations> {
  const { network, subjectsPerMember, terminal, signal } = options;
  const loaded = readLoaded(network.state.sample);
  const expectations = loaded ?? (await generateAndImport(options));
  const publishing = terminal.stage("Sealing and publishing tables");
  const published = await publishAll({ network, subjectsPerMember, signal, progress: publishing.update });
  publishing.done(published === 0 ? "there already" : `${published} commitments on chain`);
  const mirroring = terminal.stage("Mirroring each other's tables");
  const mirrored = await waitForMirrors({ network, subjectsPerMember, signal, progress: mirroring.update });
  mirroring.done(`${mirrored} verified copies`);
  return expectations;
}

async function generateAndImport(options: LoadOptions): Promise<Expectations> {
  const { network, terminal, signal, seed, subjectsPerMember } = options;
  const outDir = network.state.sample;
  const generating = terminal.stage("Writing the firms' sample files");
  const firms = PARTIES.filter(({ kind }) => kind === "SecuritiesFirm").map(({ name }) => name);
  const { files, expectations } = await generateSampleData({ seed, members: firms, subjectsPerMember, outDir });
  generating.done(`${firms.length} firms with ${subjectsPerMember} subjects each, and the Association`);
  const importing = terminal.stage("Importing records and authorisations");
  await importSample({
    members: network.members,
    files,
    subjectsPerMember,
    signal,
    progress: importing.update,
  });
  importing.done();
  writeFileSync(loadedFile(outDir), `${JSON.stringify(expectations)}\n`, { flush: true });
  return expectations;
}

/** Written last: without it the import is repeated, which changes nothing that is there. */
function loadedFile(directory: string): string {
  return join(directory, "loaded.json");
}

function readLoaded(directory: string): Expectations | undefined {
  try {
    return JSON.parse(readFileSync(loadedFile(directory), "utf8")) as Expectations;
  } catch {
    return undefined;
  }
}
