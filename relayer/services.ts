/** The services of a relayer and the routes of its two APIs, made from one context. */
import type { RelayerContext } from "./context.ts";
import type { Route } from "./http/route.ts";
import { createOprfPool } from "./oprf-pool/pool.ts";
import { memberRoutes, peerRoutes } from "./routes.ts";
import { createAnchorService } from "./services/anchor/anchor.ts";
import { createAuditAnchorService } from "./services/audit/audit-anchor.ts";
import { createAuthorisationRegister } from "./services/authorisations/register.ts";
import { createChannel } from "./services/channel/channel.ts";
import { createDatasetService } from "./services/datasets/datasets.ts";
import { createEditions, type Editions } from "./services/editions/editions.ts";
import { createEvaluateService } from "./services/evaluate/evaluate.ts";
import { createHeartbeat } from "./services/heartbeat/heartbeat.ts";
import { createImports } from "./services/import/imports.ts";
import { createMirrorService } from "./services/mirror/mirror-service.ts";
import { createNodeService } from "./services/nodes/node-service.ts";
import { createNodeOffice } from "./services/nodes/office.ts";
import { createRoundReports } from "./services/nodes/round-report.ts";
import { createPublishService } from "./services/publish/publish-service.ts";
import { createQueryProgress } from "./services/query/progress.ts";
import type { Authorise, QueryDependencies } from "./services/query/query-context.ts";
import { createQueryService } from "./services/query/query-service.ts";
import { createRestoreGuard, type RestoreGuard } from "./services/query/restore-guard.ts";
import { withRefusalsAudited } from "./services/query/refused-queries.ts";
import { createSessionBook } from "./services/query/sessions.ts";
import { createRecords } from "./services/records/records.ts";
import { createSettleService } from "./services/settle/settle.ts";
import { createStatisticsService, type StatisticsService } from "./services/statistics/statistics.ts";
import type { RatingModel } from "../protocol/rating/model.ts";
import { createNodeHealth } from "./services/picture/node-health.ts";
import type { AuditLog } from "./store/audit-log.ts";
import type { IdempotencyStore } from "./store/idempotency.ts";

const HEARTBEAT_MS = 5_000;
/** A queue that lost its data (a flushed Redis) lost its schedules too: they are set again this often. */
const RESCHEDULE_MS = 60_000;
/** Queries that a queue worker drives at once, beside those that just came in. */
const QUERY_CONCURRENCY = 4;

export interface Services {
  readonly memberRoutes: readonly Route[];
  readonly peerRoutes: readonly Route[];
  /** After the queue started: schedules, and what a crash left unfinished. */
  start(): Promise<void>;
  /** Called when the chain has a new commitment: its table is fetched. */
  onCommitment(dataset: string): void;
  /** Called when a key round went on: this member may owe it something. */
  onKeyRound(): void;
  /** Compares the store with what the ledger tells of this member's sessions. */
  readonly restore: Pick<RestoreGuard, "onSessionOpened" | "onLaneSettled" | "onSessionClosed">;
  readonly statistics: Pick<StatisticsService, "onCollectionOpened">;
  /** Goes on with the consortium table when the chain tells of it. */
  readonly editions: Pick<Editions, "onEvent">;
  close(): Promise<void>;
}

