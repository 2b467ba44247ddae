import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { concatBytes, toHex } from "../../../../protocol/encoding/bytes.ts";
import { type Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { leafHash, linkEntries } from "../../../../protocol/sealed-table/linked-leaves.ts";
import { createMerkleTree } from "../../../../protocol/sealed-table/merkle.ts";
import { ristretto255Aes256Gcm } from "../../../../protocol/sealed-table/suite.ts";
import { buildTreeFile } from "../../../../relayer/services/tables/build-tree.ts";
import { runTableTask } from "../../../../relayer/services/tables/table-thread.ts";
import { nodeOffset, treeLayout } from "../../../../relayer/services/tables/tree-file.ts";
import { sampleEntries } from "../../../protocol/sealed-table/sample.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("the tree file of a table", () => {
  const directory = temporaryDirectory();
  const entries = sampleEntries(ristretto255Aes256Gcm, 333);
  const shape = { entryCount: 333, entrySize: 560 };
  const tree = createMerkleTree(linkEntries(entries).map(leafHash));
  const files = { table: join(directory, "a.table"), tree: join(directory, "a.tree") };

  function write(list: readonly Uint8Array[], extra = new Uint8Array(0)): void {
    writeFileSync(files.table, concatBytes(...list, extra));
  }

  function faultOf(run: () => unknown): Fault {
    try {
      run();
    } catch (error) {
      if (isFault(error)) return error;
      throw error;
    }
    throw new Error("no fault");
  }

  it("has the root and every node of the tree in memory", () => {
    write(entries);
    const counts: number[] = [];
    expect(buildTreeFile(files.table, files.tree, shape, (count) => counts.push(count))).to.deep.equal(tree.root);
    expect(counts.at(-1)).to.equal(333);
    const bytes = new Uint8Array(readFileSync(files.tree));
    const layout = treeLayout(334);
    expect(bytes.length).to.equal(layout.bytes);
    for (const [i, leaf] of linkEntries(entries).entries()) {
      expect(bytes.slice(nodeOffset(layout, 0, i), nodeOffset(layout, 0, i + 1))).to.deep.equal(leafHash(leaf));
    }
    expect(toHex(bytes.slice(-32))).to.equal(toHex(tree.root));
  });

  it("is made the same way on a thread", async () => {
    const { root } = await runTableTask({ kind: "build-tree", files, shape });
    expect(root).to.deep.equal(tree.root);
  });

  it("is not made of a table that is cut, too long, out of order or repeats a tag, and nothing is left", () => {
    const swapped = entries.slice();
    [swapped[200], swapped[201]] = [swapped[201] as Uint8Array, swapped[200] as Uint8Array];
    const doubled = entries.toSpliced(8, 1, entries[7] as Uint8Array);
    const target = join(directory, "b.tree");
    for (const [list, extra, code] of [
      [entries.slice(0, 332), 0, "TABLE_TRUNCATED"],
      [entries.slice(0, 332), 559, "TABLE_TRUNCATED"],
      [entries, 1, "TABLE_OVERSIZED"],
      [swapped, 0, "TABLE_MISORDERED"],
      [doubled, 0, "TABLE_TAG_DUPLICATE"],
      [entries.toSpliced(0, 1, new Uint8Array(560)), 0, "TABLE_TAG_DUPLICATE"],
    ] as const) {
      write(list, new Uint8Array(extra));
      expect(faultOf(() => buildTreeFile(files.table, target, shape)).code).to.equal(code);
      expect(existsSync(target)).to.equal(false);
    }
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });

  it("tells a fault of the thread as the same Fault, with its values", async () => {
    write(entries.slice(0, 5));
    const error: unknown = await runTableTask({ kind: "build-tree", files, shape }).catch((e: unknown) => e);
    expect(isFault(error, "TABLE_TRUNCATED") && error.values).to.deep.equal({ actual: 2800, expected: 186_480 });
  });
});
