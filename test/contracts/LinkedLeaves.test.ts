import { expect } from "chai";
import type { BaseContract, ContractRunner } from "ethers";
import { describe, it } from "mocha";

import { concatBytes, toHex } from "../../protocol/encoding/bytes.ts";
import { sha256 } from "../../protocol/encoding/digest.ts";
import { leafHash, linkEntries, type LinkedLeaf } from "../../protocol/sealed-table/linked-leaves.ts";
import { createMerkleTree } from "../../protocol/sealed-table/merkle.ts";
import { connection } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers } = connection;

/** What the harness offers; fixtures have no generated types. */
interface Harness extends BaseContract {
  leafHash(tag: string, next: string, entryHash: string): Promise<string>;
  verifyLeaf(root: string, leaf: Leaf, path: string[]): Promise<boolean>;
  verifyHit(root: string, tag: string, leaf: Leaf, path: string[]): Promise<boolean>;
  verifyMiss(root: string, tag: string, leaf: Leaf, path: string[]): Promise<boolean>;
  verifyDisorder(root: string, a: Leaf, aPath: string[], b: Leaf, bPath: string[]): Promise<boolean>;
  connect(runner: ContractRunner | null): Harness;
}

interface Leaf {
  readonly tag: string;
  readonly next: string;
  readonly entryHash: string;
}

const LOWEST = `0x${"00".repeat(16)}`;
const HIGHEST = `0x${"ff".repeat(16)}`;
const onChain = (leaf: LinkedLeaf): Leaf => ({
  tag: toHex(leaf.tag),
  next: toHex(leaf.next),
  entryHash: toHex(leaf.entryHash),
});
/** The tag right above or below. */
const beside = (tag: string, step: bigint): string => `0x${(BigInt(tag) + step).toString(16).padStart(32, "0")}`;

/** A tree made by the protocol's own code over given leaves. */
function table(leaves: readonly LinkedLeaf[]) {
  const tree = createMerkleTree(leaves.map(leafHash));
  return {
    root: toHex(tree.root),
    leaf: (index: number): Leaf => onChain(leaves[index] as LinkedLeaf),
    path: (index: number): string[] => tree.path(index).map(toHex),
    size: leaves.length,
  };
}

/** `count` entries with ascending tags, as a sealed table has them. */
function entries(count: number): Uint8Array[] {
  const seeds = Array.from({ length: count }, (_, index) => sha256(new Uint8Array([index >> 8, index & 255])));
  return seeds.map((seed) => concatBytes(seed.subarray(0, 16), seed)).sort(Buffer.compare);
}

async function deployedHarness(): Promise<Harness> {
  return (await ethers.deployContract("LinkedLeavesHarness")) as unknown as Harness;
}

describe("LinkedLeaves", () => {
  for (const count of [0, 1, 2, 3, 4, 6, 7, 8, 100]) {
    it(`verifies every hit and miss of a table of ${count} entries made by the protocol`, async () => {
      const harness = await loadFixture(deployedHarness);
      const { root, leaf, path, size } = table(linkEntries(entries(count)));
      expect(size).to.equal(count + 1);
      for (const index of new Set(
        [0, 1, 2, Math.floor(count / 2), count - 1, count].filter((i) => i >= 0 && i <= count),
      )) {
        const { tag, next } = leaf(index);
        expect(await harness.verifyLeaf(root, leaf(index), path(index))).to.equal(true);
        expect(await harness.verifyHit(root, tag, leaf(index), path(index))).to.equal(index !== 0);
        for (const absent of [beside(tag, 1n), beside(next, -1n)]) {
          expect(await harness.verifyMiss(root, absent, leaf(index), path(index))).to.equal(true);
        }
        for (const bound of [tag, next]) {
          expect(await harness.verifyMiss(root, bound, leaf(index), path(index))).to.equal(false);
        }
      }
    });
  }

  it("hashes a leaf as the protocol does", async () => {
    const harness = await loadFixture(deployedHarness);
    for (const leaf of linkEntries(entries(3))) {
      const { tag, next, entryHash } = onChain(leaf);
      expect(await harness.leafHash(tag, next, entryHash)).to.equal(toHex(leafHash(leaf)));
    }
  });

  it("refuses any other leaf, path, tag or root", async () => {
    const harness = await loadFixture(deployedHarness);
    const { root, leaf, path } = table(linkEntries(entries(8)));
    const mine = leaf(3);
    const proof = path(3);
    for (const [r, t, l, p] of [
      [toHex(sha256(new Uint8Array())), mine.tag, mine, proof],
      [root, beside(mine.tag, 1n), mine, proof],
      [root, mine.tag, { ...mine, next: beside(mine.next, 1n) }, proof],
      [root, mine.tag, { ...mine, entryHash: root }, proof],
      [root, mine.tag, mine, path(4)],
      [root, mine.tag, mine, proof.slice(1)],
      [root, mine.tag, mine, [...proof, root]],
      [root, mine.tag, mine, []],
    ] as const) {
      expect(await harness.verifyHit(r, t, l, [...p])).to.equal(false);
    }
  });

  it("does not take an inner node for a leaf", async () => {
    const harness = await loadFixture(deployedHarness);
    const leaves = linkEntries(entries(3));
    const { root } = table(leaves);
    const [a, b, c, d] = leaves.map((each) => toHex(leafHash(each))) as [string, string, string, string];
    const [low, high] = [a, b].sort() as [string, string];
    const forged = { tag: low.slice(0, 34), next: `0x${low.slice(34)}`, entryHash: high };
    const sibling = ethers.keccak256(ethers.concat([c, d].sort()));
    expect(await harness.verifyLeaf(root, forged, [sibling])).to.equal(false);
  });

  it("finds no disorder in an ordered table", async () => {
    const harness = await loadFixture(deployedHarness);
    const { root, leaf, path } = table(linkEntries(entries(7)));
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) {
        expect(await harness.verifyDisorder(root, leaf(i), path(i), leaf(j), path(j)), `${i}, ${j}`).to.equal(false);
      }
    }
  });

  it("proves a table out of order", async () => {
    const harness = await loadFixture(deployedHarness);
    const good = linkEntries(entries(7));
    const swap = (index: number, changes: Partial<LinkedLeaf>): LinkedLeaf[] =>
      good.map((each, i) => (i === index ? { ...each, ...changes } : each));
    const at = (index: number): LinkedLeaf => good[index] as LinkedLeaf;
    const cases: [name: string, leaves: LinkedLeaf[], first: number, second: number][] = [
      ["a leaf that descends", swap(3, { next: at(2).tag }), 3, 3],
      ["a leaf that stands still", swap(3, { next: at(3).tag }), 3, 3],
      ["a leaf that reaches over the next one", swap(3, { next: at(6).tag }), 3, 4],
      ["two entries with one tag", swap(4, { tag: at(3).tag }), 3, 4],
      ["a second lowest leaf", swap(5, { tag: at(0).tag }), 0, 5],
    ];
    for (const [name, leaves, i, j] of cases) {
      const { root, leaf, path } = table(leaves);
      expect(await harness.verifyDisorder(root, leaf(i), path(i), leaf(j), path(j)), name).to.equal(true);
      expect(await harness.verifyDisorder(root, leaf(j), path(j), leaf(i), path(i)), name).to.equal(true);
      expect(await harness.verifyDisorder(root, leaf(i), path(j), leaf(j), path(i)), name).to.equal(i === j);
    }
    const empty = table(linkEntries([]));
    expect(empty.leaf(0)).to.deep.equal({ tag: LOWEST, next: HIGHEST, entryHash: `0x${"00".repeat(32)}` });
  });
});
