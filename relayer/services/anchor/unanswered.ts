/**
 * Leaves for vouchers without an answer. A voucher is as good as spent once it is signed: the holder can settle it whatever
 * it answered, and the ledger takes points from a querier with fewer leaves than evaluations were settled. So what was
 * refused, given up, or not answered when its session ended gets its leaf too.
 */
import { randomUUID } from "node:crypto";
import type { Transaction } from "kysely";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { queryLeaf, UNANSWERED } from "../../../protocol/oblivious-lookup/leaf.ts";
import { parsePurpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { decodeRequest, requestDigest } from "../../../protocol/oblivious-lookup/request.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import type { Database } from "../../store/schema.ts";
import { chunks, ROWS_AT_ONCE } from "../query/exchanges.ts";
import { uuidBytes } from "../query/leaves.ts";
import { openSecrets } from "../query/secrets.ts";

type CoverDependencies = Pick<RelayerContext, "chain" | "db" | "random" | "clock" | "cipher">;

/** Stores the leaves that are still owed; the anchor service puts them into its next batches. Returns the number of requests. */
export async function coverUnanswered(ctx: CoverDependencies): Promise<number> {
  const now = await ctx.chain.ledgerTime();
  const due = await ctx.db
    .selectFrom("query_exchanges as e")
    .innerJoin("query_sessions as s", "s.id", "e.session")
    .select("e.id")
    .where("e.covered", "=", false)
    .where("s.state", "in", ["open", "closing"])
    .where((eb) =>
      eb.or([
        eb("e.state", "in", ["abandoned", "refused"]),
        // It may be answered yet, and then gets another leaf: after the session has been closed it would be too late.
        eb.and([eb("e.state", "=", "prepared"), eb("s.expires_at", "<", String(now))]),
      ]),
    )
    .execute();
  for (const { id } of due) await ctx.db.transaction().execute((trx) => coverOne(ctx, trx, id));
  return due.length;
}

async function coverOne(ctx: CoverDependencies, trx: Transaction<Database>, id: string): Promise<void> {
  const exchange = await trx
    .updateTable("query_exchanges")
    .set({ covered: true })
    .where("id", "=", id)
    .where("covered", "=", false)
    .where("state", "<>", "answered")
    .returning(["query_id", "session", "dataset", "request", "secrets"])
    .executeTakeFirst();
  if (exchange === undefined || exchange.session === null) return;
  const { query_id, session, dataset } = exchange;
  const request = decodeRequest(JSON.parse(exchange.request ?? ""), ristretto255Sha512);
  const { consents } = openSecrets(ctx.cipher, id, exchange.secrets ?? Buffer.alloc(0));
  const asked = { dataset: request.dataset, requestDigest: requestDigest(request), responseDigest: UNANSWERED };
  const rows = consents.map(({ commitment }, position) => {
    const salt = ctx.random(32);
    const exchanges = [{ ...asked, consent: fromHex(commitment, 32) }];
    const purpose = parsePurpose(request.purpose);
    const leaf = queryLeaf({ salt, queryId: uuidBytes(query_id), purpose, exchanges });
    const place = { query_id, position, session, datasets: dataset, answered: false };
    return { id: randomUUID(), ...place, salt: toHex(salt), leaf: toHex(leaf), created_at: ctx.clock() };
  });
  for (const part of chunks(rows, ROWS_AT_ONCE)) await trx.insertInto("query_leaves").values(part).execute();
}
