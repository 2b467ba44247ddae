/**
 * Seals a whole table: subjects stream through one or more threads, dummies follow once it is known how many, and one
 * thread puts everything in order of tags and builds the tree. Memory: 24 bytes an entry while they are ordered,
 * and the chunks in flight.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { Scalar } from "../../../protocol/oprf/oprf.ts";
import { firstRevision, nextRevision, type RevisionShape } from "../../../protocol/sealed-table/churn.ts";
import { entryBytes } from "../../../protocol/sealed-table/entry.ts";
import type { PayloadBytes } from "../../../protocol/sealed-table/payload.ts";
import type { TableId } from "../../../protocol/sealed-table/table-id.ts";
import type { TableFiles, TableShape } from "./table-files.ts";
import type { SubjectContent, TableTask } from "./table-tasks.ts";
import { createTableThread, type TableThread } from "./table-thread.ts";

const CHUNK_ENTRIES = 128;
/** Chunks under way in a thread: one that is worked on, one that waits. */
const CHUNKS_IN_FLIGHT = 2;

export interface SealTableOptions {
  readonly suite: number;
  readonly secretKey: Scalar;
  readonly table: TableId;
  readonly payloadBytes: PayloadBytes;
  /** 32 bytes, one for a dataset's epoch. */
  readonly dummySeed: Uint8Array;
  readonly subjects: AsyncIterable<SubjectContent> | Iterable<SubjectContent>;
  /** The table that this one replaces in its epoch. */
  readonly previous?: { readonly path: string; readonly entrySize: number; readonly shape: RevisionShape } | undefined;
  readonly files: TableFiles;
  /** Scratch directory of this sealing, made and removed here. */
  readonly workDirectory: string;
  readonly threads: number;
  /** Entries that will come, for progress only. */
  readonly expected?: number;
  readonly progress?: (fraction: number) => void;
}

export interface SealedTable extends TableShape {
  readonly root: Uint8Array;
  readonly revision: RevisionShape;
}

/**
 * @throws Fault RECORDS_TOO_LARGE, TABLE_TAG_DUPLICATE (one subject twice), TABLE_SUBJECTS_TOO_MANY, SEALING_FAILED;
 * no file is left then.
 */
export async function sealTable(options: SealTableOptions): Promise<SealedTable> {
  mkdirSync(options.workDirectory, { recursive: true, mode: 0o700 });
  const threads = Array.from({ length: Math.max(1, options.threads) }, createTableThread);
  try {
    return await sealOn(threads, options);
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
    rmSync(options.workDirectory, { recursive: true, force: true });
  }
}

async function sealOn(threads: readonly TableThread[], options: SealTableOptions): Promise<SealedTable> {
  const { table, payloadBytes, previous, files } = options;
  const entrySize = entryBytes(payloadBytes);
  const spillPaths = threads.map((_, i) => join(options.workDirectory, `${String(i)}.spill`));
  await Promise.all(
    threads.map((thread, i) =>
      thread.run({
        kind: "open-sealer",
        setup: {
          suite: options.suite,
          secretKey: options.secretKey,
          dataset: table.dataset,
          epoch: table.epoch,
          payloadBytes,
          dummySeed: options.dummySeed,
          spillPath: spillPaths[i] ?? "",
        },
      }),
    ),
  );
  let sealed = 0;
  // Assembling and hashing takes about a tenth of the time.
  const report = (entries: number, of: number) => {
    sealed += entries;
    options.progress?.(Math.min(0.9, (0.9 * sealed) / Math.max(of, 1)));
  };
  const subjects = await distribute(threads, subjectTasks(options.subjects), (entries) => {
    report(entries, options.expected ?? 0);
  });
  const revision = previous ? await reviseOn(threads, previous, subjects) : firstRevision(subjects);
  await distribute(threads, dummyTasks(revision.dummies.start, revision.dummies.end), (entries) => {
    report(entries, revision.entryCount);
  });
  const spills = await Promise.all(
    threads.map(async (thread, i) => {
      const { count = 0 } = await thread.run({ kind: "close-sealer" });
      return { path: spillPaths[i] ?? "", entries: count };
    }),
  );
  const { root } = (await threads[0]?.run({ kind: "assemble", spills, files, entrySize })) ?? {};
  if (!root) throw new Error("the table has no root");
  options.progress?.(1);
  return { root, revision, entryCount: revision.entryCount, entrySize };
}

async function reviseOn(
  threads: readonly TableThread[],
  previous: NonNullable<SealTableOptions["previous"]>,
  subjects: number,
): Promise<RevisionShape> {
  const shape = { entryCount: previous.shape.entryCount, entrySize: previous.entrySize };
  const counts = await Promise.all(
    threads.map((thread) => thread.run({ kind: "count-added", tablePath: previous.path, shape })),
  );
  const added = counts.reduce((sum, { count }) => sum + (count ?? 0), 0);
  return nextRevision(previous.shape, subjects, added);
}

interface Chunk {
  readonly task: TableTask;
  readonly entries: number;
}

/** Gives each chunk to a thread that has room. @returns the number of entries. */
async function distribute(
  threads: readonly TableThread[],
  chunks: AsyncIterable<Chunk> | Iterable<Chunk>,
  report: (entries: number) => void,
): Promise<number> {
  const running = new Map<Promise<void>, TableThread>();
  let failure: unknown;
  let total = 0;
  for await (const { task, entries } of chunks) {
    const load = (thread: TableThread) => [...running.values()].filter((busy) => busy === thread).length;
    while (running.size >= threads.length * CHUNKS_IN_FLIGHT) await Promise.race(running.keys());
    if (failure !== undefined) break;
    const thread = threads.reduce((least, other) => (load(other) < load(least) ? other : least));
    total += entries;
    const done: Promise<void> = thread
      .run(task)
      .then(
        () => {
          report(entries);
        },
        (error: unknown) => {
          failure ??= error;
        },
      )
      .finally(() => running.delete(done));
    running.set(done, thread);
  }
  await Promise.all(running.keys());
  if (failure !== undefined) throw failure as Error;
  return total;
}

async function* subjectTasks(subjects: SealTableOptions["subjects"]): AsyncGenerator<Chunk> {
  let chunk: SubjectContent[] = [];
  for await (const subject of subjects as AsyncIterable<SubjectContent>) {
    chunk.push(subject);
    if (chunk.length < CHUNK_ENTRIES) continue;
    yield { task: { kind: "seal-subjects", subjects: chunk }, entries: chunk.length };
    chunk = [];
  }
  if (chunk.length > 0) yield { task: { kind: "seal-subjects", subjects: chunk }, entries: chunk.length };
}

function* dummyTasks(start: number, end: number): Generator<Chunk> {
  for (let from = start; from < end; from += CHUNK_ENTRIES) {
    const to = Math.min(end, from + CHUNK_ENTRIES);
    yield { task: { kind: "seal-dummies", start: from, end: to }, entries: to - from };
  }
}
