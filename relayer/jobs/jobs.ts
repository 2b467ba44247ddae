/**
 * What the relayer asks of a queue. The store is the truth: a job only says "look again at the row with this id", so a
 * lost job costs a sweep and a repeated one costs a look. Payloads carry ids only, never a person's data.
 */
export const JOB_NAMES = [
  "import",
  "publish",
  "mirror",
  "query",
  "anchor",
  "settle",
  "audit",
  "statistics",
  "edition",
  "chain",
  "rounds",
  "heartbeat",
] as const;

export type JobName = (typeof JOB_NAMES)[number];

export interface JobData {
  readonly id: string;
}

export interface EnqueueOptions {
  /** A job of the same name and id that still waits or runs is not added again. */
  readonly jobId?: string;
  readonly delayMs?: number;
}

export interface ProcessOptions {
  /** Jobs of this name at once in this process; 1 unless given. */
  readonly concurrency?: number;
  /** Runs before a failing job is given up; 8 unless given. */
  readonly attempts?: number;
  /** First wait between runs, doubled each time; 500 ms unless given. */
  readonly backoffMs?: number;
}

/** A handler may run again at any time (at-least-once): it must be idempotent. A 4xx Fault it throws is not retried. */
export type JobHandler = (data: JobData, progress: (fraction: number) => Promise<void>) => Promise<void>;

export interface Jobs {
  enqueue(name: JobName, data: JobData, options?: EnqueueOptions): Promise<void>;
  /** Registers the one handler of a name; before `start`. */
  process(name: JobName, handler: JobHandler, options?: ProcessOptions): void;
  /** Runs the job `id` of this name every `ms` milliseconds, once over all processes of this relayer. */
  every(name: JobName, id: string, ms: number): Promise<void>;
  /** Re-adds what the store says is unfinished: run at start and periodically, it repairs a queue that lost its data. */
  sweep(name: JobName, unfinished: () => Promise<readonly string[]>): Promise<number>;
  /** True when the queue's backend answers. */
  healthy(): Promise<boolean>;
  start(): Promise<void>;
  /** Lets running jobs finish, then disconnects. */
  close(): Promise<void>;
}
