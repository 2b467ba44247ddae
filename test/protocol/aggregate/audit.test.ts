import { expect } from "chai";
import { describe, it } from "mocha";

import {
  auditMergedRow,
  missingTags,
  omissionHolds,
  type AuditedContributor,
} from "../../../protocol/aggregate/audit.ts";
import type { AdmittedContribution } from "../../../protocol/aggregate/contribution.ts";
import { sumRerandomised, type Ciphertext } from "../../../protocol/aggregate/elgamal.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { openMergedRow } from "../../../protocol/aggregate/merge.ts";
import { commitRows, decodeRow, encodeRow, proveRow, rowTag } from "../../../protocol/aggregate/row.ts";
import type { Scalar } from "../../../protocol/group/group.ts";
import { addPoints, multiplyGenerator } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { compareTags } from "../../../protocol/sealed-table/linked-leaves.ts";
import { hex, random } from "../oprf/fixtures.ts";
import { contributeBook, createWorld, decoded, evaluate, merge } from "./world.ts";

const world = createWorld();
const { terms } = world;
const summary = (overdueFen: number) => ({ counts: { B1: 1 }, overdueFen });
const contributions = [
  contributeBook(world, 1, { a: summary(1), b: summary(2) }),
  contributeBook(world, 2, { a: summary(10), c: summary(30) }),
  contributeBook(world, 3, { a: summary(100), b: summary(50) }),
  contributeBook(world, 4, { d: summary(7) }),
];
const seed = random(32);
const merged = merge(world, contributions, seed);
const tag = aggregateTag(evaluate("a"), terms.epoch);
const randomness = openMergedRow(terms, contributions, seed, tag);
const mergedRow = merged.rows.find((row) => hex(rowTag(row)) === hex(tag))!;

const audited = (of: readonly AdmittedContribution[] = contributions): AuditedContributor[] =>
  of.map(({ contributor, root, rows }) => ({ contributor, root, evidence: proveRow(commitRows(rows), rows, tag) }));

/** The row that an aggregator makes of these contributors' rows, one named as often as it is added. */
function mergedOf(contributors: readonly number[], alter?: (ciphertext: Ciphertext, slot: number) => Ciphertext) {
  const ciphertexts = randomness.map((r, slot) => {
    const parts = contributors.map((contributor) => {
      const of = contributions.find((each) => each.contributor === contributor)!;
      return decoded(of).find((row) => hex(row.tag) === hex(tag))!.ciphertexts[slot]!;
    });
    const sum = sumRerandomised(terms.contributionKey, parts, r);
    return alter ? alter(sum, slot) : sum;
  });
  return encodeRow({ tag, ciphertexts });
}

const findings = (row: Uint8Array, of = audited()) => auditMergedRow(terms, tag, row, randomness, of);

describe("the check of a merged table against a contribution", () => {
  it("finds nothing missing where nothing is", () => {
    for (const each of contributions) expect(missingTags(each, merged.rows)).to.deep.equal([]);
    expect(missingTags(contributions[0]!, []).length).to.equal(4);
  });

  it("finds and proves a row left out, and proves nothing else", () => {
    const contribution = contributions[0]!;
    const lost = rowTag(contribution.rows[2]!);
    const rows = merged.rows.filter((row) => hex(rowTag(row)) !== hex(lost));
    expect(missingTags(contribution, rows).map(hex)).to.deep.equal([hex(lost)]);
    const { tree, ...leaves } = commitRows(rows);
    const omission = {
      tag: lost,
      contributed: proveRow(commitRows(contribution.rows), contribution.rows, lost),
      merged: proveRow({ tree, ...leaves }, rows, lost),
    };
    expect(omissionHolds(omission, contribution.root, tree.root)).to.equal(true);
    expect(omissionHolds(omission, contribution.root, merged.root)).to.equal(false);
    expect(omissionHolds(omission, contributions[1]!.root, tree.root)).to.equal(false);
    expect(omissionHolds({ ...omission, tag: rowTag(contribution.rows[1]!) }, contribution.root, tree.root)).to.equal(
      false,
    );
    const present = proveRow(commitRows(merged.rows), merged.rows, lost);
    expect(omissionHolds({ ...omission, merged: present }, contribution.root, merged.root)).to.equal(false);
  });
});

