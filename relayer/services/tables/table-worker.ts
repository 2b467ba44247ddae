/** Thread side of {createTableThread}: one task at a time, answered in order. */
import { randomBytes } from "node:crypto";
import { parentPort } from "node:worker_threads";

import { isFault } from "../../../protocol/errors/fault.ts";
import { assembleTable } from "./assemble-table.ts";
import { buildTreeFile } from "./build-tree.ts";
import { createChunkSealer, type ChunkSealer } from "./chunk-sealer.ts";
import type { TableReply, TableRequest, TableTask, TableTaskResult } from "./table-tasks.ts";

let opened: ChunkSealer | undefined;

parentPort?.on("message", ({ id, task }: TableRequest) => {
  parentPort?.postMessage(reply(id, task));
});

function reply(id: number, task: TableTask): TableReply {
  try {
    return { id, result: run(task) };
  } catch (error) {
    if (isFault(error)) return { id, fault: { code: error.code, values: error.values } };
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

function run(task: TableTask): TableTaskResult {
  switch (task.kind) {
    case "open-sealer":
      opened = createChunkSealer(task.setup, (length) => new Uint8Array(randomBytes(length)));
      return {};
    case "seal-subjects":
      sealer().subjects(task.subjects);
      return {};
    case "seal-dummies":
      sealer().dummies(task.start, task.end);
      return {};
    case "count-added":
      return { count: sealer().countAdded(task.tablePath, task.shape) };
    case "close-sealer": {
      const count = sealer().close();
      opened = undefined;
      return { count };
    }
    case "assemble":
      return { root: assembleTable(task.spills, task.files, task.entrySize).root };
    case "build-tree":
      return { root: buildTreeFile(task.files.table, task.files.tree, task.shape) };
  }
}

function sealer(): ChunkSealer {
  if (!opened) throw new Error("no sealing is open");
  return opened;
}
