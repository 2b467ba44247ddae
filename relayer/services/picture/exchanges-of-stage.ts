/** The requests to nodes of one query's picture, as the store has them. */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { decodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { ExchangeState } from "../../store/tables/queries.ts";
import type { AnsweredExchange, PreparedExchange } from "../query/exchanges.ts";
import type { composeIn } from "../query/prepare.ts";
import { openSecrets } from "../query/secrets.ts";
import { insertExchanges, occupyLanes, storePrepared, type NewExchange } from "../query/store-prepared.ts";
import type { AskableNode } from "./choose-nodes.ts";

export interface StageExchange {
  readonly id: string;
  /** The node's service. */
  readonly dataset: Hex;
  /** The node. */
  readonly holder: number;
  readonly state: ExchangeState;
  /** Key round that it was signed for; undefined before. */
  readonly epoch: number | undefined;
  /** On an answered one: what was wrong with the answer. */
  readonly reason: string | null;
  readonly request: string;
  readonly response: string;
  /** Where it is prepared. */
  readonly prepared: PreparedExchange | undefined;
}

type StoreDependencies = Pick<RelayerContext, "db" | "cipher" | "clock">;

export async function stageExchanges(
  ctx: StoreDependencies,
  query: string,
  service: NodeService,
): Promise<StageExchange[]> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .selectAll()
    .where("query_id", "=", query)
    .where("service", "=", service)
    .orderBy("created_at")
    .execute();
  return rows.map((row) => {
    const { id, holder, state, reason, request, response } = row;
    const dataset = row.dataset as Hex;
    const facts = {
      ...{ id, dataset, holder, state, reason, epoch: row.epoch ?? undefined },
      ...{ request: request ?? "", response: response ?? "" },
    };
    if (state !== "prepared") return { ...facts, prepared: undefined };
    const prepared = {
      ...{ id, query_id: query, dataset, holder, service },
      session: row.session ?? "",
      epoch: row.epoch ?? 0,
      request: facts.request,
      signed: decodeRequest(JSON.parse(facts.request), ristretto255Sha512),
      secrets: openSecrets(ctx.cipher, id, row.secrets ?? Buffer.alloc(0)),
    };
    return { ...facts, prepared };
  });
}

/** What the store has of the stage once these answers are in it. */
export function withAnswers(
  exchanges: readonly StageExchange[],
  answered: readonly AnsweredExchange[],
): readonly StageExchange[] {
  const now = answered.map(({ exchange, response }): StageExchange => ({
    ...{ id: exchange.id, dataset: exchange.dataset as Hex, holder: exchange.holder, epoch: exchange.epoch },
    ...{ state: "answered", reason: null, request: exchange.request, response, prepared: undefined },
  }));
  const ids = new Set(now.map(({ id }) => id));
  return [...exchanges.filter(({ id }) => !ids.has(id)), ...now];
}

/** A request that has no lane yet. */
export type WaitingAtNode = Pick<StageExchange, "id" | "dataset" | "holder">;

/** New requests, not stored yet. */
export function newNodeExchanges(service: NodeService, nodes: readonly AskableNode[]) {
  return nodes.map(({ member, service: dataset }) => ({
    ...{ id: randomUUID(), dataset, holder: member, service, reason: undefined },
  }));
}

/**
 * Stores what was composed, the last of its transaction where requests are added: those with a lane are prepared, the others
 * wait for one. @throws Fault INTERNAL if one that waited does not any more
 */
export async function storeNodeExchanges(
  ctx: StoreDependencies,
  trx: Transaction<Database>,
  query: string,
  added: readonly NewExchange[],
  { prepared, reasons }: Awaited<ReturnType<typeof composeIn>>,
): Promise<void> {
  const isAdded = new Set(added.map(({ id }) => id));
  const waited = prepared.filter(({ id }) => !isAdded.has(id));
  if (waited.length > 0) await storePrepared(ctx, trx, waited);
  if (added.length === 0) return;
  const fresh = prepared.filter(({ id }) => isAdded.has(id));
  const reasoned = added.map((each) => ({ ...each, reason: reasons.get(each.id) }));
  const insertion = insertExchanges(ctx, { id: query, created_at: ctx.clock() }, reasoned, fresh);
  await together(trx, [insertion, ...(fresh.length > 0 ? [occupyLanes(ctx, fresh)] : [])], { commit: true });
}
