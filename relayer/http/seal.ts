/** What whoever asked is to be able to check about the answer: a header over its status and body, set when the answer is known. */
import type { Response } from "express";

/** Value of the header for this status and body. */
export type Seal = { readonly header: string; readonly of: (status: number, body: Uint8Array) => string };

const seals = new WeakMap<Response, Seal>();

/** From here on the answer to this request is sealed, a refusal too; one that is streamed is not. */
export function sealWith(response: Response, seal: Seal): void {
  seals.set(response, seal);
}

/** Ends the response with this body, sealed if it is to be. Status and other headers are set before. */
export function endSealed(response: Response, body: Uint8Array): void {
  const seal = seals.get(response);
  if (seal !== undefined) response.setHeader(seal.header, seal.of(response.statusCode, body));
  response.end(body);
}
