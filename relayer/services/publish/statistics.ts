/**
 * True counts are business secrets, and a count of 1 next to a court notice names a person. On chain they are one salted
 * digest; text and salt stay here, to be opened to the Association.
 */
import { fromHex, toHex, type Hex, type RandomBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { SALT_BYTES, saltedDigest } from "../../../protocol/encoding/digest.ts";
import type { PublicationReport } from "../records/publishable.ts";

export interface StatisticsOpening {
  /** Canonical JSON: keys in order. */
  readonly text: string;
  readonly salt: Hex;
}

export function openableStatistics(report: PublicationReport, random: RandomBytes): StatisticsOpening {
  const { asOf, byClass, records, subjects } = report;
  const counts = Object.fromEntries(Object.entries(byClass).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { text: JSON.stringify({ asOf, byClass: counts, records, subjects }), salt: toHex(random(SALT_BYTES)) };
}

export function statisticsDigest({ text, salt }: StatisticsOpening): Hex {
  return toHex(saltedDigest("riskveil/statistics", fromHex(salt, SALT_BYTES), [utf8(text)]));
}
