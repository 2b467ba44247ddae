/** An API from a list of routes. The relayer has two: for its own firm, and for the other members' relayers. */
import { randomUUID } from "node:crypto";

import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { Logger } from "pino";

import { Fault } from "../../protocol/errors/fault.ts";
import { documentation } from "./documentation.ts";
import { handle, type HandleDeps, type RequestFacts } from "./handle.ts";
import { healthRoutes, type Check } from "./health.ts";
import { languageOf } from "./language.ts";
import type { ApiInfo } from "./openapi.ts";
import { faultOf, sendProblem } from "./problem.ts";
import { createRateLimiter, type RateLimit } from "./rate-limit.ts";
import type { Route } from "./route.ts";
import { securityHeaders } from "./security-headers.ts";

export interface AppOptions extends Omit<HandleDeps, "limiter" | "publicLimiter"> {
  readonly routes: readonly Route[];
  readonly info: ApiInfo;
  /** Named parts that /readyz asks: db, chain, queue. */
  readonly checks: Readonly<Record<string, Check>>;
  readonly log: Logger;
  readonly clock: () => Date;
  /** For each token. */
  readonly rateLimit?: RateLimit;
  /** For each network address, on routes without a token. */
  readonly publicRateLimit?: RateLimit;
}

const RATE_LIMIT: RateLimit = { perSecond: 100, burst: 400 };
/** A member asks a hundred times a second and more; one that asks like this is broken, or none of ours. */
const PUBLIC_RATE_LIMIT: RateLimit = { perSecond: 500, burst: 2_000 };

export function createApp(options: AppOptions): Express {
  const routes = [...healthRoutes(options.checks), ...options.routes];
  checkRoutes(routes, options);
  const { tokens, idempotency, clock } = options;
  const deps: HandleDeps = {
    tokens,
    idempotency,
    limiter: createRateLimiter(options.rateLimit ?? RATE_LIMIT, clock),
    publicLimiter: createRateLimiter(options.publicRateLimit ?? PUBLIC_RATE_LIMIT, clock),
  };
  const facts = new WeakMap<Request, RequestFacts>();

  const app = express();
  app.disable("x-powered-by").disable("etag");
  app.use(securityHeaders);
  app.use((request, response, next) => {
    const requestId = randomUUID();
    response.setHeader("X-Request-Id", requestId);
    const language = languageOf(request.get("accept-language"));
    facts.set(request, { requestId, language, log: options.log.child({ requestId }) });
    next();
  });
  app.use(documentation(routes, options.info));

  for (const route of routes) {
    app[route.method](expressPath(route.path), async (request, response) => {
      const known = factsOf(request);
      logWhenDone(known, route, response, options.clock);
      await handle(route, deps, known, request, response);
    });
  }
  // The path is known, the method was not.
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
    app.all(expressPath(path), (_request, response) => {
      response.setHeader("Allow", allowed.join(", "));
      throw new Fault("METHOD_NOT_ALLOWED", { allowed: allowed.join(", ") });
    });
  }
  app.use(() => {
    throw new Fault("ROUTE_UNKNOWN");
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const { log, language, requestId } = factsOf(request);
    const fault = faultOf(error);
    if (fault.code === "INTERNAL") log.error({ err: error }, "request failed");
    else if (fault.status >= 500) log.warn({ err: error }, "request refused");
    if (response.headersSent) response.destroy();
    else sendProblem(response, fault, language, requestId);
  });
  return app;

  function factsOf(request: Request): RequestFacts {
    const known = facts.get(request);
    if (known === undefined) throw new Error("a request that did not pass the first step");
    return known;
  }
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

/** Mistakes of the program, found when it starts and not when somebody calls. */
function checkRoutes(routes: readonly Route[], { tokens, idempotency }: AppOptions): void {
  const seen = new Set<string>();
  for (const { method, path, access, idempotent, streams, response, body, upload } of routes) {
    const name = `${method.toUpperCase()} ${path}`;
    const shape = path.replace(/\{\w+\}/g, "{}");
    if (seen.has(`${method} ${shape}`)) throw new Error(`${name} is defined twice`);
    seen.add(`${method} ${shape}`);
    if (access !== "public" && tokens === undefined) throw new Error(`${name} needs tokens`);
    if (idempotent === true && (idempotency === undefined || access === "public" || streams !== undefined)) {
      throw new Error(`${name} cannot be idempotent`);
    }
    if (streams !== undefined && response !== undefined) throw new Error(`${name} streams and has a response`);
    if (body !== undefined && upload !== undefined) throw new Error(`${name} has two kinds of body`);
  }
}

/** The pattern, not the URL: what somebody put into a path is not for the log. */
function logWhenDone(facts: RequestFacts, route: Route, response: Response, clock: () => Date): void {
  const start = clock().getTime();
  response.once("close", () => {
    facts.log.info(
      {
        method: route.method,
        route: route.path,
        status: response.statusCode,
        ms: clock().getTime() - start,
        role: facts.caller?.role,
        aborted: !response.writableFinished,
      },
      "request",
    );
  });
}
