/**
 * One leaf per subject and session: what was asked of which datasets and what came back, as a salted digest. Stored in
 * the transaction that stores the answers, anchored later in padded batches.
 */
import { randomUUID } from "node:crypto";
import { sql, type CompiledQuery } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../../../protocol/oblivious-lookup/leaf.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, responseDigest } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import { chunks, ROWS_AT_ONCE, type AnsweredExchange } from "./exchanges.ts";

type LeafDependencies = Pick<RelayerContext, "db" | "random" | "clock">;

/** What stores the leaves of exchanges answered together: one per subject and session. */
export function leafStatements(
  ctx: LeafDependencies,
  query: { readonly id: string; readonly purpose: Purpose; readonly subjects: number },
  answered: readonly AnsweredExchange[],
): CompiledQuery[] {
  const parts = answered
    .map((each) => ({ session: each.exchange.session, dataset: each.exchange.dataset, exchanges: exchangesOf(each) }))
    .toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1));
  return [...new Set(parts.map((part) => part.session))].flatMap((session) => {
    const ofSession = parts.filter((part) => part.session === session);
    const leaves = Array.from({ length: query.subjects }, (_, position) => {
      const salt = ctx.random(32);
      const exchanges = ofSession.map((part) => part.exchanges[position] as Exchange);
      const leaf = queryLeaf({ salt, queryId: uuidBytes(query.id), purpose: query.purpose, exchanges });
      return { position, salt: toHex(salt), leaf: toHex(leaf) };
    });
    const datasets = ofSession.map(({ dataset }) => dataset).join(",");
    return chunks(leaves, ROWS_AT_ONCE).map((part) => insertLeaves(ctx, query.id, session, datasets, part));
  });
}

function insertLeaves(
  { db, clock }: LeafDependencies,
  query: string,
  session: string,
  datasets: string,
  leaves: readonly { readonly position: number; readonly salt: Hex; readonly leaf: Hex }[],
): CompiledQuery {
  return sql`
    insert into query_leaves (id, query_id, position, session, salt, leaf, datasets, created_at)
    select v.id, ${query}::uuid, v.position, ${session}, v.salt, v.leaf, ${datasets}, ${clock()}::timestamptz
    from unnest(
      ${leaves.map(() => randomUUID())}::uuid[], ${leaves.map(({ position }) => position)}::int[],
      ${leaves.map(({ salt }) => salt)}::text[], ${leaves.map(({ leaf }) => leaf)}::text[]
    ) as v (id, position, salt, leaf)`.compile(db);
}

/** The 16 bytes of a UUID, as a leaf has them. */
export function uuidBytes(uuid: string): Uint8Array {
  return fromHex(`0x${uuid.replaceAll("-", "")}`, 16);
}

/** The exchange as each subject's leaf has it. */
function exchangesOf({ exchange, response: text }: AnsweredExchange): Exchange[] {
  const request = exchange.signed;
  const response = decodeResponse(JSON.parse(text), ristretto255Sha512, request.elements.length);
  const digest = requestDigest(request);
  const answer = responseDigest(digest, response);
  return exchange.secrets.consents.map(({ commitment }) => ({
    dataset: request.dataset,
    requestDigest: digest,
    responseDigest: answer,
    consent: fromHex(commitment, 32),
  }));
}
