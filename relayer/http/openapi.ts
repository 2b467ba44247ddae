/** The OpenAPI 3.1 document, made from the routes themselves. */
import { z } from "zod";

import type { Language } from "../../protocol/errors/fault.ts";
import { problemSchema } from "./problem.ts";
import type { Route } from "./route.ts";

export interface ApiInfo {
  readonly title: { readonly en: string; readonly zh: string };
  readonly version: string;
}

type Json = Record<string, unknown>;

export function openApiDocument(routes: readonly Route[], info: ApiInfo, language: Language): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, language) };
  }
  return {
    openapi: "3.1.0",
    info: { title: info.title[language], version: info.version },
    servers: [{ url: "/" }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: jsonSchema(problemSchema, "output") },
      responses: {
        Problem: {
          description: language === "en" ? "Why it was refused, and what to do" : "拒绝原因与处理办法",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operation(route: Route, language: Language): Json {
  const { summary, description, tag, access, status = 200 } = route;
  const roles = access === "public" ? undefined : access.join(", ");
  const details = [
    description?.[language],
    roles === undefined ? undefined : `${language === "en" ? "Roles" : "角色"}: ${roles}`,
  ].filter((text) => text !== undefined);
  return {
    operationId: `${route.method}${route.path.replace(/[{}]/g, "").replace(/[^A-Za-z0-9]+(\w)/g, (_, c: string) => c.toUpperCase())}`,
    summary: summary[language],
    ...(details.length === 0 ? {} : { description: details.join("\n\n") }),
    tags: [tag],
    security: access === "public" ? [] : [{ token: [] }],
    parameters: parameters(route),
    ...requestBody(route),
    responses: { [String(status)]: answer(route), default: { $ref: "#/components/responses/Problem" } },
  };
}

function parameters(route: Route): Json[] {
  const list = [
    ...members(route.params, "path"),
    ...members(route.query, "query"),
    ...members(route.headers, "header"),
  ];
  if (route.idempotent === true) {
    list.push({ name: "Idempotency-Key", in: "header", required: false, schema: { type: "string", maxLength: 128 } });
  }
  return list;
}

function members(schema: z.ZodType | undefined, place: "path" | "query" | "header"): Json[] {
  if (schema === undefined) return [];
  const object = jsonSchema(schema, "input");
  const required = (object["required"] ?? []) as string[];
  return Object.entries((object["properties"] ?? {}) as Record<string, Json>).map(([name, member]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: member,
  }));
}

function requestBody({ body, upload }: Route): Json {
  if (upload !== undefined) {
    const content = Object.fromEntries(upload.contentTypes.map((type) => [type, { schema: {} }]));
    return { requestBody: { required: true, content } };
  }
  if (body === undefined) return {};
  const required = !body.safeParse(undefined).success;
  return { requestBody: { required, content: { "application/json": { schema: jsonSchema(body, "input") } } } };
}

function answer({ response, streams, status }: Route): Json {
  const description = status === 202 ? "Accepted" : "Success";
  if (streams !== undefined) return { description, content: { [streams]: { schema: {} } } };
  if (response === undefined) return { description };
  return { description, content: { "application/json": { schema: jsonSchema(response, "output") } } };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const described: Json = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  // The document says which dialect all of its schemas are in.
  delete described["$schema"];
  return described;
}