/** Registers the handlers of the queue and the outbox: call it before either starts. */
export function createServices(
  ctx: RelayerContext,
  audit: AuditLog,
  idempotency: IdempotencyStore,
  ratingModel: RatingModel,
): Services {
  const pool = createOprfPool(ctx.random);
  const imports = createImports({ ...ctx, audit });
  const records = createRecords({ ...ctx, audit });
  const authorisations = createAuthorisationRegister({ ...ctx, audit });
  const authorise: Authorise = async ({ subject, purpose, id }) =>
    authorisations.require({
      subject,
      scope: "query",
      purposes: [purpose],
      at: ctx.clock(),
      existingCustomersIncluded: await ctx.chain.existingCustomersIncluded(),
      id,
    });
  const publishing = createPublishService({ ...ctx, audit });
  const channel = createChannel(ctx);
  const mirrors = createMirrorService({ ...ctx, channel });
  const nodes = createNodeService(ctx);
  const editions = createEditions({ ...ctx, channel, pool, keyShares: nodes, audit });
  const restore = createRestoreGuard({ ...ctx, audit });
  const sessions = createSessionBook({ ...ctx, restore });
  const asking: QueryDependencies = {
    ...ctx,
    pool,
    channel,
    tables: mirrors,
    sessions,
    progress: createQueryProgress(),
    consortium: editions.mirror,
    nodeHealth: createNodeHealth(ctx.clock),
    ratingModel,
    authorise,
    audit,
  };
  const queries = withRefusalsAudited(createQueryService(asking), asking);
  const evaluate = createEvaluateService({ ...ctx, pool, nodeShares: nodes });
  const anchor = createAnchorService(ctx);
  const settle = createSettleService(ctx);
  const auditing = createAuditAnchorService({ ...ctx, audit });
  const datasets = createDatasetService(ctx);
  const statistics = createStatisticsService({ ...ctx, channel, audit });
  const heartbeat = createHeartbeat({
    ...{ ...ctx, restore, sessions, queries, publishing, mirrors, idempotency, imports, nodes, editions },
  });

  let rescheduling: NodeJS.Timeout | undefined;

  imports.register();
  ctx.jobs.process("query", ({ id }) => queries.drive(id), { concurrency: QUERY_CONCURRENCY });
  ctx.jobs.process("anchor", () => anchor.run().then(() => undefined));
  ctx.jobs.process("settle", () => settle.run().then(() => undefined));
  ctx.jobs.process("audit", () => auditing.run().then(() => undefined));
  ctx.jobs.process("statistics", () => statistics.run());
  ctx.jobs.process("rounds", () => nodes.run());
  ctx.jobs.process("heartbeat", () => heartbeat.beat());

  async function schedule(): Promise<void> {
    await ctx.jobs.every("anchor", "anchor", ctx.config.anchorWindowMs);
    await ctx.jobs.every("settle", "settle", ctx.config.settleWindowMs);
    await ctx.jobs.every("audit", "audit", ctx.config.auditWindowMs);
    await ctx.jobs.every("heartbeat", "heartbeat", HEARTBEAT_MS);
  }

  async function start(): Promise<void> {
    await restore.beat();
    await channel.start();
    await schedule();
    rescheduling = setInterval(() => {
      schedule().catch((error: unknown) => {
        ctx.log.warn({ err: error }, "the schedules are set again later");
      });
    }, RESCHEDULE_MS);
    await imports.resume();
    await ctx.jobs.sweep("query", () => queries.unfinished());
  }

  return {
    memberRoutes: memberRoutes({
      ...{ ctx, asking, queries, imports, records, authorisations, datasets, mirrors, nodes, editions, statistics },
      keyRounds: createRoundReports(ctx.chain, nodes.reader),
      nodeOffice: createNodeOffice({ ...ctx, audit }),
    }),
    peerRoutes: peerRoutes({
      ...{ evaluate, publishing, editions, statistics, channel, chain: ctx.chain, clock: ctx.clock },
    }),
    start,
    restore,
    editions,
    statistics,
    onCommitment: (dataset) => {
      ctx.jobs.enqueue("mirror", { id: dataset }, { jobId: `mirror-${dataset}` }).catch((error: unknown) => {
        ctx.log.warn({ dataset, err: error }, "a new table is fetched with the next heartbeat");
      });
    },
    onKeyRound: () => {
      ctx.jobs.enqueue("rounds", { id: "rounds" }, { jobId: "rounds" }).catch((error: unknown) => {
        ctx.log.warn({ err: error }, "the key round is looked at with the next heartbeat");
      });
    },
    close: async () => {
      clearInterval(rescheduling);
      await editions.close();
      await mirrors.close();
      await channel.close();
      await pool.close();
    },
  };
}
