import { expect } from "chai";
import { describe, it } from "mocha";
import { keccak256 as ethersKeccak } from "ethers";

import { concatBytes, toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import {
  FIRST_TAG,
  LAST_TAG,
  leafHash,
  leafHoldsEntry,
  leafVerdict,
  linkEntries,
} from "../../../protocol/sealed-table/linked-leaves.ts";
import { createMerkleTree, verifyPath } from "../../../protocol/sealed-table/merkle.ts";
import { ristretto255Aes256Gcm } from "../../../protocol/sealed-table/suite.ts";
import { asTag, type Tag } from "../../../protocol/sealed-table/table-id.ts";
import { sampleEntries, seededRandom } from "./sample.ts";

const entries = sampleEntries(ristretto255Aes256Gcm, 50);
const leaves = linkEntries(entries);

function neighbour(tag: Tag, step: 1 | -1): Tag {
  const value = (BigInt(toHex(tag)) + BigInt(step)).toString(16).padStart(32, "0");
  return asTag(new Uint8Array(Buffer.from(value, "hex")));
}

describe("linked leaves", () => {
  it("are one more than the entries, chained from the first sentinel to the last", () => {
    expect(leaves.length).to.equal(51);
    expect(leaves[0]).to.deep.include({ tag: FIRST_TAG, entryHash: new Uint8Array(32) });
    expect(leaves[50]?.next).to.deep.equal(LAST_TAG);
    for (const [i, entry] of entries.entries()) {
      expect(leaves[i]?.next)
        .to.deep.equal(leaves[i + 1]?.tag)
        .and.to.deep.equal(asTag(entry.slice(0, 16)));
      expect(leaves[i + 1]?.entryHash).to.deep.equal(sha256(entry));
    }
  });

  it("hash as keccak256 of 65 bytes, as the EVM would", () => {
    const leaf = leaves[7];
    if (!leaf) throw new Error("no leaf");
    const preimage = concatBytes(new Uint8Array(1), leaf.tag, leaf.next, leaf.entryHash);
    expect(preimage.length).to.equal(65);
    expect(toHex(leafHash(leaf))).to.equal(ethersKeccak(preimage));
    expect(() => leafHash({ ...leaf, entryHash: new Uint8Array(31) })).to.throw(RangeError);
  });

  it("give exactly one verdict for every tag", () => {
    const random = seededRandom("tags");
    const present = entries.map((entry) => asTag(entry.slice(0, 16)));
    const absent = [
      ...present.flatMap((tag) => [neighbour(tag, 1), neighbour(tag, -1)]),
      ...Array.from({ length: 100 }, () => asTag(random(16))),
      neighbour(FIRST_TAG, 1),
      neighbour(LAST_TAG, -1),
    ];
    const verdicts = (tag: Tag) =>
      leaves.map((leaf) => leafVerdict(leaf, tag)).filter((verdict) => verdict !== undefined);
    for (const tag of present) expect(verdicts(tag)).to.deep.equal(["hit"]);
    for (const tag of absent) expect(verdicts(tag)).to.deep.equal(["miss"]);
    expect(verdicts(FIRST_TAG)).to.deep.equal([]);
    expect(verdicts(LAST_TAG)).to.deep.equal([]);
  });

  it("hold the entry they hash and no other", () => {
    const [first, second] = entries;
    if (!first || !second || !leaves[1]) throw new Error("no entries");
    expect(leafHoldsEntry(leaves[1], first)).to.equal(true);
    expect(leafHoldsEntry(leaves[1], second)).to.equal(false);
  });

  it("refuse a table that is out of order or repeats a tag, with the index", () => {
    const swapped = entries.slice();
    [swapped[10], swapped[11]] = [swapped[11] ?? utf8(""), swapped[10] ?? utf8("")];
    expect(() => linkEntries(swapped))
      .to.throw()
      .with.deep.include({ code: "TABLE_MISORDERED", values: { index: 11 } });
    const doubled = entries.toSpliced(4, 0, entries[3] ?? utf8(""));
    expect(() => linkEntries(doubled))
      .to.throw()
      .with.deep.include({ code: "TABLE_TAG_DUPLICATE", values: { index: 4 } });
  });

  it("refuse a table that holds a sentinel as a tag", () => {
    const zero = new Uint8Array(560);
    const ones = new Uint8Array(560).fill(0xff);
    expect(() => linkEntries([zero, ...entries]))
      .to.throw()
      .with.property("code", "TABLE_TAG_DUPLICATE");
    expect(() => linkEntries([...entries, ones]))
      .to.throw()
      .with.property("code", "TABLE_TAG_DUPLICATE");
  });

  it("prove hit and miss under one root, and nothing when one field was changed", () => {
    const tree = createMerkleTree(leaves.map(leafHash));
    for (const [i, leaf] of leaves.entries()) {
      const path = tree.path(i);
      expect(verifyPath(leafHash(leaf), path, tree.root)).to.equal(true);
      for (const forged of [
        { ...leaf, tag: neighbour(LAST_TAG, -1) },
        { ...leaf, next: neighbour(FIRST_TAG, 1) },
        { ...leaf, entryHash: new Uint8Array(32).fill(1) },
      ]) {
        expect(verifyPath(leafHash(forged), path, tree.root)).to.equal(false);
      }
    }
  });

  it("of an empty table are one leaf that proves every miss", () => {
    const [only, ...rest] = linkEntries([]);
    expect(rest).to.deep.equal([]);
    expect(only && leafVerdict(only, neighbour(FIRST_TAG, 1))).to.equal("miss");
  });
});
