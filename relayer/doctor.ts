/** What is wrong with a relayer's configuration or surroundings, in words. Changes nothing. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";

import { JsonRpcProvider } from "ethers";
import { Redis } from "ioredis";
import { sql } from "kysely";

import { isFault, type Language } from "../protocol/errors/fault.ts";
import { createChainView } from "./chain/create-chain-view.ts";
import { readDeployment } from "./chain/deployment.ts";
import { createOperatorKey } from "./chain/operator-key.ts";
import type { Config } from "./config/config.ts";
import { createKeyStore } from "./keys/key-store.ts";
import { examineIdentity } from "./services/channel/examine-identity.ts";
import { createAuditLog } from "./store/audit-log.ts";
import { openDatabase } from "./store/database.ts";
import { migrations } from "./store/migrations.ts";

export interface Finding {
  readonly subject: string;
  readonly ok: boolean;
  /** What was found; what to do about it when it is not well. */
  readonly remark: string;
}

export async function examine(config: Config, language: Language): Promise<Finding[]> {
  const findings: Finding[] = [];
  const look = async (subject: string, examination: () => Promise<string>): Promise<void> => {
    try {
      findings.push({ subject, ok: true, remark: await examination() });
    } catch (error) {
      findings.push({ subject, ok: false, remark: inWords(error, language) });
    }
  };
  await look("database", () => examineDatabase(config));
  await look("queue", () => examineQueue(config));
  await look("chain", () => examineChain(config));
  await look("keys", () => examineKeys(config));
  await look("identity", () => identityOf(config));
  await look("data", async () => {
    await access(config.dataDir, constants.W_OK);
    return "the data directory can be written";
  });
  return findings;
}

function inWords(error: unknown, language: Language): string {
  if (isFault(error)) return `${error.title(language)}. ${error.remedy(language)}`;
  if (!(error instanceof Error)) return "unknown";
  // A refused connection has a code, but over two address families no message.
  return error.message === "" ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}

async function examineDatabase({ databaseUrl }: Config): Promise<string> {
  const db = openDatabase(databaseUrl, { max: 1 });
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    const missing = Object.keys(migrations).filter((name) => !rows.some((row) => row.name === name));
    if (missing.length > 0) throw new Error("migrations are missing; the relayer applies them when it starts");
    const unused = createAuditLog(
      db,
      () => new Date(),
      () => new Uint8Array(),
    );
    const { sequence } = await unused.verify();
    return `migrated; the audit log holds together over ${String(sequence)} entries`;
  } finally {
    await db.destroy();
  }
}

async function examineQueue({ redisUrl }: Config): Promise<string> {
  if (redisUrl === undefined) return "on PostgreSQL";
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  redis.on("error", () => undefined);
  try {
    const setting = async (name: string): Promise<string> => (await redis.config("GET", name))[1] ?? "";
    if ((await setting("maxmemory-policy")) !== "noeviction") {
      throw new Error("Redis may drop jobs: set maxmemory-policy to noeviction");
    }
    if ((await setting("appendonly")) !== "yes") throw new Error("Redis forgets jobs: set appendonly to yes");
    return "on Redis, with what it needs";
  } finally {
    redis.disconnect();
  }
}

async function examineChain({ rpcUrl, deploymentFile }: Config): Promise<string> {
  const deployment = await readDeployment(deploymentFile);
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true });
  try {
    const chainId = Number(await provider.send("eth_chainId", []));
    if (chainId !== deployment.chainId) {
      throw new Error(`the node serves chain ${String(chainId)}, the deployment is on ${String(deployment.chainId)}`);
    }
    if ((await provider.getCode(deployment.addresses.queryLedger)) === "0x") {
      throw new Error("there is no contract at the deployment's addresses: it belongs to another state of this chain");
    }
    return `chain ${String(chainId)}, contracts in place`;
  } finally {
    provider.destroy();
  }
}

async function identityOf({ rpcUrl, deploymentFile, keyDir, certificateFile, trustDir }: Config): Promise<string> {
  const deployment = await readDeployment(deploymentFile);
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true });
  try {
    const keys = createKeyStore(keyDir, () => {
      throw new Error("there is no operator key yet; the relayer makes it when it starts");
    });
    const operator = createOperatorKey(await keys.operatorKey()).address;
    const clock = (): Date => new Date();
    const chain = createChainView({ provider, deployment, operator, clock });
    const at = clock().getTime() / 1000;
    const { digest, soon } = await examineIdentity({ certificateFile, trustDir, keys, chain, at });
    if (soon.includes("list"))
      throw new Error("a revocation list ends in less than two days: get the authority's next one");
    if (soon.includes("certificate"))
      throw new Error("the certificate ends in less than a month: have the next one issued");
    return `certificate ${digest.slice(0, 10)}... has its key, is in force and stands on chain`;
  } finally {
    provider.destroy();
  }
}

async function examineKeys({ keyDir, dataDir }: Config): Promise<string> {
  const { mode } = await stat(keyDir);
  if ((mode & 0o077) !== 0) throw new Error("other accounts may enter the key directory: chmod 700 it");
  const inside = relative(dataDir, keyDir);
  if (!isAbsolute(inside) && !inside.startsWith("..")) {
    throw new Error("the keys lie in the data directory: they would be backed up, and stolen, together");
  }
  return "the key directory is the relayer's alone";
}
