/**
 * What must happen though nobody asks for it: sessions kept ready, new epochs published, mirrors kept fresh, unfinished
 * work taken up again after a queue lost it. Each part by itself: one that fails does not hold up the others.
 */
import type { RelayerContext } from "../../context.ts";
import type { IdempotencyStore } from "../../store/idempotency.ts";
import type { Editions } from "../editions/editions.ts";
import type { Imports } from "../import/imports.ts";
import type { MirrorService } from "../mirror/mirror-service.ts";
import type { NodeService } from "../nodes/node-service.ts";
import type { PublishService } from "../publish/publish-service.ts";
import type { QueryService } from "../query/query-service.ts";
import type { RestoreGuard } from "../query/restore-guard.ts";
import type { SessionBook } from "../query/sessions.ts";

export interface HeartbeatDependencies extends Pick<RelayerContext, "jobs" | "log"> {
  readonly restore: Pick<RestoreGuard, "beat">;
  readonly sessions: SessionBook;
  readonly queries: QueryService;
  readonly publishing: PublishService;
  readonly mirrors: MirrorService;
  readonly imports: Pick<Imports, "resume">;
  readonly nodes: Pick<NodeService, "report">;
  readonly idempotency: Pick<IdempotencyStore, "purge">;
  readonly editions: Pick<Editions, "beat">;
}

export interface Heartbeat {
  beat(): Promise<void>;
}

export function createHeartbeat(ctx: HeartbeatDependencies): Heartbeat {
  const parts: Readonly<Record<string, () => Promise<unknown>>> = {
    store: () => ctx.restore.beat(),
    publish: () => ctx.publishing.publishIfDue(),
    mirror: () => ctx.jobs.enqueue("mirror", { id: "all" }, { jobId: "mirror-all" }),
    statistics: () => ctx.jobs.enqueue("statistics", { id: "all" }, { jobId: "statistics-all" }),
    sessions: () => ctx.sessions.refill(),
    imports: () => ctx.imports.resume(),
    close: () => ctx.sessions.closeExpired(),
    queries: () => ctx.jobs.sweep("query", () => ctx.queries.unfinished()),
    keys: () => ctx.publishing.destroyRetiredKeys(),
    tables: () => ctx.publishing.removeOrphans(),
    mirrors: () => ctx.mirrors.removeOld(),
    editions: () => ctx.editions.beat(),
    rounds: () => ctx.jobs.enqueue("rounds", { id: "rounds" }, { jobId: "rounds" }),
    node: () => ctx.nodes.report(),
    keysOfRequests: () => ctx.idempotency.purge(),
  };

  async function beat(): Promise<void> {
    for (const [part, run] of Object.entries(parts)) {
      try {
        await run();
      } catch (error) {
        ctx.log.warn({ part, err: error }, "heartbeat: a part failed; it is tried again with the next beat");
      }
    }
  }

  return { beat };
}
