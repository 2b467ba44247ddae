/** Bearer tokens of the member API: 256 random bits, shown once, stored as SHA-256 (nothing guessable is hashed). */
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";

import { toBase64Url, utf8, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { sha256 } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { Caller, Role } from "../http/role.ts";
import type { Database } from "./schema.ts";

export interface TokenView {
  readonly id: string;
  readonly role: Role;
  readonly label: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface Tokens {
  /** The token is returned here and never again. */
  create(wanted: { role: Role; label: string }): Promise<{ id: string; token: string }>;
  /** Undefined for a token that is unknown, revoked or no token at all. */
  authenticate(token: string): Promise<Caller | undefined>;
  list(): Promise<TokenView[]>;
  /** @throws Fault TOKEN_UNKNOWN */
  revoke(id: string): Promise<void>;
}

export const TOKEN_PREFIX = "rv_";

const FORM = /^rv_[A-Za-z0-9_-]{43}$/;

/** How fresh `last used` is kept: a write for each request would be a write too many. */
const LAST_USED_STEP_MS = 60_000;

export function createTokens(db: Kysely<Database>, clock: () => Date, random: RandomBytes): Tokens {
  return {
    async create({ role, label }) {
      const token = TOKEN_PREFIX + toBase64Url(random(32));
      const id = randomUUID();
      await db
        .insertInto("api_tokens")
        .values({ id, token_hash: hashOf(token), role, label, created_at: clock() })
        .execute();
      return { id, token };
    },

    async authenticate(token) {
      if (!FORM.test(token)) return undefined;
      const row = await db
        .selectFrom("api_tokens")
        .select(["id", "role", "label", "last_used_at"])
        .where("token_hash", "=", hashOf(token))
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const now = clock();
      if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > LAST_USED_STEP_MS) {
        await db.updateTable("api_tokens").set({ last_used_at: now }).where("id", "=", row.id).execute();
      }
      return { tokenId: row.id, role: row.role, label: row.label };
    },

    async list() {
      const rows = await db
        .selectFrom("api_tokens")
        .select(["id", "role", "label", "created_at", "revoked_at", "last_used_at"])
        .orderBy("created_at")
        .execute();
      return rows.map((row) => ({
        id: row.id,
        role: row.role,
        label: row.label,
        createdAt: row.created_at,
        revokedAt: row.revoked_at,
        lastUsedAt: row.last_used_at,
      }));
    },

    async revoke(id) {
      const known = /^[0-9a-f-]{36}$/.test(id)
        ? await db
            .updateTable("api_tokens")
            .set((eb) => ({ revoked_at: eb.fn.coalesce("revoked_at", eb.val(clock())) }))
            .where("id", "=", id)
            .executeTakeFirst()
        : undefined;
      if (known?.numUpdatedRows !== 1n) throw new Fault("TOKEN_UNKNOWN", { id });
    },
  };
}

function hashOf(token: string): Buffer {
  return Buffer.from(sha256(utf8(token)));
}
