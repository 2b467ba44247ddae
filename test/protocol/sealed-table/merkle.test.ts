import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import {
  createMerkleTree,
  createTreeBuilder,
  innerNode,
  levelSizes,
  LONGEST_PATH,
  siblingsOf,
  verifyPath,
} from "../../../protocol/sealed-table/merkle.ts";
import { seededRandom } from "./sample.ts";

function hashes(count: number): Uint8Array[] {
  const random = seededRandom(`leaves ${String(count)}`);
  return Array.from({ length: count }, () => random(32));
}

describe("the Merkle tree", () => {
  it("gives paths that OpenZeppelin's implementation accepts, for every shape up to 70 leaves and every leaf", () => {
    for (let count = 1; count <= 70; count++) {
      const leaves = hashes(count);
      const tree = createMerkleTree(leaves);
      for (const [i, leaf] of leaves.entries()) {
        const path = tree.path(i);
        expect(verifyPath(leaf, path, tree.root)).to.equal(true);
        expect(SimpleMerkleTree.verify(tree.root, leaf, path)).to.equal(true);
      }
    }
  });

  it("has OpenZeppelin's root where the shapes agree (powers of two, sorted leaves)", () => {
    for (const count of [2, 4, 64, 256]) {
      const leaves = hashes(count).sort((a, b) => Buffer.compare(a, b));
      // OpenZeppelin lays the leaves out from the end of its array, so its first leaf is the last of the level.
      const theirs = SimpleMerkleTree.of(leaves, { sortLeaves: false }).root;
      expect(toHex(createMerkleTree(leaves.toReversed()).root)).to.equal(theirs);
    }
  });

  it("refuses any other leaf, node, order of nodes, length or root", () => {
    const leaves = hashes(37);
    const tree = createMerkleTree(leaves);
    fc.assert(
      fc.property(fc.nat(36), fc.nat(31), fc.nat(7), (index, byte, bit) => {
        const leaf = leaves[index] ?? new Uint8Array(32);
        const path = tree.path(index);
        const flip = (bytes: Uint8Array) => bytes.map((value, i) => (i === byte ? value ^ (1 << bit) : value));
        expect(verifyPath(flip(leaf), path, tree.root)).to.equal(false);
        expect(verifyPath(leaf, path, flip(tree.root))).to.equal(false);
        for (let level = 0; level < path.length; level++) {
          expect(
            verifyPath(
              leaf,
              path.map((node, i) => (i === level ? flip(node) : node)),
              tree.root,
            ),
          ).to.equal(false);
          expect(verifyPath(leaf, path.toSpliced(level, 1), tree.root)).to.equal(false);
        }
        expect(verifyPath(leaf, [...path, leaf], tree.root)).to.equal(false);
      }),
    );
    expect(verifyPath(new Uint8Array(31), [], new Uint8Array(31))).to.equal(false);
    expect(verifyPath(tree.root, [new Uint8Array(0)], tree.root)).to.equal(false);
    expect(verifyPath(tree.root, new Array<Uint8Array>(LONGEST_PATH + 1).fill(tree.root), tree.root)).to.equal(false);
  });

  it("emits every node once, each level in order, and promotes a node without a sibling", () => {
    const leaves = hashes(11);
    const seen: string[] = [];
    const nodes = new Map<string, Uint8Array>();
    const builder = createTreeBuilder(11, (level, index, hash) => {
      seen.push(`${String(level)}/${String(index)}`);
      nodes.set(`${String(level)}/${String(index)}`, hash);
    });
    for (const leaf of leaves) builder.add(leaf);
    expect(levelSizes(11)).to.deep.equal([11, 6, 3, 2, 1]);
    expect(seen.length)
      .to.equal(new Set(seen).size)
      .and.to.equal(11 + 6 + 3 + 2 + 1);
    expect(nodes.get("1/5")).to.deep.equal(leaves[10]);
    expect(nodes.get("3/1")).to.deep.equal(
      innerNode(leaves[10] ?? new Uint8Array(), nodes.get("1/4") ?? new Uint8Array()),
    );
    expect(builder.root()).to.deep.equal(createMerkleTree(leaves).root);
  });

  it("names the siblings of a leaf, at most one a level", () => {
    expect(siblingsOf(11, 10)).to.deep.equal([
      { level: 1, index: 4 },
      { level: 3, index: 0 },
    ]);
    expect(siblingsOf(1, 0)).to.deep.equal([]);
    expect(() => siblingsOf(11, 11)).to.throw(RangeError);
    expect(() => siblingsOf(11, -1)).to.throw(RangeError);
  });

  it("takes exactly the announced number of leaves", () => {
    const builder = createTreeBuilder(2, () => undefined);
    expect(() => createTreeBuilder(0, () => undefined)).to.throw(RangeError);
    builder.add(new Uint8Array(32));
    expect(() => builder.root()).to.throw(RangeError);
    builder.add(new Uint8Array(32));
    expect(() => {
      builder.add(new Uint8Array(32));
    }).to.throw(RangeError);
  });
});
