/**
 * The relayer's log: JSON lines. It never holds bodies, tokens, keys or identity numbers: what is logged is chosen field by
 * field, secrets' usual names are redacted, errors are reduced to their causes, and every line is masked at last.
 */
import { pino, type DestinationStream, type LogFn, type Logger } from "pino";

import type { Config } from "../config/config.ts";
import { maskIdentityNumbers } from "./mask.ts";
import { serializeError } from "./serialize-error.ts";

const SECRET_NAMES = [
  "authorization",
  "cookie",
  "token",
  "password",
  "secret",
  "secretKey",
  "privateKey",
  "key",
  "blind",
  "tag",
  "body",
  "subject",
  "number",
  "databaseUrl",
  "redisUrl",
];

export function createLogger(config: Pick<Config, "logLevel" | "name">, destination?: DestinationStream): Logger {
  const options = {
    level: config.logLevel,
    base: { member: config.name },
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[redacted]",
    },
    serializers: {
      err: (error: unknown) => serializeError(error),
      error: (error: unknown) => serializeError(error),
      cause: (error: unknown) => serializeError(error),
    },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    hooks: { streamWrite: maskIdentityNumbers, logMethod: withoutBorrowedMessage },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** pino takes an error's message for a line that has none, past the serializer: such a line gets an empty message. */
function withoutBorrowedMessage(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, second] = args as unknown[];
  if (first instanceof Error) method.call(this, { err: first }, typeof second === "string" ? second : "");
  else if (typeof first === "object" && first !== null && second === undefined) method.call(this, first, "");
  else method.apply(this, args);
}
