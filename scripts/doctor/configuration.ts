/** A relayer's configuration in this environment: only looked at where there is one. */
import { accessSync, constants } from "node:fs";

import { Redis } from "ioredis";

import { isFault } from "../../protocol/errors/fault.ts";
import { readDeployment } from "../../relayer/chain/deployment.ts";
import { createProvider, requireChain } from "../../relayer/chain/provider.ts";
import { loadConfig, type Config } from "../../relayer/config/config.ts";
import { openPool } from "../../relayer/store/database.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

const PATIENCE_MS = 5_000;
/** A clock that is further off confuses windows, expiry and evidence. */
const CLOCK_TOLERANCE_S = 120;

export async function examineConfiguration(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const redis = environment["REDIS_URL"] ? [await examineRedis(environment["REDIS_URL"])] : [];
  if (environment["RISKVEIL_NAME"] === undefined && environment["DATABASE_URL"] === undefined) {
    return [ok("Configuration", "none here: npm start brings its own"), ...redis];
  }
  let config: Config;
  try {
    config = loadConfig(environment);
  } catch (error) {
    return [fromFault("Configuration", error), ...redis];
  }
  return [
    ok("Configuration", `complete for ${config.name}`),
    await attempt("Database", () => examineDatabase(config.databaseUrl)),
    ...redis,
    await attempt("Chain", () => examineChain(config)),
    directory("Data directory", config.dataDir),
    directory("Key directory", config.keyDir),
  ];
}

async function examineDatabase(url: string): Promise<Finding> {
  const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: PATIENCE_MS });
  try {
    const { rows } = await pool.query<{ version: string }>("select version()");
    return ok("Database", rows[0]?.version.split(" on ")[0] ?? "");
  } finally {
    await pool.end();
  }
}

async function examineRedis(url: string): Promise<Finding> {
  const client = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS,
    retryStrategy: null,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const policy = /maxmemory_policy:(\S+)/.exec(await client.info("memory"))?.[1] ?? "unknown";
    const appendOnly = /aof_enabled:1/.test(await client.info("persistence"));
    const found = `policy ${policy}, append-only file ${appendOnly ? "on" : "off"}`;
    if (policy === "noeviction" && appendOnly) return ok("Redis", found);
    return warning("Redis", found, "Set maxmemory-policy noeviction and appendonly yes: an evicted job is found late.");
  } catch (error) {
    return problem("Redis", (error as Error).message, "Start it, correct REDIS_URL, or unset it to use PostgreSQL.");
  } finally {
    client.disconnect();
  }
}

async function examineChain(config: Config): Promise<Finding> {
  const deployment = await readDeployment(config.deploymentFile);
  const provider = createProvider(config.rpcUrl, deployment.chainId);
  try {
    await requireChain(provider, deployment.chainId);
    if ((await provider.getCode(deployment.addresses.queryLedger)) === "0x") {
      return problem(
        "Chain",
        "has no contract where the deployment file says",
        "Correct RISKVEIL_DEPLOYMENT or RISKVEIL_RPC_URL.",
      );
    }
    const block = await provider.getBlock("latest");
    const behind = Math.round(Date.now() / 1000 - (block?.timestamp ?? 0));
    const found = `chain ${deployment.chainId}, block ${block?.number ?? 0}`;
    if (behind > -CLOCK_TOLERANCE_S) return ok("Chain", found);
    return warning("Chain", `${found}, ${-behind} s ahead of this clock`, "Synchronise this machine's clock.");
  } finally {
    provider.destroy();
  }
}

function directory(what: string, path: string): Finding {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return ok(what, path);
  } catch {
    return warning(what, `${path} is not there or not writable`, "The relayer makes it, if it may.");
  }
}

async function attempt(what: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (error) {
    return fromFault(what, error);
  }
}

function fromFault(what: string, error: unknown): Finding {
  if (isFault(error)) return problem(what, error.title("en"), error.remedy("en"));
  return problem(what, (error as Error).message, "Check that it runs, and its address.");
}
