/** The four messages of the key agreement, as JSON: byte strings in canonical base64url. docs/protocol.md has them in a table. */
import { z } from "zod";

import { toBase64Url } from "../encoding/bytes.ts";
import { CERTIFICATE_BYTES_MAXIMUM } from "../certificates/certificate.ts";
import { decodeText, encodedBytes, parseWire, wireBytes, wireUint32 } from "../oblivious-lookup/wire.ts";
import { SM3_BYTES } from "../sm/hmac-sm3.ts";
import { PUBLIC_KEY_BYTES } from "../sm/sm2-curve.ts";
import { SIGNATURE_BYTES } from "../sm/sm2-signature.ts";

/** Initiator to responder. */
export interface Hello {
  readonly initiator: number;
  readonly responder: number;
  /** 65 bytes, uncompressed point. */
  readonly ephemeral: Uint8Array;
}

/** Responder to initiator. */
export interface Answer {
  readonly ephemeral: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly lifetimeSeconds: number;
  readonly maximumRequests: number;
  readonly signature: Uint8Array;
  readonly mac: Uint8Array;
}

/** Initiator to responder. */
export interface Confirmation {
  /** Digest of hello and answer: which agreement this completes. */
  readonly handshake: Uint8Array;
  readonly certificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly mac: Uint8Array;
}

/** Responder to initiator: the session is open. */
export interface Acceptance {
  readonly mac: Uint8Array;
}

const MALFORMED = "CHANNEL_MESSAGE_MALFORMED";

const version = z.literal(1);
const point = wireBytes(PUBLIC_KEY_BYTES);
const signature = wireBytes(SIGNATURE_BYTES);
const mac = wireBytes(SM3_BYTES);
const certificate = z
  .string()
  .refine((text) => encodedBytes(text) <= CERTIFICATE_BYTES_MAXIMUM, "is too long for a certificate")
  .transform((text) => decodeText(text, "certificate", MALFORMED));

const hello = z.strictObject({ version, initiator: wireUint32, responder: wireUint32, ephemeral: point });
const answer = z.strictObject({
  version,
  ephemeral: point,
  certificate,
  lifetimeSeconds: wireUint32,
  maximumRequests: wireUint32,
  signature,
  mac,
});
const confirmation = z.strictObject({ version, handshake: wireBytes(SM3_BYTES), certificate, signature, mac });
const acceptance = z.strictObject({ version, mac });

/** What JSON.stringify takes: byte strings as base64url, numbers as they are. */
export function toWire(message: Hello | Answer | Confirmation | Acceptance): Record<string, string | number> {
  const fields = Object.entries(message) as [string, number | Uint8Array][];
  return Object.fromEntries([
    ["version", 1],
    ...fields.map(([name, value]) => [name, typeof value === "number" ? value : toBase64Url(value)]),
  ]) as Record<string, string | number>;
}

/** @throws Fault CHANNEL_MESSAGE_MALFORMED */
export function parseHello(body: unknown): Hello {
  const { initiator, responder, ephemeral } = parseWire(hello, body, MALFORMED);
  return { initiator, responder, ephemeral };
}

/** @throws Fault CHANNEL_MESSAGE_MALFORMED */
export function parseAnswer(body: unknown): Answer {
  const { version: _, ...message } = parseWire(answer, body, MALFORMED);
  return message;
}

/** @throws Fault CHANNEL_MESSAGE_MALFORMED */
export function parseConfirmation(body: unknown): Confirmation {
  const { version: _, ...message } = parseWire(confirmation, body, MALFORMED);
  return message;
}

/** @throws Fault CHANNEL_MESSAGE_MALFORMED */
export function parseAcceptance(body: unknown): Acceptance {
  return { mac: parseWire(acceptance, body, MALFORMED).mac };
}
