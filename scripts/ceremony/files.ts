/** The ceremony's files: JSON of a known form, never overwritten, readable by their owner only until they are handed on. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import type { z } from "zod";

import { Fault } from "../../protocol/errors/fault.ts";
import type { Sm2KeyPair, Sm2PublicKey } from "../../protocol/sm/sm2-curve.ts";
import { privateKeyFromPem, publicKeyFromPem } from "../../protocol/sm/sm2-key-pem.ts";
import { createKeyFile, readKeyFile } from "../../relayer/keys/key-file.ts";
import { randomSource } from "../governance/random-source.ts";

export const RECORD_FILE = "record.json";
/** A record of 32 participants has some 80,000. */
const MOST_BYTES = 1_000_000;

export function sealedFile(index: number): string {
  return `share-${String(index)}.sealed.json`;
}

export function acknowledgementFile(index: number): string {
  return `acknowledgement-${String(index)}.json`;
}

/** @throws Fault CEREMONY_FILE_INVALID for what cannot be read, is larger than 1 MB or has another form */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    if ((await stat(file)).size > MOST_BYTES) throw new Fault("CEREMONY_FILE_INVALID", { file });
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new Fault("CEREMONY_FILE_INVALID", { file }, cause);
  }
}

/** @throws Fault CEREMONY_FILE_EXISTS */
export async function writeJson(directory: string, name: string, content: unknown): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, name);
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (!(await createKeyFile(file, text, randomSource))) throw new Fault("CEREMONY_FILE_EXISTS", { file });
  return file;
}

/** Before minutes of work: whether `name` may still be written there. @throws Fault CEREMONY_FILE_EXISTS */
export async function checkVacant(directory: string, name: string): Promise<void> {
  const file = join(directory, name);
  const there = await stat(file).then(
    () => true,
    () => false,
  );
  if (there) throw new Fault("CEREMONY_FILE_EXISTS", { file });
}

/** PKCS#8 in PEM, not encrypted. @throws Fault KEY_FILE_EXPOSED, CEREMONY_FILE_INVALID, SM2_KEY_FILE_INVALID */
export async function readSecretKey(file: string): Promise<Sm2KeyPair> {
  const text = await readKeyFile(file);
  if (text === undefined) throw new Fault("CEREMONY_FILE_INVALID", { file });
  return privateKeyFromPem(text);
}

/** SubjectPublicKeyInfo in PEM. @throws Fault CEREMONY_FILE_INVALID, SM2_KEY_FILE_INVALID, SM2_PUBLIC_KEY_INVALID */
export async function readPublicKey(file: string): Promise<Sm2PublicKey> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new Fault("CEREMONY_FILE_INVALID", { file }, cause);
  }
  return publicKeyFromPem(text);
}
