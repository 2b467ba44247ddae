/** From the ceremony's files to this node's key directory: opens the sealed share, checks it against the record, and keeps it. */
import { readFile } from "node:fs/promises";

import type { z } from "zod";

import { checkSealed, indexOf, openRecord, recordSchema, type Expectation } from "../../../protocol/ceremony/record.ts";
import { openShare, sealedShareSchema } from "../../../protocol/ceremony/sealed-share.ts";
import { toHex, type Hex, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { Sm2KeyPair } from "../../../protocol/sm/sm2-curve.ts";
import { storeStatisticsKeyShare } from "../../keys/statistics-key-share.ts";

export interface KeyShareImport extends Expectation {
  /** Files. */
  readonly record: string;
  readonly sealed: string;
  /** Of this member: the one that the record names is taken. */
  readonly identities: readonly Sm2KeyPair[];
  readonly keyDir: string;
}

export interface ImportedKeyShare {
  /** Digest of the threshold key, as the chain names it. */
  readonly key: Hex;
  readonly index: number;
}

/**
 * The same share again changes nothing.
 * @throws Fault CEREMONY_FILE_INVALID, CEREMONY_NOT_A_PARTICIPANT, CEREMONY_SEALED_SHARE_INVALID, STATISTICS_KEY_SHARE_EXISTS, those of `openRecord`
 * and `openShare`
 */
export async function importKeyShare(options: KeyShareImport, random: RandomBytes): Promise<ImportedKeyShare> {
  const record = await readJson(options.record, recordSchema);
  const thresholdKey = openRecord(record, options);
  const sealed = await readJson(options.sealed, sealedShareSchema);
  for (const { publicKey, secretKey } of options.identities) {
    let index: number;
    try {
      index = indexOf(record, publicKey);
    } catch (error) {
      if (isFault(error, "CEREMONY_NOT_A_PARTICIPANT")) continue;
      throw error;
    }
    if (sealed.index !== index) throw new Fault("CEREMONY_SEALED_SHARE_INVALID");
    checkSealed(record, sealed);
    const share = openShare(thresholdKey, sealed, secretKey);
    await storeStatisticsKeyShare(options.keyDir, thresholdKey, share, random);
    return { key: toHex(thresholdKey.digest), index };
  }
  throw new Fault("CEREMONY_NOT_A_PARTICIPANT");
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new Fault("CEREMONY_FILE_INVALID", { file }, cause);
  }
}
