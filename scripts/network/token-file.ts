/** The demo's API tokens: one for each role, kept in a file that only the owner reads, so that a restart can go on with them. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { ROLES, type Role } from "../../relayer/http/role.ts";
import { openDatabase } from "../../relayer/store/database.ts";
import { createTokens } from "../../relayer/store/tokens.ts";

export type RoleTokens = Readonly<Record<Role, string>>;

/** Tokens that the database knows: those of the file, or new ones. The schema must be up to date. */
export async function obtainTokens(file: string, databaseUrl: string): Promise<RoleTokens> {
  const db = openDatabase(databaseUrl, { max: 1 });
  try {
    const tokens = createTokens(db, () => new Date(), randomBytes);
    const kept = readTokens(file);
    const obtained: Partial<Record<Role, string>> = {};
    for (const role of ROLES) {
      const known = kept[role];
      const usable = known !== undefined && (await tokens.authenticate(known))?.role === role;
      obtained[role] = usable ? known : (await tokens.create({ role, label: `demo ${role}` })).token;
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${JSON.stringify(obtained, null, 2)}\n`, { mode: 0o600 });
    return obtained as RoleTokens;
  } finally {
    await db.destroy();
  }
}

function readTokens(file: string): Partial<Record<Role, string>> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<Record<Role, string>>;
  } catch {
    return {};
  }
}
