/**
 * `npm run dev [-- NAME]`: one relayer (alpha unless named) in this terminal, restarted whenever a source changes, with
 * database, chain and contracts around it. Its state is its own (.riskveil-dev), so a network of `npm start` keeps its data.
 */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

import pretty from "pino-pretty";

import { isFault } from "../../protocol/errors/fault.ts";
import { memberUrl, startInfrastructure } from "../network/infrastructure.ts";
import { PARTIES } from "../network/parties.ts";
import { planPorts } from "../network/port-plan.ts";
import { interruption } from "../network/signals.ts";
import { migrate, openDatabase } from "../../relayer/store/database.ts";
import { obtainTokens } from "../network/token-file.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const { signal } = interruption();
process.exitCode = await main(process.argv[2] ?? "alpha");

async function main(wanted: string): Promise<number> {
  const party = PARTIES.find(({ name }) => name === wanted);
  if (party === undefined) {
    console.error(`No party ${wanted}. There are: ${PARTIES.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  const stateDir = process.env["RISKVEIL_STATE_DIR"] ?? join(ROOT, ".riskveil-dev");
  const ports = planPorts(process.env);
  try {
    const infrastructure = await startInfrastructure({ stateDir, ports, signal, step: (title) => console.log(title) });
    try {
      const settings = await infrastructure.settingsOf(party.name);
      const tokens = infrastructure.state.party(party.name).tokens;
      const db = openDatabase(settings["DATABASE_URL"] ?? "", { max: 1 });
      await migrate(db).finally(() => db.destroy());
      await obtainTokens(tokens, settings["DATABASE_URL"] ?? "");
      console.log(`${party.title}: ${memberUrl(ports, party.name)}/docs, tokens in ${tokens}\n`);
      return await watch(settings);
    } finally {
      await infrastructure.undo.run();
    }
  } catch (error) {
    if (signal.aborted) return 130;
    if (!isFault(error)) throw error;
    console.error(`${error.code}: ${error.title("en")}\n${error.remedy("en")}`);
    return 1;
  }
}

/** Node's own watching: it follows every import. Resolves when it ends, or at Ctrl-C. */
function watch(settings: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--watch", "--watch-preserve-output", "relayer/main.ts"], {
      cwd: ROOT,
      env: { RISKVEIL_LOG_LEVEL: "debug", ...process.env, ...settings },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const readable = pretty({ colorize: process.stdout.isTTY, ignore: "pid,hostname" });
    child.stdout.pipe(readable);
    const stop = (): void => {
      child.kill("SIGTERM");
    };
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    child.once("error", fail);
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      done(signal.aborted ? 0 : (code ?? 1));
    });
  });
}
