/** A Redis of our own on a random port, where the machine has `redis-server`: as production wants it (AOF, noeviction). */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

import { freePort } from "../../scripts/embedded/ports.ts";
import { stopProcess } from "../../scripts/embedded/process-identity.ts";

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

export function redisIsInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

export async function startTestRedis(): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-test-redis-"));
  const port = await freePort();
  const options = {
    port,
    bind: "127.0.0.1",
    dir: directory,
    appendonly: "yes",
    save: "",
    "maxmemory-policy": "noeviction",
  };
  const child = spawn(
    "redis-server",
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: "ignore" },
  );
  const url = `redis://127.0.0.1:${String(port)}`;
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  await client.ping();
  client.disconnect();
  return {
    url,
    async stop() {
      if (child.pid !== undefined) await stopProcess(child.pid, [{ signal: "SIGTERM", patienceMs: 10_000 }]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
