/** Bytes that must not change: editions are on chain, and members with different versions make them together. */
import { createHash } from "node:crypto";

import { expect } from "chai";
import { describe, it } from "mocha";

import { admitContribution, contribute } from "../../../protocol/aggregate/contribution.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { distinctTags, mergeContributions, verifyMerge } from "../../../protocol/aggregate/merge.ts";
import { emptyRow, standardSchema } from "../../../protocol/aggregate/schema.ts";
import { encodeStripShares } from "../../../protocol/aggregate/strip-bytes.ts";
import { stripShares, stripTable } from "../../../protocol/aggregate/strip.ts";
import {
  encodeConsortiumTable,
  encodeContribution,
  encodeMergedTable,
} from "../../../protocol/aggregate/table-bytes.ts";
import { utf8, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { requireElement } from "../../../protocol/group/points.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { valueAt } from "../../../protocol/threshold/shamir.ts";
import { requireScalar } from "../../../protocol/group/residues.ts";
import { hex } from "../oprf/fixtures.ts";

const bytesOf = (label: string, length: number): Uint8Array =>
  new Uint8Array(createHash("shake256", { outputLength: length }).update(label).digest());
const scalarOf = (label: string) => ristretto255.hashToScalar(utf8(label), utf8("known answer"));
const digestOf = (bytes: Uint8Array): string => hex(sha256(bytes));

function streamOf(label: string): RandomBytes {
  let count = 0;
  return (length) => bytesOf(`${label}/${String(count++)}`, length);
}

const polynomial = [scalarOf("layer/0"), scalarOf("layer/1")];
const shares = [1, 2, 3].map((index) => ({ index, secret: requireScalar(valueAt(polynomial, index)) }));
const layer = {
  ...{ threshold: 2, nodes: 3 },
  publicKey: ristretto255.multiplyBase(scalarOf("layer/0")),
  publicShares: shares.map(({ secret }) => ristretto255.multiplyBase(secret)),
};
const terms = {
  ...{ schema: standardSchema, epoch: 7, leastContributors: 2 },
  contributionKey: contributionKey(requireElement(ristretto255.multiplyBase(scalarOf("query"))), layer.publicKey),
  isRowCount: (count: number) => count > 0 && count % 8 === 0,
};
const valuesOf = (row: number) => emptyRow(standardSchema).map((_, slot) => (slot * 37 + row) % 1000);
const contributions = [
  ["a", "b", "c", "d"],
  ["c", "d", "e"],
].map((subjects, firm) => {
  const rows = subjects.map((subject, at) => ({ y: bytesOf(`y/${subject}`, 64), values: valuesOf(at + firm) }));
  const dummies = Array.from({ length: 8 - rows.length }, (_, at) =>
    bytesOf(`y/dummy/${String(firm)}/${String(at)}`, 64),
  );
  const seed = bytesOf(`seed/${String(firm)}`, 32);
  const made = contribute(terms, firm + 1, rows, dummies, seed, streamOf(`contribute/${String(firm)}`));
  return admitContribution(terms, made, made.root);
});
const merged = mergeContributions(terms, contributions, 24, bytesOf("merge", 32), streamOf("merge"));

describe("tables of an edition", () => {
  it("are the bytes that they have been since version 0.1", () => {
    expect(contributions.map(({ root }) => hex(root))).to.deep.equal([
      "d1c91fd4518937d4b8db379f541747336b2fe68593b4e4cfe45ac94db08ff742",
      "a941ba946af4912b0342497fcf7b7ed014eaca8eb794b2909246644339584f95",
    ]);
    expect(contributions.map((each) => digestOf(encodeContribution(each)))).to.deep.equal([
      "3c15a10a2449b1c60bacf92c718a29b0048f7315202b0bb94c95589d24423c93",
      "46b22cc04b88a71e5243a27d84d510c1ade9ac3a9f0fd369a7ef980f612c1e98",
    ]);
    expect(distinctTags(contributions)).to.equal(14);
    expect(hex(merged.root)).to.equal("31470c9cb7e27b19f0dec8a6ac4fa468194c84dd4c41e4b55e79b063c0e4df37");
    expect(digestOf(encodeMergedTable(merged))).to.equal(
      "a27c2fb10ebac56bf190ab45dfa55f05e1872e0efe734866dfb616e365dd52bd",
    );
  });

  it("are stripped by shares of the same bytes too", () => {
    const set = [1, 3];
    const verified = verifyMerge(terms, contributions, merged);
    const given = shares
      .filter(({ index }) => set.includes(index))
      .map((share) => ({
        from: share.index,
        chunks: stripShares(layer, set, share, verified, streamOf(`strip/${String(share.index)}`)),
      }));
    expect(given.map(({ chunks }) => digestOf(encodeStripShares(chunks)))).to.deep.equal([
      "330ed3e554230eebbd8e25c134365c3b97588715c3d3a67e8f7ade708b7c96ec",
      "21a6c26db7763768a67bf1a06ebaab4ea76a3684c0acadd59e0d77474d324244",
    ]);
    const table = stripTable(terms, layer, set, merged, [
      given.map(({ from, chunks }) => ({ from, bytes: chunks[0]! })),
    ]);
    expect(hex(table.root)).to.equal("4eca4db2b2c5b92a7842f4621a165fb720b4dff83d1dee624a113ea9d7a7fad3");
    expect(digestOf(encodeConsortiumTable(table))).to.equal(
      "da7468cf398afae015f99e51fc920ad60688ec96422e87a2d38480e156fc00d4",
    );
  });
});
