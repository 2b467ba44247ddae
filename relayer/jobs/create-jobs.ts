/** Jobs on BullMQ, over PostgreSQL or Redis alike. */
import { UnrecoverableError, type JobsOptions, type Queue, type Worker } from "bullmq";
import type { Logger } from "pino";

import { isFault } from "../../protocol/errors/fault.ts";
import { openBackend } from "./backend.ts";
import type { EnqueueOptions, JobData, JobHandler, JobName, Jobs, ProcessOptions } from "./jobs.ts";

export interface JobsConfig {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  /** Name of the relayer: keeps those that share a Redis apart. */
  readonly name: string;
  readonly log: Logger;
  /** How long a silent worker's job is left alone before it runs again; 30 s unless given. */
  readonly lockDurationMs?: number;
}

const ATTEMPTS = 8;
const BACKOFF_MS = 500;
const LOCK_MS = 30_000;
/** Longest that a caller waits for a queue that does not answer. */
const ENQUEUE_PATIENCE_MS = 5_000;
/** Failed jobs kept for inspection; what failed and why is in the log and the store. */
const FAILED_KEPT = 100;

export async function createJobs(config: JobsConfig): Promise<Jobs> {
  const { log } = config;
  const onError = (error: Error): void => {
    log.warn({ err: error }, "job queue: connection trouble");
  };
  const backend = await openBackend({ ...config, prefix: `riskveil:${config.name}`, onError });
  const queues = new Map<JobName, Queue<JobData>>();
  const handlers = new Map<JobName, { handler: JobHandler; options: ProcessOptions }>();
  const workers: Worker<JobData>[] = [];
  let closing: Promise<void> | undefined;

  function queueOf(name: JobName): Queue<JobData> {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = backend.queue(name);
    queue.on("error", onError);
    queues.set(name, queue);
    return queue;
  }

  function retrying(name: JobName): JobsOptions {
    const { attempts = ATTEMPTS, backoffMs = BACKOFF_MS } = handlers.get(name)?.options ?? {};
    return {
      attempts,
      backoff: { type: "exponential", delay: backoffMs },
      removeOnComplete: true,
      removeOnFail: { count: FAILED_KEPT },
    };
  }

  async function add(name: JobName, data: JobData, { jobId, delayMs = 0 }: EnqueueOptions): Promise<void> {
    const once: JobsOptions =
      jobId === undefined
        ? {}
        : // Asked for while it runs, it runs once more: what it has already read may be old. Asked for while it waits out a
          // delay, it runs at the new time.
          { deduplication: { id: jobId, keepLastIfActive: true, reschedule: delayMs === 0 } };
    await queueOf(name).add(name, { id: data.id }, { ...retrying(name), ...once, delay: delayMs });
  }

  async function enqueue(name: JobName, data: JobData, options: EnqueueOptions = {}): Promise<void> {
    try {
      await within(ENQUEUE_PATIENCE_MS, add(name, data, options));
    } catch (error) {
      // The row is in the store, and the sweep finds it: the caller's work is safe and must not be undone.
      log.warn({ err: error, job: name, id: data.id }, "job queue does not answer; the sweep will add the job");
    }
  }

  return {
    enqueue,

    process(name, handler, options = {}) {
      handlers.set(name, { handler, options });
    },

    async every(name, id, ms) {
      await queueOf(name).upsertJobScheduler(id, { every: ms }, { name, data: { id }, opts: retrying(name) });
    },

    async sweep(name, unfinished) {
      const ids = await unfinished();
      for (const id of ids) await enqueue(name, { id }, { jobId: id });
      return ids.length;
    },

    async healthy() {
      try {
        await within(ENQUEUE_PATIENCE_MS, backend.ping());
        return true;
      } catch {
        return false;
      }
    },

    async start() {
      for (const [name, { handler, options }] of handlers) {
        const worker = backend.worker(
          name,
          async (job) => {
            try {
              await handler({ id: job.data.id }, (fraction) => job.updateProgress(fraction));
            } catch (error) {
              throw reported(error, log, name, job.data.id, job.attemptsMade + 1);
            }
          },
          { concurrency: options.concurrency ?? 1, lockDuration: config.lockDurationMs ?? LOCK_MS },
        );
        worker.on("error", onError);
        workers.push(worker);
        await worker.waitUntilReady();
        void worker.run().catch(onError);
      }
    },

    close() {
      closing ??= (async () => {
        await Promise.all(workers.map((worker) => worker.close()));
        await Promise.all([...queues.values()].map((queue) => queue.close()));
        await backend.close();
      })();
      return closing;
    },
  };
}

/** Statuses of faults that time may cure. */
const PASSING = [408, 425, 429];

/**
 * What the queue stores of a failure is a code: a message may quote data. A fault of the request itself (4xx) stays what it
 * is however often it is tried.
 */
function reported(error: unknown, log: Logger, job: JobName, id: string, attempt: number): Error {
  const permanent = isFault(error) && error.status < 500 && !PASSING.includes(error.status);
  log.warn({ err: error, job, id, attempt }, permanent ? "job failed for good" : "job failed");
  const code = isFault(error) ? error.code : "INTERNAL";
  return permanent ? new UnrecoverableError(code) : new Error(code);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error("no answer in time"));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
