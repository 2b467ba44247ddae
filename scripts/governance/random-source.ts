import { randomBytes } from "node:crypto";

/** The operating system's random bytes, in the form that the protocol takes them. */
export function randomSource(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
