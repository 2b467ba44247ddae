/** One request through one route: who asks, what with, what for, and the answer. */
import type { Request, Response } from "express";
import type { Logger } from "pino";

import { Fault, type Language } from "../../protocol/errors/fault.ts";
import type { IdempotencyStore, IdempotentRequest } from "../store/idempotency.ts";
import type { Tokens } from "../store/tokens.ts";
import { checkContent, hasBody, parseJson, readBody } from "./body.ts";
import { networkOf, type RateLimiter } from "./rate-limit.ts";
import type { Caller } from "./role.ts";
import type { Route, RouteRequest } from "./route.ts";
import { queryOf, validate } from "./validate.ts";

export interface HandleDeps {
  /** Absent on the peer API, whose routes are all public. */
  readonly tokens: Pick<Tokens, "authenticate"> | undefined;
  readonly idempotency: IdempotencyStore | undefined;
  /** By token. */
  readonly limiter: RateLimiter;
  /** By network address, for routes without a token. */
  readonly publicLimiter: RateLimiter;
}

export interface RequestFacts {
  readonly requestId: string;
  readonly language: Language;
  readonly log: Logger;
  /** Filled in as it becomes known, for the access log. */
  caller?: Caller;
}

const JSON_LIMIT = 2 * 1024 * 1024;

export async function handle(
  route: Route,
  deps: HandleDeps,
  facts: RequestFacts,
  request: Request,
  response: Response,
): Promise<void> {
  // Before anything of the request is read.
  if (route.access !== "public") {
    facts.caller = await authenticate(request, deps, route.access);
    deps.limiter.admit(facts.caller.tokenId);
  } else if (route.unlimited !== true) {
    deps.publicLimiter.admit(networkOf(request.socket.remoteAddress ?? ""));
  }
  const bytes = await bodyOf(route, request);
  const routeRequest = {
    params: part("params", route.params, request.params),
    query: part("query", route.query, queryOf(request.originalUrl)),
    headers: part("headers", route.headers, request.headers),
    body:
      route.body === undefined
        ? undefined
        : validate("body", route.body, bytes === undefined ? bytes : parseJson(bytes)),
    bytes: route.upload === undefined ? new Uint8Array() : new Uint8Array(bytes ?? []),
    caller: facts.caller,
    requestId: facts.requestId,
    language: facts.language,
    log: facts.log,
    signal: abortedWithClient(response),
    raw: { request, response },
  } as unknown as RouteRequest<never, never, never, never>;

  const repetition = idempotentRequest(route, request, facts.caller, bytes);
  if (repetition === undefined || deps.idempotency === undefined) {
    await answer(route, routeRequest, response);
    return;
  }
  const known = await deps.idempotency.begin(repetition);
  if (known !== undefined) {
    response.setHeader("Idempotency-Replayed", "true");
    if (known.location !== null) response.setHeader("Location", known.location);
    response.status(known.status).type("application/json").end(known.body);
    return;
  }
  let result: unknown;
  try {
    result = await resultOf(route, routeRequest, response);
  } catch (error) {
    await deps.idempotency.abandon(repetition);
    throw error;
  }
  const location = response.getHeader("Location");
  await deps.idempotency.complete(repetition, {
    status: response.statusCode,
    body: bytesOfJson(route.replayed === undefined ? result : route.replayed(result as never)),
    location: typeof location === "string" ? location : null,
  });
  finish(response, bytesOfJson(result));
}

/** @throws Fault TOKEN_MISSING, TOKEN_INVALID, ROLE_FORBIDDEN */
async function authenticate(request: Request, { tokens }: HandleDeps, roles: readonly string[]): Promise<Caller> {
  const header = request.get("authorization");
  if (header === undefined) throw new Fault("TOKEN_MISSING");
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const caller = token === undefined ? undefined : await tokens?.authenticate(token);
  if (caller === undefined) throw new Fault("TOKEN_INVALID");
  if (!roles.includes(caller.role)) {
    throw new Fault("ROLE_FORBIDDEN", { role: caller.role, allowed: roles.join(", ") });
  }
  return caller;
}

/** Undefined when the route takes none, or takes none as well and none was sent. */
async function bodyOf({ body, upload, limitBytes = JSON_LIMIT }: Route, request: Request): Promise<Buffer | undefined> {
  if (upload !== undefined) {
    checkContent(request, upload.contentTypes);
    return await readBody(request, upload.limitBytes);
  }
  if (body === undefined) return undefined;
  if (!hasBody(request) && body.safeParse(undefined).success) return undefined;
  checkContent(request, ["application/json"]);
  return await readBody(request, limitBytes);
}

function part(name: string, schema: Route["params"], value: unknown): unknown {
  return schema === undefined ? undefined : validate(name, schema, value);
}

/** @throws Fault IDEMPOTENCY_KEY_INVALID */
function idempotentRequest(
  route: Route,
  request: Request,
  caller: Caller | undefined,
  bytes: Buffer | undefined,
): IdempotentRequest | undefined {
  const key = request.get("idempotency-key");
  if (route.idempotent !== true || caller === undefined || key === undefined) return undefined;
  if (!/^[\w.-]{1,128}$/.test(key)) throw new Fault("IDEMPOTENCY_KEY_INVALID");
  const target = `${request.method} ${request.originalUrl}`;
  return { caller: caller.tokenId, key, target, body: bytes ?? new Uint8Array() };
}

async function answer(
  route: Route,
  request: RouteRequest<never, never, never, never>,
  response: Response,
): Promise<void> {
  if (route.streams === undefined) {
    finish(response, bytesOfJson(await resultOf(route, request, response)));
    return;
  }
  response.type(route.streams);
  await route.handler(request);
  if (!response.writableEnded) response.end();
}

/** The handler's result, through the response schema: nothing that it does not declare leaves. Undefined without one. */
async function resultOf(
  route: Route,
  request: RouteRequest<never, never, never, never>,
  response: Response,
): Promise<unknown> {
  const result = await route.handler(request);
  // A handler may have set another status (a health check that fails).
  if (response.statusCode === 200) response.status(route.status ?? 200);
  return route.response?.parseAsync(result);
}

function bytesOfJson(result: unknown): Buffer {
  return result === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(result));
}

function finish(response: Response, body: Buffer): void {
  if (body.length > 0) response.type("application/json");
  response.end(body);
}

function abortedWithClient(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
