/** Errors as the API shows them: problem details (RFC 9457) with the catalogue's stable code. */
import type { Response } from "express";
import { z } from "zod";

import { Fault, type Language } from "../../protocol/errors/fault.ts";
import { endSealed } from "./seal.ts";

export const problemSchema = z.object({
  type: z.string().meta({ description: "urn:riskveil:fault: and the code" }),
  title: z.string().meta({ description: "What happened, in the language asked for" }),
  status: z.int(),
  detail: z.string().meta({ description: "What to do about it" }),
  code: z.string().meta({ description: "Stable: programs decide by this" }),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  requestId: z.string().meta({ description: "By which the log is searched" }),
});

export type Problem = z.output<typeof problemSchema>;

export function problemOf(fault: Fault, language: Language, requestId: string): Problem {
  return {
    type: `urn:riskveil:fault:${fault.code}`,
    title: fault.title(language),
    status: fault.status,
    detail: fault.remedy(language),
    code: fault.code,
    values: { ...fault.values },
    requestId,
  };
}

export function sendProblem(response: Response, fault: Fault, language: Language, requestId: string): void {
  if (fault.status === 401 && fault.code.startsWith("TOKEN"))
    response.setHeader("WWW-Authenticate", 'Bearer realm="riskveil"');
  if (typeof fault.values["seconds"] === "number") response.setHeader("Retry-After", String(fault.values["seconds"]));
  response.setHeader("Content-Language", language);
  response.status(fault.status).type("application/problem+json");
  endSealed(response, Buffer.from(JSON.stringify(problemOf(fault, language, requestId)), "utf8"));
}

/** What was thrown, as a Fault; anything unexpected is INTERNAL with its cause. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // The router cannot decode the path.
  if (error instanceof URIError) return new Fault("URL_MALFORMED", {}, error);
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400) return new Fault("URL_MALFORMED", {}, error);
  return new Fault("INTERNAL", {}, error);
}
