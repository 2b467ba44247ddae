/**
 * A route is one object: the router, the validation, the access check and the OpenAPI document are all made from it, so
 * they cannot disagree. Handlers are typed by the schemas they were defined with.
 */
import type { Request, Response } from "express";
import type { Logger } from "pino";
import type { z } from "zod";

import type { Language } from "../../protocol/errors/fault.ts";
import type { Caller, Role } from "./role.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** "public": no bearer token is asked for (health, documents, and what authenticates itself, as evaluate by its voucher). */
export type Access = "public" | readonly Role[];

type Bilingual = { readonly en: string; readonly zh: string };

/** A request body that is not JSON: handed to the handler as bytes. */
export interface Upload {
  /** Accepted media types, without parameters, e.g. `text/csv`. */
  readonly contentTypes: readonly string[];
  /** Largest body, in bytes. */
  readonly limitBytes: number;
}

/** What a handler is given. `params`, `query` and `body` are outputs of the route's schemas. */
export interface RouteRequest<P, Q, B, A extends Access = Access> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The body of a route with `upload`; empty otherwise. */
  readonly bytes: Uint8Array;
  readonly caller: A extends "public" ? undefined : Caller;
  readonly requestId: string;
  readonly language: Language;
  readonly log: Logger;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** For headers, ranges and streams. A JSON route only sets headers here. */
  readonly raw: { readonly request: Request; readonly response: Response };
}

interface RouteFacts<A extends Access> {
  readonly method: Method;
  /** OpenAPI form: `/v1/queries/{id}`. */
  readonly path: `/${string}`;
  readonly summary: Bilingual;
  readonly description?: Bilingual;
  /** Groups operations in the documentation: "queries", "records", ... */
  readonly tag: string;
  readonly access: A;
  /** Success status; 200 unless given. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Largest JSON body, in bytes; 2 MB unless given. */
  readonly limitBytes?: number;
  /** Counted against no rate limit: whoever watches the process must not be locked out by whoever floods it. */
  readonly unlimited?: boolean;
  /** Honour the Idempotency-Key header: same key and same request give the same response, another request a Fault. */
  readonly idempotent?: boolean;
}

interface RouteSchemas<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  /** Headers the route needs, by lower-case name; they are checked and documented, and read from `raw.request`. */
  readonly headers?: z.ZodType;
  readonly body?: B;
  readonly upload?: Upload;
  /** Shape of a JSON answer. What the handler returns is parsed with it, so nothing undeclared leaves. */
  readonly response?: R;
  /** What of the answer an Idempotency-Key gives again, where not all of it may be kept; of the shape of `response`. */
  readonly replayed?: (answer: z.output<R>) => z.output<R>;
  /** Media type of an answer that the handler writes to `raw.response` by itself (files, SSE). Excludes `response`. */
  readonly streams?: string;
}

/** A route as the application holds it, its schemas' types forgotten. Make one with `defineRoute`. */
export interface Route
  extends RouteFacts<Access>, Omit<RouteSchemas<z.ZodType, z.ZodType, z.ZodType, z.ZodType>, "replayed"> {
  readonly replayed?: (answer: never) => unknown;
  readonly handler: (request: RouteRequest<never, never, never, never>) => Promise<unknown>;
}

/**
 * Checks a route's handler against its schemas.
 *
 * @example
 * defineRoute({
 *   method: "get", path: "/v1/queries/{id}", summary: { en: "Read a query", zh: "查看查询" }, tag: "queries",
 *   access: ["credit_officer"], params: z.object({ id: z.uuid() }), response: queryView,
 *   handler: async ({ params, caller }) => readQuery(ctx, params.id, caller),
 * })
 */
export function defineRoute<
  const A extends Access,
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodVoid,
>(
  route: RouteFacts<A> &
    RouteSchemas<P, Q, B, R> & {
      readonly handler: (request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>, A>) => Promise<z.input<R>>;
    },
): Route {
  return route;
}
