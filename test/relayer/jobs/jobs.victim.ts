/** A worker process that says what it works on and never finishes: jobs.behaviour.ts kills it. */
import { pino } from "pino";

import { createJobs } from "../../../relayer/jobs/create-jobs.ts";

const options = JSON.parse(process.env["VICTIM"] ?? "{}") as { databaseUrl: string; redisUrl?: string; name: string };
const jobs = await createJobs({
  databaseUrl: options.databaseUrl,
  redisUrl: options.redisUrl,
  name: options.name,
  log: pino({ level: "silent" }),
  lockDurationMs: 1_000,
});
jobs.process("query", async ({ id }) => {
  process.send?.(id);
  await new Promise(() => undefined);
});
await jobs.start();
