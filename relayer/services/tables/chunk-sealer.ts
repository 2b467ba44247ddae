/** The sealing of one thread: entries go to its spill file as they are made, their tags stay in memory. Synchronous. */
import { closeSync, openSync } from "node:fs";

import { concatBytes, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import type { Scalar } from "../../../protocol/oprf/oprf.ts";
import { dummyNonce, entryBytes, sealDummy, sealEntry, type Sealer } from "../../../protocol/sealed-table/entry.ts";
import { padPayload } from "../../../protocol/sealed-table/payload.ts";
import { suiteById } from "../../../protocol/sealed-table/suite.ts";
import { TAG_BYTES } from "../../../protocol/sealed-table/table-id.ts";
import { writeFully } from "../../store/atomic-file.ts";
import { readFully } from "./build-tree.ts";
import type { TableShape } from "./table-files.ts";
import type { SealingSetup, SubjectContent } from "./table-tasks.ts";
import { countAbsent } from "./tag-order.ts";

export interface ChunkSealer {
  /** @throws Fault RECORDS_TOO_LARGE */
  subjects(subjects: readonly SubjectContent[]): void;
  /** Dummies numbered from `start` up to `end`. */
  dummies(start: number, end: number): void;
  countAdded(tablePath: string, shape: TableShape): number;
  /** @returns the tags in the order of the spill. */
  close(): Uint8Array;
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
  let tags = new Uint8Array(1024 * TAG_BYTES);
  let count = 0;

  function append(entries: readonly Uint8Array[]): void {
    writeFully(spill, concatBytes(...entries), count * entrySize);
    for (const entry of entries) {
      if (count * TAG_BYTES === tags.length) tags = concatBytes(tags, new Uint8Array(tags.length)) as typeof tags;
      tags.set(entry.subarray(0, TAG_BYTES), count * TAG_BYTES);
      count += 1;
    }
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
    countAdded: (tablePath, shape) => countAbsent(tags.subarray(0, count * TAG_BYTES), tagsOf(tablePath, shape)),
    close() {
      closeSync(spill);
      return tags.slice(0, count * TAG_BYTES);
    },
  };
}

function* tagsOf(path: string, shape: TableShape): Generator<Uint8Array> {
  const source = openSync(path, "r");
  try {
    const tag = new Uint8Array(TAG_BYTES);
    for (let i = 0; i < shape.entryCount; i++) {
      readFully(source, tag, i * shape.entrySize, shape);
      yield tag;
    }
  } finally {
    closeSync(source);
  }
}
