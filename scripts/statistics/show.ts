/** What the governance of statistics puts on chain, computed from documents. */
import { openRecord, recordDigest, recordSchema } from "../../protocol/ceremony/record.ts";
import { toHex } from "../../protocol/encoding/bytes.ts";
import { definitions, layoutOf, statisticOf } from "../../protocol/statistics/definition.ts";
import { encodeStatisticsKey } from "../../protocol/statistics/statistics-key.ts";
import { readJson, readPublicKey } from "../ceremony/files.ts";

/** @throws Fault PACKING_TOO_WIDE */
export function showDefinitions(keyBits: number): unknown[] {
  return definitions.map((definition) => {
    const statistic = toHex(statisticOf(definition));
    const layoutDigest = toHex(layoutOf(definition, keyBits).digest);
    return { statistic, definitionDigest: statistic, layoutDigest, definition };
  });
}

/** @throws Fault CEREMONY_FILE_INVALID, those of `openRecord` */
export async function showKey(options: { record: string; dealer: string; rehearsal: boolean }): Promise<unknown> {
  const record = await readJson(options.record, recordSchema);
  const { rehearsal } = options;
  const threshold = openRecord(record, { dealer: await readPublicKey(options.dealer), rehearsal });
  return {
    keyDigest: toHex(threshold.digest),
    recordDigest: recordDigest(record),
    key: toHex(encodeStatisticsKey(threshold)),
  };
}
