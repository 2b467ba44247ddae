import type { z } from "zod";

import { Fault } from "../../protocol/errors/fault.ts";
import { maskIdentityNumbers } from "../logging/mask.ts";

/** So many places are named at most; whoever has more is not helped by more. */
const MAX_PATHS = 20;

/**
 * Parses a part of a request. @throws Fault REQUEST_INVALID naming places and kinds of fault, never what was there.
 * @param part where it stands: "params", "query", "body", "headers".
 */
export function validate(part: string, schema: z.ZodType, value: unknown): unknown {
  // The store cannot hold it, and no schema would think of it.
  if (holdsNul(value)) throw new Fault("REQUEST_INVALID", { paths: `${part} (nul)` });
  let parsed: z.ZodSafeParseResult<unknown>;
  try {
    parsed = schema.safeParse(value);
  } catch (error) {
    // A recursive schema on input nested beyond the stack.
    if (error instanceof RangeError) throw new Fault("REQUEST_INVALID", { paths: part });
    throw error;
  }
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${[part, ...issue.path.map(segment)].join(".")} (${issue.code})`);
  const shown = [...new Set(places)].slice(0, MAX_PATHS);
  throw new Fault("REQUEST_INVALID", { paths: shown.join(", ") });
}

/** Whether any text in a JSON value, names included, holds U+0000. Without recursion: the value may be nested deeply. */
function holdsNul(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "string" && next.includes("\0")) return true;
    if (typeof next !== "object" || next === null) continue;
    for (const [name, member] of Object.entries(next)) left.push(name, member);
  }
  return false;
}

/** Keys may come from the request: only what looks like a field's name or an index is repeated. */
function segment(key: PropertyKey): string {
  const text = String(key);
  return /^(?:[A-Za-z_]\w{0,63}|\d{1,6})$/.test(text) ? maskIdentityNumbers(text) : "*";
}

/** Query parameters: a string, or an array where one is repeated. */
export function queryOf(url: string): Record<string, string | string[]> {
  const start = url.indexOf("?");
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(start < 0 ? "" : url.slice(start + 1))) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  // fromEntries defines properties, so that a parameter named __proto__ is one like any other.
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? "") : all]));
}
