/**
 * Kysely sends every statement unnamed, so PostgreSQL parses and plans it each time, which costs several times what our
 * short statements take to run. Here a statement with parameters gets a name made from its text, and is parsed once a
 * connection and planned once for good. Statements whose text varies with the number of rows would fill a connection's
 * memory: only short texts are named, and only so many of them.
 */
import { createHash } from "node:crypto";

import type { PoolClient } from "pg";

/** Longer texts are lists of rows, each with a length of its own. */
const LONGEST_TEXT = 2_000;
const MOST_NAMES = 500;

type Query = (text: unknown, values?: unknown, ...rest: unknown[]) => unknown;

/** Makes `client` name its statements. `names` is shared by the connections of one pool. */
export function nameStatements(client: PoolClient, names: Map<string, string>): void {
  const plain = client.query.bind(client) as Query;
  const named: Query = (text, values, ...rest) => {
    if (typeof text !== "string" || !Array.isArray(values) || values.length === 0) return plain(text, values, ...rest);
    const name = nameOf(text, names);
    return name === undefined ? plain(text, values, ...rest) : plain({ name, text, values }, ...rest);
  };
  client.query = named as typeof client.query;
}

function nameOf(text: string, names: Map<string, string>): string | undefined {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (text.length > LONGEST_TEXT || names.size >= MOST_NAMES) return undefined;
  const name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  names.set(text, name);
  return name;
}
