/** Material that the sealed-table tests share: exact randomness and a few tables. */
import { createHash } from "node:crypto";

import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { sealEntry, type Sealer } from "../../../protocol/sealed-table/entry.ts";
import { compareTags } from "../../../protocol/sealed-table/linked-leaves.ts";
import { padPayload } from "../../../protocol/sealed-table/payload.ts";
import { encodeRecords, type RiskRecord } from "../../../protocol/sealed-table/record.ts";
import type { SealingSuite } from "../../../protocol/sealed-table/suite.ts";
import type { TableId } from "../../../protocol/sealed-table/table-id.ts";

/** A stream of bytes that follows from `seed`. */
export function seededRandom(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256")
        .update(`${seed}/${String(counter++)}`)
        .digest();
      out.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return out;
  };
}

export const sampleTable: TableId = { dataset: new Uint8Array(32).fill(0xd5), epoch: 7 };

export const sampleRecord: RiskRecord = {
  id: "r-1",
  class: "B2",
  status: "open",
  statusDate: "2026-03-01",
  eventDate: "2026-02-28",
  amountFen: 12_345_678_900,
  authorisation: `0x${"ab".repeat(32)}`,
  note: "合约期满未清偿",
};

export function sampleSealer(suite: SealingSuite, table: TableId = sampleTable, seed = "sealer"): Sealer {
  const { secretKey } = ristretto255Sha512.deriveKeyPair(new Uint8Array(32).fill(1), utf8("sealed-table test"));
  return { suite, secretKey, table, random: seededRandom(seed) };
}

/** `count` entries of 560 bytes, sorted by tag. */
export function sampleEntries(suite: SealingSuite, count: number): Uint8Array[] {
  const sealer = sampleSealer(suite);
  const payload = padPayload(encodeRecords([sampleRecord]), 512);
  return Array.from({ length: count }, (_, i) => sealEntry(sealer, utf8(`subject:${String(i)}`), payload)).sort(
    compareTags,
  );
}
