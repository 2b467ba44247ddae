/** What packages say of answered requests, and of the leaves that they are in, from the store. */
import type { Selectable } from "kysely";

import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { AnchoredLeaf, ExchangeFacts } from "../../../protocol/evidence/build-exchange.ts";
import { decodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { factsOf, findIntent } from "../../chain/outbox-store.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { anchorKey } from "../anchor/anchor.ts";
import { openSecrets, type ExchangeSecrets } from "../query/secrets.ts";

type StoredExchange = Pick<
  Selectable<Database["query_exchanges"]>,
  "id" | "holder" | "previous_transcript" | "request" | "response" | "secrets"
>;

/** Of an answered request about several documents: of that at `position`. */
export function exchangeFacts(
  { cipher }: Pick<RelayerContext, "cipher">,
  row: StoredExchange,
  position: number,
): ExchangeFacts & { readonly secrets: ExchangeSecrets } {
  const request = decodeRequest(JSON.parse(row.request ?? ""), ristretto255Sha512);
  const secrets = openSecrets(cipher, row.id, row.secrets ?? Buffer.alloc(0));
  const consent = secrets.consents[position];
  if (consent === undefined) throw new Fault("INTERNAL");
  return {
    holder: row.holder,
    index: position,
    previousTranscript: fromHex(row.previous_transcript ?? "", 32),
    request,
    response: decodeResponse(JSON.parse(row.response ?? ""), ristretto255Sha512, request.elements.length),
    consents: secrets.consents.map(({ commitment }) => fromHex(commitment, 32)),
    consent: { salt: fromHex(consent.salt, 32), documentDigest: fromHex(consent.documentDigest, 32) },
    secrets,
  };
}

/** Ledger time at which the first of a query's requests that were answered was signed: within the bounds that the chain gives it. */
export async function firstAsked(
  { db }: Pick<RelayerContext, "db">,
  query: string,
  askedOf: "holders" | "nodes",
): Promise<Date | undefined> {
  const { first } = await db
    .selectFrom("query_exchanges")
    .select((eb) => eb.fn.min("prepared_at").as("first"))
    .where("query_id", "=", query)
    .where("state", "=", "answered")
    .where("service", askedOf === "holders" ? "is" : "is not", null)
    .executeTakeFirstOrThrow();
  return first === null ? undefined : new Date(Number(first) * 1_000);
}

/**
 * The document's leaves over `datasets`: holders' answers and nodes' have leaves of their own.
 * @throws Fault QUERY_NOT_ANSWERED if there are none, EVIDENCE_NOT_ANCHORED
 */
export async function anchorsOf(
  ctx: Pick<RelayerContext, "db" | "chain">,
  query: string,
  position: number,
  datasets: ReadonlySet<string>,
): Promise<AnchoredLeaf[]> {
  const rows = await ctx.db
    .selectFrom("query_leaves as l")
    .leftJoin("query_batches as b", (join) =>
      join.onRef("b.session", "=", "l.session").onRef("b.batch", "=", "l.batch"),
    )
    .select(["l.datasets", "l.salt", "l.leaf", "l.session", "l.batch", "l.place", "b.attempt"])
    .where("query_id", "=", query)
    .where("position", "=", position)
    .where("answered", "=", true)
    .execute();
  const leaves = rows.map((row) => ({ ...row, datasets: row.datasets.split(",") }));
  const theirs = leaves.filter((leaf) => leaf.datasets.every((dataset) => datasets.has(dataset)));
  if (theirs.length === 0) throw new Fault("QUERY_NOT_ANSWERED", { query });
  const { topicHash } = ctx.chain.contracts.queryLedger.interface.getEvent("LeavesAnchored");
  const anchors: AnchoredLeaf[] = [];
  for (const { session, batch, attempt, place, ...leaf } of theirs) {
    const key = batch === null ? undefined : anchorKey(session, batch, attempt ?? 1);
    const intent = key === undefined ? undefined : await findIntent(ctx.db, key);
    const facts = intent?.state === "mined" ? factsOf(intent) : undefined;
    const log = facts?.logs.find(({ topics }) => topics[0] === topicHash);
    if (!facts || !log || place === null) throw new Fault("EVIDENCE_NOT_ANCHORED", { query });
    anchors.push({
      datasets: leaf.datasets.map((dataset) => fromHex(dataset, 32)),
      salt: fromHex(leaf.salt, 32),
      leaf: fromHex(leaf.leaf, 32),
      transactionHash: facts.hash,
      blockNumber: facts.blockNumber,
      logIndex: log.logIndex,
      position: place,
    });
  }
  return anchors;
}
