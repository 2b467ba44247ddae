/**
 * What the parts of nodes give. A node whose part does not hold is marked, so that its answer counts no more, and reported on
 * chain with a digest of what it signed.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { decodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { liarsOf, type Liar } from "../../../protocol/threshold/partials.ts";
import type { CombineResult } from "../../oprf-pool/aggregate-tasks.ts";
import { reportNode } from "../nodes/report-node.ts";
import type { LeasedQuery } from "../query/lease.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import type { StageExchange } from "./exchanges-of-stage.ts";
import { partialOf, type Stage } from "./stages.ts";

/** The elements that the nodes' parts give; undefined if too few of them hold, and the liars are marked. */
export async function combine(
  ctx: QueryDependencies,
  stage: Stage,
  good: readonly StageExchange[],
  query: LeasedQuery,
  early: PutTogether | undefined,
): Promise<Uint8Array | undefined> {
  const round = await ctx.chain.computation.round(stage.round);
  if (round === undefined) throw new Fault("INTERNAL");
  const indexOf = (holder: number): number => round.nodes.indexOf(holder) + 1;
  try {
    const ids = idsOf(good);
    const { elements, liars } = await (early?.ids === ids ? early.result : putTogether(ctx, stage, good));
    await accuse(ctx, query, good, liars, indexOf);
    return elements;
  } catch (error) {
    if (!isFault(error, "PARTIALS_TOO_FEW")) throw error;
    ctx.log.warn({ query: query.id, good: error.values["good"], asked: good.length }, "nodes answered wrongly");
    await accuse(ctx, query, good, liarsOf(error), indexOf);
    return undefined;
  }
}

/** Begun with answers that are still being stored; of use if these are the ones that count. */
export interface PutTogether {
  readonly ids: string;
  readonly result: Promise<CombineResult>;
}

export function startTogether(ctx: QueryDependencies, stage: Stage, good: readonly StageExchange[]): PutTogether {
  // After the statements that store them have left.
  const result = nextTurn().then(() => putTogether(ctx, stage, good));
  // Whoever uses it hears of a failure; else it is of no interest.
  result.catch(() => undefined);
  return { ids: idsOf(good), result };
}

const idsOf = (exchanges: readonly StageExchange[]): string =>
  exchanges
    .map(({ id }) => id)
    .toSorted()
    .join();

/** @throws Fault PARTIALS_TOO_FEW */
async function putTogether(
  ctx: QueryDependencies,
  { round: number, service, use, elements }: Stage,
  good: readonly StageExchange[],
): Promise<CombineResult> {
  const keys = await ctx.chain.computation.keySet(number, service);
  const round = await ctx.chain.computation.round(number);
  if (keys === undefined || round === undefined) throw new Fault("INTERNAL");
  const expected = elements.length / ristretto255Sha512.elementBytes;
  const answers = good.map(({ holder, response }) => ({
    from: round.nodes.indexOf(holder) + 1,
    bytes: partialOf(decodeResponse(JSON.parse(response), ristretto255Sha512, expected)),
  }));
  return await ctx.pool.run({ kind: "combine", use, keys, elements, answers });
}

/** Their answers count no more, and the chain is told. What they signed is kept. */
async function accuse(
  ctx: QueryDependencies,
  query: LeasedQuery,
  good: readonly StageExchange[],
  liars: readonly Liar[],
  indexOf: (holder: number) => number,
): Promise<void> {
  for (const { node, reason } of liars) {
    const exchange = good.find(({ holder }) => indexOf(holder) === node);
    if (exchange === undefined) continue;
    ctx.nodeHealth.failed(exchange.holder);
    ctx.log.warn(
      { query: query.id, node: exchange.holder, code: reason },
      "an algorithm node answered wrongly: reported",
    );
    await ctx.db.transaction().execute(async (trx) => {
      await trx.updateTable("query_exchanges").set({ reason }).where("id", "=", exchange.id).execute();
      const evidence = utf8(JSON.stringify({ request: exchange.request, response: exchange.response }));
      await reportNode(ctx, trx, { key: exchange.id, node: exchange.holder, reason, evidence });
    });
    ctx.outbox.poke();
  }
}
