/**
 * What stands on chain for a document: a salted digest. The salt is kept beside the document, in `<document>.digest.json`; who
 * has both can show later that the document is the one. The document itself stays where it is.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";

import { z } from "zod";

import { bytesEqual, fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { saltedDigest } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { createKeyFile } from "../../relayer/keys/key-file.ts";
import { randomSource } from "../governance/random-source.ts";
import type { Text } from "./language.ts";
import { invalid } from "./words/amounts.ts";

const DOMAIN = "riskveil/document";
export const NO_DIGEST: Hex = `0x${"00".repeat(32)}`;

export interface DocumentDigest {
  readonly digest: Hex;
  /** Writes the salt down, unless it is there already. */
  keep(): Promise<readonly Text[]>;
}

const recordSchema = z.strictObject({
  domain: z.literal(DOMAIN),
  salt: z.string().regex(/^0x[0-9a-f]{64}$/),
  digest: z.string().regex(/^0x[0-9a-f]{64}$/),
});

export interface DocumentArguments {
  readonly document?: string | undefined;
  readonly digest?: string | undefined;
}

/**
 * Of `--document`, or `--digest` as it is; all zeros where neither is given.
 * @throws Fault DOCUMENT_UNREADABLE, DOCUMENT_DIGEST_DIFFERS, ARGUMENT_INVALID
 */
export async function digestOf({ document, digest }: DocumentArguments): Promise<DocumentDigest> {
  const nothingToKeep = (): Promise<readonly Text[]> => Promise.resolve([]);
  if (document !== undefined) return await documentDigest(document);
  if (digest === undefined) return { digest: NO_DIGEST, keep: nothingToKeep };
  if (!/^0x[0-9a-fA-F]{64}$/.test(digest)) throw invalid("--digest", digest, "0x and 64 hex digits");
  return { digest: digest.toLowerCase() as Hex, keep: nothingToKeep };
}

/** Like `digestOf`, for what must have a document. @throws Fault ARGUMENT_MISSING */
export async function requiredDigestOf(args: DocumentArguments): Promise<DocumentDigest> {
  const found = await digestOf(args);
  if (found.digest === NO_DIGEST) throw new Fault("ARGUMENT_MISSING", { argument: "--document" });
  return found;
}

async function documentDigest(file: string): Promise<DocumentDigest> {
  const content = await readDocument(file);
  const recordFile = `${file}.digest.json`;
  const known = await readRecord(recordFile);
  if (known !== undefined) {
    const again = saltedDigest(DOMAIN, fromHex(known.salt), [content]);
    if (!bytesEqual(again, fromHex(known.digest))) throw new Fault("DOCUMENT_DIGEST_DIFFERS", { file });
    return { digest: known.digest as Hex, keep: () => Promise.resolve([]) };
  }
  const salt = new Uint8Array(randomBytes(32));
  const digest = toHex(saltedDigest(DOMAIN, salt, [content]));
  return {
    digest,
    async keep() {
      const record = { domain: DOMAIN, salt: toHex(salt), digest };
      await createKeyFile(recordFile, `${JSON.stringify(record, null, 2)}\n`, randomSource);
      return [
        {
          en: `${recordFile} opens the digest on chain: keep it with the document.`,
          zh: `${recordFile} 可开启链上摘要，请与文件一并保存。`,
        },
      ];
    },
  };
}

async function readDocument(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    throw new Fault("DOCUMENT_UNREADABLE", { file }, error);
  }
}

async function readRecord(file: string): Promise<z.infer<typeof recordSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Fault("DOCUMENT_UNREADABLE", { file }, error);
  }
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Fault("DOCUMENT_UNREADABLE", { file }, error);
  }
}
