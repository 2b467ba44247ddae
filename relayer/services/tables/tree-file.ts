/** The `.tree` file: where a node stands, and a writer that takes nodes as the tree builder emits them. */
import { levelSizes, NODE_BYTES } from "../../../protocol/sealed-table/merkle.ts";
import { writeFully } from "../../store/atomic-file.ts";

const BUFFERED_NODES = 2048;

export interface TreeLayout {
  /** Nodes of each level, leaves first. */
  readonly sizes: readonly number[];
  /** Byte offset of each level's first node. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

export function treeLayout(leafCount: number): TreeLayout {
  const sizes = levelSizes(leafCount);
  const offsets: number[] = [];
  let bytes = 0;
  for (const size of sizes) {
    offsets.push(bytes);
    bytes += size * NODE_BYTES;
  }
  return { sizes, offsets, bytes };
}

export function nodeOffset(layout: TreeLayout, level: number, index: number): number {
  const offset = layout.offsets[level];
  if (offset === undefined) throw new RangeError("no such level");
  return offset + index * NODE_BYTES;
}

export interface TreeFileWriter {
  /** Nodes of one level come in order. */
  put(level: number, index: number, hash: Uint8Array): void;
  flush(): void;
}

/** Buffers each level apart, 64 KB at most, because the levels grow side by side. */
export function createTreeFileWriter(descriptor: number, layout: TreeLayout): TreeFileWriter {
  const levels = layout.sizes.map((size) => ({
    buffer: new Uint8Array(Math.min(size, BUFFERED_NODES) * NODE_BYTES),
    first: 0,
    count: 0,
  }));

  function flushLevel(level: number): void {
    const state = levels[level];
    if (!state || state.count === 0) return;
    writeFully(descriptor, state.buffer.subarray(0, state.count * NODE_BYTES), nodeOffset(layout, level, state.first));
    state.first += state.count;
    state.count = 0;
  }

  return {
    put(level, index, hash) {
      const state = levels[level];
      if (!state || index !== state.first + state.count) throw new RangeError("nodes of a level come in order");
      state.buffer.set(hash, state.count * NODE_BYTES);
      state.count += 1;
      if (state.count * NODE_BYTES === state.buffer.length) flushLevel(level);
    },
    flush() {
      for (const level of levels.keys()) flushLevel(level);
    },
  };
}
