/**
 * One leaf per subject and session: what was asked of which datasets and what came back, as a salted digest. Written with
 * the answers, anchored later in padded batches.
 */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { queryLeaf, type Exchange } from "../../../protocol/oblivious-lookup/leaf.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { decodeRequest, requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, responseDigest } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { openSecrets } from "./secrets.ts";

type LeafDependencies = Pick<RelayerContext, "random" | "cipher" | "clock">;

/** Answered exchanges of `query` that no leaf covers yet get one leaf per subject and session. */
export async function addLeaves(
  ctx: LeafDependencies,
  trx: Transaction<Database>,
  query: { readonly id: string; readonly purpose: Purpose; readonly subjects: number },
): Promise<void> {
  const covered = await trx.selectFrom("query_leaves").select("datasets").where("query_id", "=", query.id).execute();
  const done = new Set(covered.flatMap(({ datasets }) => datasets.split(",")));
  const answered = await trx
    .selectFrom("query_exchanges")
    .select(["id", "dataset", "session", "request", "response", "secrets"])
    .where("query_id", "=", query.id)
    .where("state", "=", "answered")
    .orderBy("dataset")
    .execute();
  const parts = answered
    .filter(({ dataset }) => !done.has(dataset))
    .map((row) => ({
      session: row.session ?? "",
      dataset: row.dataset,
      exchanges: exchangesOf(ctx, row.id, row.request ?? "", row.response ?? "", row.secrets ?? Buffer.alloc(0)),
    }));
  for (const session of new Set(parts.map((part) => part.session))) {
    const ofSession = parts.filter((part) => part.session === session);
    const rows = Array.from({ length: query.subjects }, (_, position) => {
      const salt = ctx.random(32);
      const leaf = queryLeaf({
        salt,
        queryId: uuidBytes(query.id),
        purpose: query.purpose,
        exchanges: ofSession.map(({ exchanges }) => exchanges[position] as Exchange),
      });
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
    // A statement takes 65,535 parameters at most.
    for (let at = 0; at < rows.length; at += 1_000) {
      await trx
        .insertInto("query_leaves")
        .values(rows.slice(at, at + 1_000))
        .execute();
    }
  }
}

/** The 16 bytes of a UUID, as a leaf has them. */
export function uuidBytes(uuid: string): Uint8Array {
  return fromHex(`0x${uuid.replaceAll("-", "")}`, 16);
}

/** The exchange as each subject's leaf has it. */
function exchangesOf(
  ctx: LeafDependencies,
  id: string,
  requestText: string,
  responseText: string,
  sealed: Buffer,
): Exchange[] {
  const request = decodeRequest(JSON.parse(requestText), ristretto255Sha512);
  const response = decodeResponse(JSON.parse(responseText), ristretto255Sha512, request.elements.length);
  const digest = requestDigest(request);
  const answer = responseDigest(digest, response);
  return openSecrets(ctx.cipher, id, sealed).consents.map(({ commitment }) => ({
    dataset: request.dataset,
    requestDigest: digest,
    responseDigest: answer,
    consent: fromHex(commitment as Hex, 32),
  }));
}
