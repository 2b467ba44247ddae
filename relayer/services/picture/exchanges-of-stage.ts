/** The requests to nodes of one query's picture, as the store has them. */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { decodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { ExchangeState } from "../../store/tables/queries.ts";
import type { PreparedExchange } from "../query/exchanges.ts";
import { openSecrets } from "../query/secrets.ts";
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

/** A request that has no lane yet. */
export type WaitingAtNode = Pick<StageExchange, "id" | "dataset" | "holder">;

/** New requests, waiting for a lane. */
export async function addNodeExchanges(
  { clock }: Pick<StoreDependencies, "clock">,
  trx: Transaction<Database>,
  query: string,
  service: NodeService,
  nodes: readonly AskableNode[],
): Promise<WaitingAtNode[]> {
  if (nodes.length === 0) return [];
  const added = nodes.map(({ member, service: dataset }) => ({ id: randomUUID(), dataset, holder: member }));
  await trx
    .insertInto("query_exchanges")
    .values(
      added.map((each) => ({ ...each, query_id: query, service, state: "waiting" as const, created_at: clock() })),
    )
    .execute();
  return added;
}