describe("an auditor's check of a merged row", () => {
  it("finds nothing in an honest one, whatever the order of contributors", () => {
    expect(findings(mergedRow)).to.deep.equal([]);
    expect(findings(mergedRow, audited([...contributions].reverse()))).to.deep.equal([]);
    expect(hex(mergedOf([3, 1, 2]))).to.equal(hex(mergedRow));
  });

  it("names a contribution dropped or doubled, or two of them", () => {
    expect(findings(mergedOf([1, 2]))).to.deep.equal([{ contributor: 3, reason: "AGGREGATE_ROW_DROPPED" }]);
    expect(findings(mergedOf([1, 2, 2, 3]))).to.deep.equal([{ contributor: 2, reason: "AGGREGATE_ROW_DOUBLED" }]);
    expect(findings(mergedOf([2]))).to.deep.equal([
      { contributor: 1, reason: "AGGREGATE_ROW_DROPPED" },
      { contributor: 3, reason: "AGGREGATE_ROW_DROPPED" },
    ]);
    expect(findings(mergedOf([1, 1, 2]))).to.deep.equal([
      { contributor: 1, reason: "AGGREGATE_ROW_DOUBLED" },
      { contributor: 3, reason: "AGGREGATE_ROW_DROPPED" },
    ]);
  });

  it("names the slots of an altered row", () => {
    const shift = multiplyGenerator(residueOf(9));
    const altered = mergedOf([1, 2, 3], (ciphertext, slot) =>
      slot === 2 ? { ...ciphertext, body: addPoints(ciphertext.body, shift) } : ciphertext,
    );
    expect(findings(altered)).to.deep.equal([{ reason: "AGGREGATE_ROW_ALTERED", slots: [2] }]);
    expect(auditMergedRow(terms, tag, mergedRow, [...randomness].reverse(), audited())).to.deep.equal([
      { reason: "AGGREGATE_ROW_ALTERED", slots: [0, 1, 2, 3] },
    ]);
    for (const junk of [
      [],
      randomness.with(1, new Uint8Array(32).fill(255) as Scalar),
      randomness.with(1, new Uint8Array(7) as Scalar),
    ]) {
      expect(auditMergedRow(terms, tag, mergedRow, junk, audited())).to.deep.equal([
        { reason: "AGGREGATE_ROW_ALTERED" },
      ]);
    }
    expect(findings(merged.rows.find((row) => row !== mergedRow)!)).to.deep.equal([
      { reason: "AGGREGATE_ROW_ALTERED" },
    ]);
  });

  it("names a contributor whose evidence is not of its root", () => {
    const [first, second, ...rest] = audited();
    const swapped = [{ ...first!, evidence: second!.evidence }, second!, ...rest];
    expect(findings(mergedRow, swapped)).to.deep.equal([{ contributor: 1, reason: "AGGREGATE_EVIDENCE_INVALID" }]);
    const { row: _row, ...withoutRow } = first!.evidence;
    expect(findings(mergedRow, [{ ...first!, evidence: withoutRow }, second!, ...rest])).to.deep.equal([
      { contributor: 1, reason: "AGGREGATE_EVIDENCE_INVALID" },
    ]);
    expect(decodeRow(mergedRow, 4).ciphertexts.length).to.equal(4);
  });

  it("names a contributor that committed a row which is none", () => {
    const junk = Uint8Array.from([...tag, ...random(16)]);
    const rows = [...contributions[0]!.rows.filter((row) => hex(rowTag(row)) !== hex(tag)), junk].sort(compareTags);
    const committed = commitRows(rows);
    const evidence = proveRow(committed, rows, tag);
    const of = [{ contributor: 1, root: committed.tree.root, evidence }, ...audited().slice(1)];
    expect(findings(mergedRow, of)).to.deep.equal([{ contributor: 1, reason: "AGGREGATE_EVIDENCE_INVALID" }]);
  });

  it("knows only the contributors it is shown: all on chain must be", () => {
    expect(findings(mergedOf([1, 2]), audited(contributions.slice(0, 2)))).to.deep.equal([]);
    expect(findings(mergedRow, audited(contributions.slice(0, 2)))[0]?.reason).to.equal("AGGREGATE_ROW_ALTERED");
  });
});
