/** Composed requests in the store: the exchanges that carry them, and the lanes that they are the last in. */
import { sql, type CompiledQuery, type Transaction } from "kysely";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { ComposedRequest } from "./prepared-request.ts";
import { sealSecrets } from "./secrets.ts";

type StoreDependencies = Pick<RelayerContext, "db" | "cipher">;

/** Waiting -> prepared. @throws Fault INTERNAL if one does not wait any more */
export async function storePrepared(
  ctx: StoreDependencies,
  trx: Transaction<Database>,
  prepared: readonly ComposedRequest[],
): Promise<void> {
  const update = sql`
    update query_exchanges as e set state = 'prepared', reason = null, session = v.session, lane = v.lane,
      prepared_at = v.prepared_at, epoch = v.epoch, previous_transcript = v.previous, request = v.request, secrets = v.secrets
    from ${preparedRows(ctx, prepared)} where e.id = v.id and e.state = 'waiting'`.compile(ctx.db);
  const [, { numAffectedRows }] = await together(trx, [occupyLanes(ctx, prepared), update]);
  // Another process prepared one meanwhile, while a lease was thought to be over: no lane is spent a second time.
  if (numAffectedRows !== BigInt(prepared.length)) throw new Fault("INTERNAL");
}

/** An exchange of a query that is stored with it. */
export interface NewExchange {
  readonly id: string;
  readonly dataset: string;
  readonly holder: number;
  readonly service?: NodeService;
  /** Why it waits, if it does. */
  readonly reason: string | undefined;
}

/** Inserts the exchanges of a new query: prepared those that have a request, waiting the others. */
export function insertExchanges(
  ctx: StoreDependencies,
  query: { readonly id: string; readonly created_at: Date },
  exchanges: readonly NewExchange[],
  prepared: readonly ComposedRequest[],
): CompiledQuery {
  const column = <T>(value: (each: NewExchange) => T): T[] => exchanges.map(value);
  return sql`
    insert into query_exchanges (id, query_id, dataset, holder, service, state, reason, session, lane, prepared_at,
      epoch, previous_transcript, request, secrets, created_at)
    select e.id, ${query.id}::uuid, e.dataset, e.holder, e.service, case when v.id is null then 'waiting' else 'prepared' end, e.reason,
      v.session, v.lane, v.prepared_at, v.epoch, v.previous, v.request, v.secrets, ${query.created_at}::timestamptz
    from unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ dataset }) => dataset)}::text[],
      ${column(({ holder }) => holder)}::int[], ${column(({ service }) => service ?? null)}::text[],
      ${column(({ reason }) => reason ?? null)}::text[]
    ) as e (id, dataset, holder, service, reason) left join ${preparedRows(ctx, prepared)} using (id)`.compile(ctx.db);
}

/** The lanes' rows, as the requests leave them. */
export function occupyLanes({ db }: StoreDependencies, prepared: readonly ComposedRequest[]): CompiledQuery {
  const column = <T>(value: (each: ComposedRequest) => T): T[] => prepared.map(value);
  return sql`
    update query_lanes as l set count = v.count, transcript = v.transcript, exchange = v.exchange
    from unnest(
      ${column(({ session }) => session)}::text[], ${column(({ dataset }) => dataset)}::text[],
      ${column(({ lane }) => lane)}::int[], ${column(({ count }) => count)}::int[],
      ${column(({ transcript }) => transcript)}::text[], ${column(({ id }) => id)}::uuid[]
    ) as v (session, dataset, lane, count, transcript, exchange)
    where l.session = v.session and l.dataset = v.dataset and l.lane = v.lane`.compile(db);
}

function preparedRows({ cipher }: StoreDependencies, prepared: readonly ComposedRequest[]) {
  const column = <T>(value: (each: ComposedRequest) => T): T[] => prepared.map(value);
  return sql`unnest(
      ${column(({ id }) => id)}::uuid[], ${column(({ session }) => session)}::text[],
      ${column(({ lane }) => lane)}::int[], ${column(({ preparedAt }) => preparedAt)}::bigint[],
      ${column(({ epoch }) => epoch)}::int[],
      ${column(({ previousTranscript }) => previousTranscript)}::text[],
      ${column(({ request }) => request)}::text[],
      ${column(({ id, secrets }) => sealSecrets(cipher, id, secrets))}::bytea[]
    ) as v (id, session, lane, prepared_at, epoch, previous, request, secrets)`;
}
