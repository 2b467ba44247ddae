/** Steps of a query that tests take one by one, without the service around them. */
import { randomUUID } from "node:crypto";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { decodeRequest, type EvaluateRequest } from "../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import type { PreparedExchange } from "../../relayer/services/query/exchanges.ts";
import type { LeasedQuery } from "../../relayer/services/query/lease.ts";
import { planPreparation, prepareIn, type Preparation } from "../../relayer/services/query/prepare.ts";
import { sealSubject } from "../../relayer/services/query/secrets.ts";
import { asked, EPOCH, type Asking } from "./asking.ts";
import { random } from "./asking-ledger.ts";

export interface StoredQuery {
  readonly query: LeasedQuery;
  readonly exchanges: readonly { readonly id: string; readonly dataset: Hex; readonly holder: number }[];
}

/** A query in the store that nobody works on, with an exchange waiting for each holder. */
export async function storeQuery({ ctx, holders }: Asking, subjectCount = 1, to = holders): Promise<StoredQuery> {
  const id = randomUUID();
  const now = ctx.clock();
  const subjects = Array.from({ length: subjectCount }, (_, i) => ({
    subject: asked(i).id,
    authorisation: `AUTH-${String(i)}`,
  }));
  const exchanges = to.map(({ dataset, id: holder }) => ({ id: randomUUID(), dataset, holder }));
  await ctx.db
    .insertInto("queries")
    .values({ id, created_at: now, caller: "test", purpose: "ANTI_FRAUD", state: "accepted", next_attempt_at: now })
    .execute();
  for (const [position, { subject, authorisation }] of subjects.entries()) {
    const sealed = sealSubject(ctx.cipher, id, position, subject);
    await ctx.db
      .insertInto("query_subjects")
      .values({ query_id: id, position, subject: sealed, authorisation })
      .execute();
  }
  await ctx.db
    .insertInto("query_exchanges")
    .values(exchanges.map((exchange) => ({ ...exchange, query_id: id, state: "waiting" as const, created_at: now })))
    .execute();
  return { query: { id, purpose: "ANTI_FRAUD", mode: "detail", attempts: 1, subjects }, exchanges };
}

/** Prepares the query's exchanges, as one transaction. */
export async function prepare({ ctx }: Asking, { query, exchanges }: StoredQuery): Promise<Preparation> {
  const secrets = { documentDigest: random(32), consentSecret: random(32) };
  const subjects = query.subjects.map(({ subject }) => ({ subject, ...secrets }));
  const plan = await planPreparation(ctx, query.purpose, subjects, exchanges);
  return ctx.db.transaction().execute((trx) => prepareIn(ctx, trx, plan));
}

/** What {@link prepare} prepared, as it is sent. */
export async function prepared(asking: Asking, stored: StoredQuery): Promise<PreparedExchange[]> {
  const preparation = await prepare(asking, stored);
  return preparation.prepared.map((each) => ({
    ...each,
    query_id: stored.query.id,
    holder: stored.exchanges.find(({ id }) => id === each.id)?.holder ?? 0,
    epoch: EPOCH,
    service: null,
  }));
}

export function requestOf(body: string): EvaluateRequest {
  return decodeRequest(JSON.parse(body), ristretto255Sha512);
}
