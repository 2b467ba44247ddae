/** A member's relayer as a program: `node relayer/main.ts`, settings from the environment. */
import { randomBytes } from "node:crypto";

import { isFault } from "../protocol/errors/fault.ts";
import { loadConfig } from "./config/config.ts";
import { createLogger } from "./logging/logger.ts";
import { startNode, type RelayerNode } from "./node.ts";

const config = (() => {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!isFault(error)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${error.remedy("en")}\n`);
    process.exit(2);
  }
})();
const log = createLogger(config);

let node: RelayerNode | undefined;
let stopping = false;

async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ reason }, "stopping");
  await node?.close();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void stop(signal));
// Started by another program (the demo network), a relayer does not outlive it.
if (process.channel !== undefined) process.once("disconnect", () => void stop("the launcher is gone"));

process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "unhandled rejection");
  process.exit(1);
});

try {
  node = await startNode(config, log, (length) => new Uint8Array(randomBytes(length)));
  if (stopping) await node.close();
} catch (error) {
  const code = isFault(error) ? error.code : "INTERNAL";
  log.fatal({ err: error, code }, "the relayer did not start");
  process.exit(1);
}
