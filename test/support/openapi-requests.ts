/** Requests made from an OpenAPI document: mostly as it says, with places where something else stands. */
import fc, { type Arbitrary } from "fast-check";

type Schema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Roles that may call it; empty if anybody may. */
  readonly roles: readonly string[];
  readonly arbitrary: Arbitrary<GeneratedRequest>;
}

export interface GeneratedRequest {
  /** Path with query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface DocumentedOperation {
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** What no schema asks for: other types, edges of numbers and dates, bytes that stores and paths trip over. */
const STRANGE: readonly unknown[] = [
  ...[null, true, 0, -1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, "", " ", "\u0000", "a\u0000b", "\ud800", "\uffff"],
  ...["__proto__", "constructor", "' or 1=1 --", "../../etc/passwd", "%00", "%", "\r\nx: y", "A".repeat(5_000)],
  ...["0000-01-01", "9999-12-31", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2024-02-30", "١٢٣"],
  ...[[], {}, [[[[[[]]]]]], { __proto__: null, toString: 1 }, ["", ""], Array.from({ length: 2_000 }, () => 0)],
];

const strange = fc.constantFrom(...STRANGE);

export function operationsOf(document: unknown): Operation[] {
  const { paths } = document as { paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      roles: rolesOf(operation.description),
      arbitrary: requestTo(path, operation),
    })),
  );
}

function rolesOf(description = ""): string[] {
  return /Roles: (.+)$/m.exec(description)?.[1]?.split(", ") ?? [];
}

function requestTo(path: string, { parameters = [], requestBody }: DocumentedOperation): Arbitrary<GeneratedRequest> {
  const values = fc.tuple(...parameters.map(({ schema }) => fc.tuple(valueOf(schema, 4), fc.boolean())));
  const [[type, media] = ["application/json", undefined]] = Object.entries(requestBody?.content ?? {});
  const json = type === "application/json";
  const body =
    requestBody === undefined
      ? fc.constant(undefined)
      : json
        ? valueOf(media?.schema ?? {}, 5).map((value) => JSON.stringify(value))
        : fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom("\u0000", "a,b\n1", '"', ",".repeat(5_000)));
  return fc.tuple(values, body).map(([given, text]) => {
    const query = new URLSearchParams();
    const headers: Record<string, string> = text === undefined ? {} : { "content-type": type };
    let target = path;
    parameters.forEach((parameter, i) => {
      const [value, present] = given[i] ?? ["", false];
      const written = typeof value === "string" ? value : JSON.stringify(value);
      if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, segment(written));
      else if (parameter.required !== true && !present) return;
      else if (parameter.in === "query") query.append(parameter.name, written);
      else if (parameter.in === "header") headers[parameter.name] = written.replace(/[^ -~]/g, "?").slice(0, 1_000);
    });
    return { target: query.size === 0 ? target : `${target}?${query.toString()}`, headers, body: text };
  });
}

/** Encoded, so that the path keeps its shape; an empty or a dotted one would make it another. */
function segment(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return encoded === "" || /^\.+$/.test(encoded) ? "_" : encoded;
}

/** One value in five is strange, at any depth. */
function valueOf(schema: Schema, depth: number): Arbitrary<unknown> {
  return fc.oneof({ weight: 4, arbitrary: proper(schema, depth) }, { weight: 1, arbitrary: strange });
}

function proper(schema: Schema, depth: number): Arbitrary<unknown> {
  const list = (key: string): readonly unknown[] | undefined => schema[key] as readonly unknown[] | undefined;
  if (depth === 0) return strange;
  if ("const" in schema) return fc.constant(schema["const"]);
  const choices = list("enum");
  if (choices !== undefined) return fc.constantFrom(...choices);
  const variants = (list("anyOf") ?? list("oneOf")) as readonly Schema[] | undefined;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => valueOf(variant, depth - 1)));
  switch (schema["type"]) {
    case "object":
      return objectOf(schema, depth);
    case "array":
      return fc.array(valueOf((schema["items"] ?? {}) as Schema, depth - 1), { maxLength: 3 });
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer());
    case "boolean":
      return fc.boolean();
    default:
      return strange;
  }
}

function objectOf(schema: Schema, depth: number): Arbitrary<unknown> {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
  const model = Object.fromEntries(properties.map(([name, member]) => [name, valueOf(member, depth - 1)]));
  const requiredKeys = ((schema["required"] ?? []) as string[]).filter((key) => key in model);
  return fc.record(model, { requiredKeys });
}

function textOf(schema: Schema): Arbitrary<string> {
  if (schema["format"] === "uuid") return fc.uuid();
  if (schema["format"] === "date-time") {
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01") })
      .map((date) => date.toISOString());
  }
  const pattern = schema["pattern"];
  return typeof pattern === "string" ? fc.stringMatching(new RegExp(pattern)) : fc.string({ maxLength: 40 });
}
