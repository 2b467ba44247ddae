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

function dealt(name: string) {
  const polynomial = [scalarOf(`${name}/0`), scalarOf(`${name}/1`)];
  const shares = [1, 2, 3].map((index) => ({ index, secret: requireScalar(valueAt(polynomial, index)) }));
  const publicShares = shares.map(({ secret }) => ristretto255.multiplyBase(secret));
  const publicKey = ristretto255.multiplyBase(scalarOf(`${name}/0`));
  return { keys: { threshold: 2, nodes: 3, publicKey, publicShares }, shares };
}
const [layer, locator] = [dealt("layer"), dealt("locator")];
const keys = { layer: layer.keys, locator: locator.keys };
const terms = {
  ...{ schema: standardSchema, epoch: 7, leastContributors: 2 },
  contributionKey: contributionKey(requireElement(ristretto255.multiplyBase(scalarOf("query"))), layer.keys.publicKey),
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
    const given = set.map((index) => {
      const secrets = { layer: layer.shares[index - 1]!, locator: locator.shares[index - 1]! };
      return { from: index, chunks: stripShares(keys, set, secrets, verified, streamOf(`strip/${String(index)}`)) };
    });
    expect(given.map(({ chunks }) => digestOf(encodeStripShares(chunks)))).to.deep.equal([
      "4009b7a0d11ae9447f58f495959aa5767f899702a5299a02b907ff2d5cdedb60",
      "9bb0b1e4bbcda94e227ce23478e7e899ef3d4e4fe86df3e33a0216f63948022d",
    ]);
    const table = stripTable(terms, keys, set, merged, [
      given.map(({ from, chunks }) => ({ from, bytes: chunks[0]! })),
    ]);
    expect(hex(table.root)).to.equal("abcd529573cc41847a977f6e231b12b775448133c732b76d20d3cb2e2d19aeef");
    expect(digestOf(encodeConsortiumTable(table))).to.equal(
      "e382187f2132662f50bc926090d0bf728351ad75f64eb0405e0b999c0f53fa4c",
    );
  });
});
