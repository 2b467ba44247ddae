/**
 * `npm start`: the demo network on this machine. Brings everything up, loads the sample data, tells the story of one
 * private query and of one overall picture, and stays up until Ctrl-C. See options.ts for the command line.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { Fault, isFault, type Language } from "../../protocol/errors/fault.ts";
import { loadSample } from "./load/sample.ts";
import { startNetwork, type Network } from "./network.ts";
import { readOptions, USAGE, type StartOptions } from "./options.ts";
import { createTerminal, type Stage, type Terminal } from "./progress.ts";
import { interruption } from "./signals.ts";
import { tellPicture } from "./story/picture.ts";
import { tellStory } from "./story/tell.ts";
import { showAddresses } from "./story/addresses.ts";

/** Subjects a firm; of more, five parties' encrypted tables take one machine many minutes. */
const MOST_WAITED_FOR = 1_000;
const STAGE_OF_LARGE_TABLES = 7_200;
const ROOT = resolve(import.meta.dirname, "../..");
const terminal = createTerminal(process.stdout);
const interrupted = interruption();
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env, ROOT);
    if (options.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await run(options);
  } catch (error) {
    terminal.interrupt();
    if (interrupted.signal.aborted) {
      terminal.line(`\nInterrupted (${interrupted.by()}). Everything is stopped.`);
      return 130;
    }
    explain(error, terminal);
    return 1;
  }
}

async function run(options: StartOptions): Promise<number> {
  const { signal } = interrupted;
  terminal.line(`RiskVeil: the Association and four firms on this machine (state: ${options.stateDir})`);
  const startedAt = performance.now();
  const network = await bringUp(options, signal);
  try {
    const stopAt = AbortSignal.any([signal, brokenSignal(network)]);
    const { seed, subjectsPerMember } = options;
    const { demo } = await loadSample({ network, seed, subjectsPerMember, terminal, signal: stopAt });
    const asked = await tellStory({ network, demo, terminal, signal: stopAt });
    const telling = { network, querier: "alpha", subjects: asked, subjectsPerMember, terminal, signal: stopAt };
    if (subjectsPerMember <= MOST_WAITED_FOR) await tellPicture(telling);
    else
      terminal.line(
        `\nThe overall picture of ${subjectsPerMember} subjects a firm is made meanwhile: ask with "mode": "aggregate" later.`,
      );
    terminal.line();
    const after = `after ${Math.round((performance.now() - startedAt) / 1000)} s`;
    terminal.line(options.once ? `Answered and verified ${after}; without --once it stays up.` : `Ready ${after}.`);
    if (options.once) return 0;
    showAddresses(network, asked, terminal);
    return await stayUp(network, signal);
  } finally {
    terminal.interrupt();
    const stopping = terminal.stage("Stopping relayers, chain and database");
    await network.stop();
    stopping.done();
  }
}

async function bringUp(options: StartOptions, signal: AbortSignal): Promise<Network> {
  let current: Stage | undefined;
  const notes: string[] = [];
  const step = (title: string): void => {
    current?.done();
    current = terminal.stage(title);
  };
  try {
    const { stateDir, ports, fresh } = options;
    const network = await startNetwork({
      ...{ stateDir, ports, fresh, signal, step },
      log: (line) => notes.push(line),
      ...(options.subjectsPerMember > MOST_WAITED_FOR ? { editionStage: STAGE_OF_LARGE_TABLES } : {}),
    });
    current?.done();
    if (!network.isNew) terminal.line("  The network is back with what it had.");
    return network;
  } catch (error) {
    // What the parts said on the way helps only when something went wrong.
    terminal.interrupt();
    if (!signal.aborted) for (const note of notes) terminal.line(`    ${note}`);
    throw error;
  }
}

/** Aborts when a part ends by itself: whatever waits for it would wait in vain. */
function brokenSignal(network: Network): AbortSignal {
  const controller = new AbortController();
  void network.broken.then((what) => {
    controller.abort(new Fault("WORK_FAILED", { name: "network", work: "running", reason: what }));
  });
  return controller.signal;
}

async function stayUp(network: Network, signal: AbortSignal): Promise<number> {
  const ended = new Promise<undefined>((done) => {
    signal.addEventListener("abort", () => done(undefined), { once: true });
    if (signal.aborted) done(undefined);
  });
  const broken = await Promise.race([network.broken, ended]);
  terminal.line();
  if (broken === undefined) return 0;
  terminal.line(`The network is broken: ${broken}.`);
  return 1;
}

function explain(error: unknown, to: Terminal): void {
  // An abort carries what it was aborted for.
  const cause = error instanceof Error && error.name === "AbortError" ? (error.cause ?? error) : error;
  if (!isFault(cause)) {
    to.line(`\n${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    return;
  }
  const language: Language = /^zh/i.test(process.env["LC_ALL"] ?? process.env["LANG"] ?? "") ? "zh" : "en";
  to.line(`\n${cause.code}: ${cause.title(language)}`);
  to.line(cause.remedy(language));
  const { log } = cause.values;
  if (typeof log === "string") for (const line of lastLines(log)) to.line(`  | ${line}`);
}

function lastLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-8);
  } catch {
    return [];
  }
}
