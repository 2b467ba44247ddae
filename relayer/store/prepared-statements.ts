/**
 * Kysely sends every statement unnamed, so PostgreSQL parses and plans it each time, which costs several times what our
 * short statements take to run. Here a statement with parameters gets a name made from its text, and is parsed once a
 * connection and planned once for good. Statements whose text varies with the number of rows would fill a connection's
 * memory: only short texts are named, and only so many of them.
 */
import { createHash } from "node:crypto";

/** Longer texts are lists of rows, each with a length of its own. */
const LONGEST_TEXT = 2_000;
const MOST_NAMES = 500;

/** The name of a statement's text; undefined if it is to have none. */
export type StatementNames = (text: string) => string | undefined;

/** Names for the connections of one pool. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST_TEXT || names.size >= MOST_NAMES) return undefined;
    const name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
    names.set(text, name);
    return name;
  };
}
