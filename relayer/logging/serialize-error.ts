/**
 * What a log says about an error: enough to find the cause, nothing that came from a person's data. Messages of PostgreSQL
 * and of JSON.parse quote the value they stumbled over, so these are named by code and place only.
 */
import { isFault } from "../../protocol/errors/fault.ts";

const MAX_DEPTH = 5;

export function serializeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = error as Error & Record<string, unknown>;
  const facts: Record<string, unknown> = { type: error.name };
  if (isFault(error)) Object.assign(facts, { code: error.code, values: error.values });
  else if (typeof fields["code"] === "string") facts["code"] = fields["code"];
  if (isPostgresError(fields)) {
    for (const name of ["severity", "constraint", "table", "column", "routine"]) {
      if (typeof fields[name] === "string") facts[name] = fields[name];
    }
  } else if (!(error instanceof SyntaxError)) facts["message"] = error.message;
  // The stack begins with the message, which was left out above for a reason.
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) facts["stack"] = frames.join("\n");
  if (error.cause !== undefined && depth < MAX_DEPTH) facts["cause"] = serializeError(error.cause, depth + 1);
  return facts;
}

/** SQLSTATE is five characters, and only PostgreSQL's errors have a severity. */
function isPostgresError(error: Record<string, unknown>): boolean {
  return typeof error["severity"] === "string" && /^[0-9A-Z]{5}$/.test(String(error["code"]));
}
