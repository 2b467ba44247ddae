/** A new query in the store, its exchanges with the requests that are sent as soon as it is committed. */
import { sql, type CompiledQuery } from "kysely";

import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import type { QueryMode } from "../../store/tables/pictures.ts";
import { LEASE_MS } from "./lease.ts";
import type { WaitReason } from "./prepare.ts";
import type { ComposedRequest } from "./prepared-request.ts";
import { sealSubject } from "./secrets.ts";
import { insertExchanges, occupyLanes, type NewExchange } from "./store-prepared.ts";

export interface NewQuery {
  readonly id: string;
  readonly created_at: Date;
  /** Id of the caller's token. */
  readonly caller: string;
  readonly purpose: Purpose;
  readonly mode: QueryMode;
  readonly holders: "all" | readonly string[];
}

/** A document that is asked about. */
export interface NewDocument {
  readonly subject: SubjectId;
  readonly authorisation: string;
  /** Index of its investor. */
  readonly investor: number;
  /** Position of the document that the authorisation names. */
  readonly named: number;
}

/** The statements that store it, under the lease of whoever sends the requests. */
export function insertQuery(
  ctx: Pick<RelayerContext, "db" | "cipher">,
  query: NewQuery,
  documents: readonly NewDocument[],
  exchanges: readonly Omit<NewExchange, "reason">[],
  preparation: {
    readonly prepared: readonly ComposedRequest[];
    readonly reasons: ReadonlyMap<string, WaitReason>;
  },
): CompiledQuery[] {
  const { prepared, reasons } = preparation;
  const leasedUntil = new Date(query.created_at.getTime() + LEASE_MS);
  const holders = query.holders === "all" ? null : query.holders.join(",");
  const row = sql`
    insert into queries (id, created_at, caller, purpose, mode, holders, state, attempts, next_attempt_at, leased_until)
    values (${query.id}, ${query.created_at}, ${query.caller}, ${query.purpose}, ${query.mode}, ${holders}, 'accepted', 1,
      ${query.created_at}, ${leasedUntil})`;
  const sealed = documents.map(({ subject }, position) => sealSubject(ctx.cipher, query.id, position, subject));
  const subjectRows = sql`
    insert into query_subjects (query_id, position, subject, authorisation, investor, named)
    select ${query.id}::uuid, v.place - 1, v.subject, v.authorisation, v.investor, v.named
    from unnest(
      ${sealed}::bytea[], ${documents.map(({ authorisation }) => authorisation)}::text[],
      ${documents.map(({ investor }) => investor)}::int[], ${documents.map(({ named }) => named)}::int[]
    ) with ordinality as v (subject, authorisation, investor, named, place)`;
  const reasoned = exchanges.map((exchange) => ({ ...exchange, reason: reasons.get(exchange.id) }));
  return [
    row.compile(ctx.db),
    subjectRows.compile(ctx.db),
    insertExchanges(ctx, query, reasoned, prepared),
    ...(prepared.length > 0 ? [occupyLanes(ctx, prepared)] : []),
  ];
}
