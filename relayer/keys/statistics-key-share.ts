/**
 * A node's share of the statistics key: a file in the key directory, one for each key, brought there from the ceremony's sealed
 * share and never overwritten. It is checked against the key's public side whenever it is read.
 */
import { join } from "node:path";

import { z } from "zod";

import { fromHex, toHex, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { bytesToInteger, integerToBytes } from "../../protocol/paillier/integer.ts";
import { checkKeyShare, MOST_SHARES, type KeyShare, type ThresholdKey } from "../../protocol/paillier/threshold-key.ts";
import { createKeyFile, readKeyFile } from "./key-file.ts";

const content = z.strictObject({
  index: z.int().min(1).max(MOST_SHARES),
  value: z.string().regex(/^0x([0-9a-f]{2})+$/),
});

/**
 * The share, checked; undefined if this node has none of that key.
 * @throws Fault KEY_FILE_EXPOSED, KEY_FILE_INVALID, PAILLIER_KEY_SHARE_INVALID
 */
export async function readStatisticsKeyShare(keyDir: string, threshold: ThresholdKey): Promise<KeyShare | undefined> {
  const file = fileOf(keyDir, threshold);
  const text = await readKeyFile(file);
  if (text === undefined) return undefined;
  const share = parse(text, file);
  checkKeyShare(threshold, share);
  return share;
}

/**
 * Writes the share; the same one again changes nothing.
 * @throws Fault PAILLIER_KEY_SHARE_INVALID, STATISTICS_KEY_SHARE_EXISTS
 */
export async function storeStatisticsKeyShare(
  keyDir: string,
  threshold: ThresholdKey,
  share: KeyShare,
  random: RandomBytes,
): Promise<void> {
  checkKeyShare(threshold, share);
  const value = toHex(integerToBytes(share.value, 2 * threshold.key.byteLength));
  const file = fileOf(keyDir, threshold);
  if (await createKeyFile(file, `${JSON.stringify({ index: share.index, value })}\n`, random)) return;
  const there = await readStatisticsKeyShare(keyDir, threshold);
  if (there?.index !== share.index || there.value !== share.value) throw new Fault("STATISTICS_KEY_SHARE_EXISTS");
}

function fileOf(keyDir: string, { digest }: ThresholdKey): string {
  return join(keyDir, "statistics", `${toHex(digest)}.json`);
}

function parse(text: string, file: string): KeyShare {
  try {
    const { index, value } = content.parse(JSON.parse(text));
    return { index, value: bytesToInteger(fromHex(value)) };
  } catch {
    // The cause could quote the share.
    throw new Fault("KEY_FILE_INVALID", { file });
  }
}
