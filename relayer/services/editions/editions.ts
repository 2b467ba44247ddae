/**
 * The editions of the consortium table as the rest of the relayer uses them. Each part of the work is a job of its own, so
 * that a long evaluation does not hold up a node's stripping; every job looks at the chain and does what there is to do.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";

import { isFault } from "../../../protocol/errors/fault.ts";
import { createStepRunner } from "../../aggregate-pool/step-runner.ts";
import type { PlatformEvent } from "../../chain/platform-event.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { createAggregator } from "./aggregator.ts";
import type { ConsortiumMirror } from "./consortium-mirror.ts";
import { createContributor } from "./contributor.ts";
import { newestEdition, type EditionContext, type EditionLimits } from "./edition-context.ts";
import { editionDirectory, editionsDirectory } from "./edition-files.ts";
import { createEditionMirrors, KEPT_EDITIONS } from "./edition-mirrors.ts";
import { createEditionSeeds } from "./edition-seeds.ts";
import { createEditionStore, type EditionStore } from "./edition-store.ts";
import { createEditionViews, type EditionViews } from "./edition-view.ts";
import { createEvaluateRows } from "./evaluate-rows.ts";
import { createEvaluationDesk, type EvaluationDesk } from "./evaluation-desk.ts";
import { createRowOpenings, type OpenContributedRow } from "./row-openings.ts";
import { createServedFiles, type ServedFiles } from "./served-files.ts";
import { createStripNode } from "./strip-node.ts";

const PARTS = ["contribute", "aggregate", "strip", "mirror", "clean"] as const;
export type EditionPart = (typeof PARTS)[number];

/** Events of ConsortiumTables after which there may be something to do. */
export const EDITION_EVENTS = [
  "EditionOpened",
  "EditionStageBegun",
  "ContributionPosted",
  "ContributionExcluded",
  "StripSetChosen",
  "StripSharesPosted",
  "StripRefused",
  "EditionPublished",
  "EditionAbandoned",
] as const;

const DEFAULT_LIMITS: EditionLimits = { idleMs: 30_000, fruitlessTries: 3, turnMs: 600_000 };

export interface EditionsContext extends Omit<EditionContext, "steps" | "limits" | "stop"> {
  readonly audit: Pick<AuditLog, "append">;
}

export interface Editions {
  readonly desk: EvaluationDesk;
  readonly files: ServedFiles;
  readonly mirror: ConsortiumMirror;
  readonly store: EditionStore;
  readonly views: EditionViews;
  readonly openRow: OpenContributedRow;
  /** One part, now. */
  run(part: EditionPart): Promise<void>;
  /** Has every part look whether there is something to do. */
  beat(): Promise<void>;
  /** The same, when the chain tells that there may be. */
  onEvent(event: PlatformEvent): Promise<void>;
  close(): Promise<void>;
}

/** Registers the queue's handler: make it before the queue starts. */
export function createEditions(given: EditionsContext, limits = DEFAULT_LIMITS): Editions {
  const stopping = new AbortController();
  const steps = createStepRunner();
  const ctx: EditionContext = { ...given, steps, limits, stop: stopping.signal };
  const store = createEditionStore(ctx);
  const seeds = createEditionSeeds(ctx.config.keyDir, ctx.random);
  const desk = createEvaluationDesk(ctx);
  const contributor = createContributor({ ctx, store, seeds, evaluate: createEvaluateRows(ctx, desk) });
  const aggregator = createAggregator({ ctx, store, seeds });
  const node = createStripNode(ctx, store);
  const mirrors = createEditionMirrors(ctx, store);
  const running = new Map<EditionPart, Promise<void>>();

  const parts: Readonly<Record<EditionPart, () => Promise<unknown>>> = {
    async contribute() {
      const edition = await newestEdition(ctx);
      if (edition) await contributor.contribute(edition);
    },
    aggregate: () => aggregator.advance(),
    async strip() {
      const edition = await newestEdition(ctx);
      if (edition) await node.strip(edition);
    },
    mirror: () => mirrors.refresh(),
    clean,
  };

  /** Of old editions nothing stays: files, seeds, what nodes counted. */
  async function clean(): Promise<void> {
    const newest = await ctx.chain.computation.editionCount();
    const published = await ctx.chain.computation.latestPublished();
    await seeds.eraseBefore(Math.min(newest - 1, published));
    await store.forgetBefore(newest - 1);
    const kept = new Set<number>((await store.mirrors()).slice(0, KEPT_EDITIONS).map(({ edition }) => edition));
    const root = editionsDirectory(ctx.config.dataDir);
    for (const { edition } of (await store.mirrors()).slice(KEPT_EDITIONS)) await mirrors.drop(edition);
    for (const name of existsSync(root) ? readdirSync(root) : []) {
      const edition = Number(name);
      if (edition >= newest - 1 || edition >= published || kept.has(edition)) continue;
      rmSync(editionDirectory(ctx.config.dataDir, edition), { recursive: true, force: true });
    }
  }

  async function run(part: EditionPart): Promise<void> {
    const before = running.get(part);
    if (before) {
      await before;
      return;
    }
    const work = parts[part]()
      .then(() => undefined)
      .catch((error: unknown) => {
        if (stopping.signal.aborted) return;
        if (!isFault(error)) throw error;
        ctx.log.warn({ part, code: error.code, ...error.values }, "edition: goes on later");
      })
      .finally(() => running.delete(part));
    running.set(part, work);
    await work;
  }

  async function beat(): Promise<void> {
    for (const part of PARTS) await ctx.jobs.enqueue("edition", { id: part }, { jobId: `edition-${part}` });
  }

  ctx.jobs.process(
    "edition",
    async ({ id }) => {
      const part = PARTS.find((each) => each === id);
      if (part) await run(part);
    },
    { concurrency: PARTS.length },
  );

  return {
    ...{ desk, store, run, beat },
    views: createEditionViews(ctx, store),
    openRow: createRowOpenings(ctx, store, seeds, given.audit),
    files: createServedFiles(ctx, store),
    mirror: mirrors,
    onEvent: beat,
    async close() {
      stopping.abort();
      await steps.close();
      await Promise.allSettled(running.values());
      await mirrors.close();
    },
  };
}
