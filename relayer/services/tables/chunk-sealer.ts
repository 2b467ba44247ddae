/** The sealing of one thread: entries go to its spill file as they are made, and nothing of them stays in memory. Synchronous. */
import { closeSync, openSync } from "node:fs";

import { concatBytes, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { Scalar } from "../../../protocol/oprf/oprf.ts";
import { dummyNonce, entryBytes, sealDummy, sealEntry, type Sealer } from "../../../protocol/sealed-table/entry.ts";
import { padPayload } from "../../../protocol/sealed-table/payload.ts";
import { suiteById } from "../../../protocol/sealed-table/suite.ts";
import { countAbsent } from "../../../protocol/sealed-table/tag-order.ts";
import { writeFully } from "../../store/atomic-file.ts";
import type { TableShape } from "./table-files.ts";
import type { SealingSetup, SubjectContent } from "./table-tasks.ts";
import { readTags, tagsOf } from "./read-tags.ts";

export interface ChunkSealer {
  /** @throws Fault RECORDS_TOO_LARGE */
  subjects(subjects: readonly SubjectContent[]): void;
  /** Dummies numbered from `start` up to `end`. */
  dummies(start: number, end: number): void;
  countAdded(tablePath: string, shape: TableShape): number;
  /** @returns the number of entries in the spill. */
  close(): number;
}

export function createChunkSealer(setup: SealingSetup, random: RandomBytes): ChunkSealer {
  const { payloadBytes } = setup;
  const sealer: Sealer = {
    suite: suiteById(setup.suite),
    secretKey: setup.secretKey as Scalar,
    table: { dataset: setup.dataset, epoch: setup.epoch },
    random,
  };
  const spill = openSync(setup.spillPath, "wx", 0o600);
  const entrySize = entryBytes(payloadBytes);
  let count = 0;

  function append(entries: readonly Uint8Array[]): void {
    writeFully(spill, concatBytes(...entries), count * entrySize);
    count += entries.length;
  }

  return {
    subjects(subjects) {
      append(subjects.map(({ input, content }) => sealEntry(sealer, input, padPayload(content, payloadBytes))));
    },
    dummies(start, end) {
      const entries: Uint8Array[] = [];
      for (let i = start; i < end; i++) entries.push(sealDummy(sealer, dummyNonce(setup.dummySeed, i), payloadBytes));
      append(entries);
    },
    countAdded: (tablePath, shape) =>
      countAbsent(readTags(setup.spillPath, { entryCount: count, entrySize }), tagsOf(tablePath, shape)),
    close() {
      closeSync(spill);
      return count;
    },
  };
}
