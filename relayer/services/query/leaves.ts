/**
 * One leaf per subject and session: what was asked of which datasets and what came back, as a salted digest. Stored in
 * the transaction that stores the answers, anchored later in padded batches.
 */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../../../protocol/oblivious-lookup/leaf.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { decodeRequest, requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, responseDigest } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { chunks, ROWS_AT_ONCE, type AnsweredExchange } from "./exchanges.ts";

type LeafDependencies = Pick<RelayerContext, "random" | "clock">;

/** The exchanges answered together get one leaf per subject and session. */
export async function storeLeaves(
  ctx: LeafDependencies,
  trx: Transaction<Database>,
  query: { readonly id: string; readonly purpose: Purpose; readonly subjects: number },
  answered: readonly AnsweredExchange[],
): Promise<void> {
  const parts = answered
    .map((each) => ({ session: each.exchange.session, dataset: each.exchange.dataset, exchanges: exchangesOf(each) }))
    .toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1));
  for (const session of new Set(parts.map((part) => part.session))) {
    const ofSession = parts.filter((part) => part.session === session);
    const rows = Array.from({ length: query.subjects }, (_, position) => {
      const salt = ctx.random(32);
      const exchanges = ofSession.map((part) => part.exchanges[position] as Exchange);
      const leaf = queryLeaf({ salt, queryId: uuidBytes(query.id), purpose: query.purpose, exchanges });
      return {
        id: randomUUID(),
        query_id: query.id,
        position,
        session,
        salt: toHex(salt),
        leaf: toHex(leaf),
        datasets: ofSession.map(({ dataset }) => dataset).join(","),
        created_at: ctx.clock(),
      };
    });
    for (const part of chunks(rows, ROWS_AT_ONCE)) await trx.insertInto("query_leaves").values(part).execute();
  }
}

/** The 16 bytes of a UUID, as a leaf has them. */
export function uuidBytes(uuid: string): Uint8Array {
  return fromHex(`0x${uuid.replaceAll("-", "")}`, 16);
}

/** The exchange as each subject's leaf has it. */
function exchangesOf({ exchange, response: text }: AnsweredExchange): Exchange[] {
  const request = decodeRequest(JSON.parse(exchange.request), ristretto255Sha512);
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
