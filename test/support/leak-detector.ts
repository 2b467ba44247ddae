/** Finds secrets in what a party stores, sends or sees, also where they stand in hex or base64, and what two views share. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { keccak256, sm3 } from "../../protocol/encoding/digest.ts";

/** Sixteen bytes in common are no accident: a tag, half a digest, all but two characters of an identity number. */
export const WINDOW = 16;

/** The bytes themselves, and what the hex and base64 texts in them stand for. */
export function decodings(bytes: Uint8Array): Buffer[] {
  const raw = Buffer.from(bytes);
  const text = raw.toString("latin1");
  const found = [raw];
  for (const [hex] of text.matchAll(/[0-9a-fA-F]{32,}/g)) {
    found.push(Buffer.from(hex, "hex"), Buffer.from(hex.slice(1), "hex"));
  }
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{22,}/g)) {
    // A text may begin within a run of such characters.
    for (let skip = 0; skip < 4; skip += 1) found.push(Buffer.from(run.slice(skip), "base64"));
  }
  return found;
}

/** Every run of 16 bytes in the bytes and their decodings, but those that are mostly zeros: counters, lengths, padding. */
export function windowsOf(views: readonly Uint8Array[]): Set<string> {
  const windows = new Set<string>();
  for (const bytes of views.flatMap(decodings)) {
    const text = bytes.toString("latin1");
    for (let at = 0; at + WINDOW <= text.length; at += 1) {
      const window = text.slice(at, at + WINDOW);
      if (window.replaceAll("\0", "").length >= WINDOW / 2) windows.add(window);
    }
  }
  return windows;
}

export interface LeakDetector {
  /** How many secrets it knows. */
  readonly size: number;
  /** Names of the secrets found. */
  find(bytes: Uint8Array): string[];
}

/** Finds the first 16 bytes of each secret, in the bytes and in their decodings. */
export function createLeakDetector(secrets: Iterable<readonly [name: string, secret: Uint8Array]>): LeakDetector {
  const names = new Map<string, string>();
  // One bit for each beginning of three bytes: nearly all places are done with after one look.
  const beginnings = new Uint8Array(2 ** 24);
  for (const [name, secret] of secrets) {
    if (secret.length < WINDOW) throw new RangeError("too short to be told from chance");
    const head = Buffer.from(secret.subarray(0, WINDOW));
    names.set(head.toString("latin1"), name);
    beginnings[head.readUIntBE(0, 3)] = 1;
  }
  return {
    size: names.size,
    find(bytes) {
      const found = new Set<string>();
      for (const each of decodings(bytes)) {
        for (let at = 0; at + WINDOW <= each.length; at += 1) {
          if (beginnings[each.readUIntBE(at, 3)] !== 1) continue;
          const name = names.get(each.toString("latin1", at, at + WINDOW));
          if (name !== undefined) found.add(name);
        }
      }
      return [...found];
    },
  };
}

/** An identity number, and what a careless program would make of it. */
export function formsOf(number: string): [string, Uint8Array][] {
  const forms: [string, Uint8Array][] = [
    // The canonical form begins alike for everybody; the number in it is found by itself.
    ["a number", Buffer.from(number, "latin1")],
    ["a number in UTF-16", Buffer.from(number, "utf16le")],
  ];
  for (const text of [number, `cn-resident-id:${number}`]) {
    const bytes = Buffer.from(text, "latin1");
    for (const hash of ["md5", "sha1", "sha256", "sha512"]) {
      forms.push([`${hash} of a number`, createHash(hash).update(bytes).digest()]);
    }
    forms.push(["SM3 of a number", sm3(bytes)], ["keccak of a number", keccak256(bytes)]);
  }
  return forms;
}

/** All identity numbers in the files below a directory of sample data. */
export function numbersIn(directory: string): Set<string> {
  const numbers = new Set<string>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(join(entry.parentPath, entry.name)).toString("latin1");
    for (const [number] of text.matchAll(/(?<!\d)\d{2}9999(?:19|20)\d{9}[\dXx](?!\d)/g))
      numbers.add(number.toUpperCase());
  }
  return numbers;
}
