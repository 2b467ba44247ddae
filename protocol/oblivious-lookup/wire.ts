/** Fields of JSON between relayers: byte strings in canonical base64url of an exact length, integers in range. */
import { z } from "zod";

import { fromBase64Url } from "../encoding/bytes.ts";
import { Fault, type FaultValues } from "../errors/fault.ts";

/** A byte string of exactly `length` bytes; any other text for the same bytes is refused. */
export function wireBytes(length: number): z.ZodType<Uint8Array, string> {
  return z.string().transform((text, context) => {
    try {
      return fromBase64Url(text, length);
    } catch {
      context.addIssue({ code: "custom", message: `must be ${String(length)} bytes in base64url without padding` });
      return z.NEVER;
    }
  });
}

export const wireUint32 = z.number().int().min(0).max(0xffff_ffff);

type MalformedCode =
  "REQUEST_MALFORMED" | "RESPONSE_MALFORMED" | "CHANNEL_MESSAGE_MALFORMED" | "AGGREGATE_MESSAGE_MALFORMED";

/** Parses with `schema`. @throws Fault `code` with the first offending field's name and the reason, never its value. */
export function parseWire<T>(schema: z.ZodType<T>, body: unknown, code: MalformedCode): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Fault(code, describe(result.error));
}

function describe(error: z.ZodError): FaultValues {
  const issue = error.issues[0];
  // An unknown field's name is the sender's text: not repeated.
  const field = issue?.path[0];
  return {
    field: field === undefined ? "(body)" : String(field),
    reason:
      issue?.code === "unrecognized_keys" ? "has a field that is not defined" : (issue?.message ?? "is not valid"),
  };
}

/** Bytes that `text` stands for, without decoding it. */
export function encodedBytes(text: string): number {
  return Math.floor((text.length * 3) / 4);
}

/** @throws Fault `code` naming `field` if `text` is not canonical base64url. */
export function decodeText(text: string, field: string, code: MalformedCode): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    throw new Fault(code, { field, reason: "must be base64url without padding" }, cause);
  }
}
