/**
 * Idempotency keys of the HTTP API: the answer to a key's first request is kept, sealed, and given again to each repetition
 * (draft-ietf-httpapi-idempotency-key-header). Only successes are kept: a refusal changed nothing and may be tried again.
 */
import { sql, type Kysely } from "kysely";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { sha256 } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { ColumnCipher } from "./column-cipher.ts";
import type { Database } from "./schema.ts";

export interface StoredAnswer {
  readonly status: number;
  /** As it was sent. */
  readonly body: Uint8Array;
  readonly location: string | null;
}

export interface IdempotentRequest {
  /** Whose key it is: a token's id. */
  readonly caller: string;
  readonly key: string;
  /** Method and path with its query. */
  readonly target: string;
  readonly body: Uint8Array;
}

export interface IdempotencyStore {
  /**
   * The stored answer of a repetition; undefined when the request is to be carried out, then `complete` or `abandon` it.
   * @throws Fault IDEMPOTENCY_KEY_REUSED (another request had this key), IDEMPOTENCY_IN_PROGRESS
   */
  begin(request: IdempotentRequest): Promise<StoredAnswer | undefined>;
  complete(request: IdempotentRequest, answer: StoredAnswer): Promise<void>;
  abandon(request: IdempotentRequest): Promise<void>;
  /** Forgets keys older than a day. */
  purge(): Promise<void>;
}

/** A request not completed by then belonged to a process that died. Its handler runs again and must itself be idempotent. */
const PATIENCE_MS = 5 * 60_000;
const KEPT_MS = 24 * 60 * 60_000;

export function createIdempotencyStore(
  db: Kysely<Database>,
  cipher: ColumnCipher,
  clock: () => Date,
): IdempotencyStore {
  const digestOf = ({ target, body }: IdempotentRequest): Buffer =>
    Buffer.from(cipher.index(toHex(sha256(body)), `idempotency_keys.request_digest:${target}`));
  /** A key is the caller's own text, and some callers make it of the person they ask about. */
  const keyOf = ({ key }: Pick<IdempotentRequest, "key">): string => toHex(cipher.index(key, "idempotency_keys.key"));
  const contextOf = (request: IdempotentRequest): string =>
    `idempotency_keys.response:${request.caller}:${keyOf(request)}`;

  return {
    async begin(request) {
      const { caller } = request;
      const key = keyOf(request);
      const digest = digestOf(request);
      const now = clock();
      const abandonedBefore = new Date(now.getTime() - PATIENCE_MS);
      // One statement decides who carries the request out: the one whose row this is.
      const mine = await db
        .insertInto("idempotency_keys")
        .values({ caller, key, request_digest: digest, created_at: now })
        .onConflict((conflict) =>
          conflict
            .columns(["caller", "key"])
            .doUpdateSet({ created_at: now })
            .where("idempotency_keys.status", "is", null)
            .where("idempotency_keys.created_at", "<", abandonedBefore)
            .where("idempotency_keys.request_digest", "=", digest),
        )
        .returning("key")
        .executeTakeFirst();
      if (mine !== undefined) return undefined;
      const row = await db
        .selectFrom("idempotency_keys")
        .select(["request_digest", "status", "response", "location"])
        .where("caller", "=", caller)
        .where("key", "=", key)
        .executeTakeFirst();
      if (row === undefined) throw new Fault("IDEMPOTENCY_IN_PROGRESS");
      if (!row.request_digest.equals(digest)) throw new Fault("IDEMPOTENCY_KEY_REUSED");
      if (row.status === null || row.response === null) throw new Fault("IDEMPOTENCY_IN_PROGRESS");
      return { status: row.status, body: cipher.open(row.response, contextOf(request)), location: row.location };
    },

    async complete(request, { status, body, location }) {
      await db
        .updateTable("idempotency_keys")
        .set({ status, response: Buffer.from(cipher.seal(body, contextOf(request))), location })
        .where("caller", "=", request.caller)
        .where("key", "=", keyOf(request))
        .execute();
    },

    async abandon(request) {
      await db
        .deleteFrom("idempotency_keys")
        .where("caller", "=", request.caller)
        .where("key", "=", keyOf(request))
        .where("status", "is", null)
        .execute();
    },

    async purge() {
      const before = new Date(clock().getTime() - KEPT_MS);
      await db
        .deleteFrom("idempotency_keys")
        .where(sql<boolean>`created_at < ${before}`)
        .execute();
    },
  };
}
