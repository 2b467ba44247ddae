/**
 * Where the queue keeps its jobs. BullMQ on PostgreSQL shares one pool over all queues and workers of a relayer: each worker
 * holds one connection to LISTEN, so the pool is larger than their number.
 */
import {
  createPostgresBackend,
  createRedisBackend,
  Queue,
  runMigrations,
  Worker,
  type ConnectionOptions,
  type Processor,
} from "bullmq";
import { Redis } from "ioredis";

import { openPool } from "../store/database.ts";
import { JOB_NAMES, type JobData, type JobName } from "./jobs.ts";

export interface WorkerSettings {
  readonly concurrency: number;
  /** How long a worker may be silent before its job is taken for lost and run again. */
  readonly lockDuration: number;
}

export interface JobBackend {
  queue(name: JobName): Queue<JobData>;
  worker(name: JobName, processor: Processor<JobData>, settings: WorkerSettings): Worker<JobData>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface BackendOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  /** Keeps relayers that share a Redis apart. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

export async function openBackend(options: BackendOptions): Promise<JobBackend> {
  return options.redisUrl === undefined ? await onPostgres(options) : onRedis(options, options.redisUrl);
}

/** BullMQ's own name for its schema, which it expects of a pool that it is given. */
const SCHEMA = "bullmq";

/** Connections beside those that LISTEN. */
const WORKING_CONNECTIONS = 6;

function workerOptions({ concurrency, lockDuration }: WorkerSettings): object {
  return {
    autorun: false,
    concurrency,
    lockDuration,
    stalledInterval: lockDuration,
    // A job whose process was killed is run again, however often that happens: it is idempotent and the store is the truth.
    maxStalledCount: 1_000,
  };
}

function overBullMq(
  shared: { connection: ConnectionOptions; prefix?: string },
  factory: typeof createRedisBackend,
): Pick<JobBackend, "queue" | "worker"> {
  return {
    queue: (name) => new Queue(name, shared, factory),
    worker: (name, processor, settings) =>
      new Worker<JobData>(name, processor, { ...shared, ...workerOptions(settings) }, factory),
  };
}

async function onPostgres({ databaseUrl, onError }: BackendOptions): Promise<JobBackend> {
  const pool = openPool({
    connectionString: databaseUrl,
    max: JOB_NAMES.length + WORKING_CONNECTIONS,
    options: `-c search_path=${SCHEMA}`,
    keepAlive: true,
    application_name: "riskveil-jobs",
    onConnectionLost: onError,
  });
  // Every queue and every worker listens to the pool they share.
  pool.setMaxListeners(3 * JOB_NAMES.length);
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  // BullMQ declares its classes for Redis unless told at every use; a backend is chosen once, here.
  const factory = createPostgresBackend as unknown as typeof createRedisBackend;
  return {
    ...overBullMq({ connection: pool }, factory),
    async ping() {
      await pool.query("select 1");
    },
    close: () => pool.end(),
  };
}

function onRedis({ prefix, onError }: BackendOptions, url: string): JobBackend {
  // Workers wait for a Redis that went away; null is what BullMQ asks for.
  const redis = new Redis(url, { maxRetriesPerRequest: null });
  redis.on("error", onError);
  // BullMQ's declaration of a client is narrower than the client it documents.
  const connection = redis as unknown as ConnectionOptions;
  return {
    ...overBullMq({ connection, prefix }, createRedisBackend),
    async ping() {
      await redis.ping();
    },
    async close() {
      redis.disconnect();
      await Promise.resolve();
    },
  };
}
