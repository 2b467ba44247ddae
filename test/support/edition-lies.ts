/** What dishonest nodes and a dishonest aggregator hand in. */
import { dirname } from "node:path";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { mergeContributions, type MergedTable } from "../../protocol/aggregate/merge.ts";
import { commitRows, encodeRow, rowTag, splitRow } from "../../protocol/aggregate/row.ts";
import { standardSchema } from "../../protocol/aggregate/schema.ts";
import { encodeStripShares } from "../../protocol/aggregate/strip-bytes.ts";
import { decodeContribution, encodeMergedTable } from "../../protocol/aggregate/table-bytes.ts";
import type { AdmittedContribution } from "../../protocol/aggregate/contribution.ts";
import { concatBytes, fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { Element, Scalar } from "../../protocol/group/group.ts";
import { ristretto255 } from "../../protocol/group/ristretto255.ts";
import { termsOf } from "../../relayer/aggregate-pool/run-step.ts";
import type { ContributionFile, StepTerms } from "../../relayer/aggregate-pool/steps.ts";
import { contributionFile, mergedFile, sharesFile } from "../../relayer/services/editions/edition-files.ts";
import { stepTerms } from "../../relayer/services/editions/edition-context.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import type { EditionStage, Party } from "./edition-stage.ts";

const { slotCount } = standardSchema;

/** A count class that has room for all that the tests contribute. */
const MERGED_ROWS = 32;

export type MergeLie = "drops a row" | "doubles a row" | "alters a row" | "leaves a firm out";

/** Well-formed, committed to, and of no key: the node's own service posts what it finds in its place. */
export async function placeFalseShares(node: Party, edition: number, attempt: number, rows: number): Promise<void> {
  const scalar = new Uint8Array(32).fill(7, 0, 1) as Scalar;
  const element = ristretto255.multiplyBase(scalar);
  const proved = (count: number): Uint8Array => concatBytes(...Array<Element>(count).fill(element), scalar, scalar);
  const share = concatBytes(proved(rows * slotCount), proved(rows));
  const me = (await node.ctx.chain.me()).id;
  place(sharesFile(node.ctx.config.dataDir, edition, attempt, me), encodeStripShares([share]));
}

/** What the edition's contributors serve, as the chain names it. */
export async function contributionsOf(stage: EditionStage, edition: number): Promise<ContributionFile[]> {
  const counted = (await stage.aggregator.ctx.chain.computation.contributions(edition)).filter(
    (each) => !each.excluded,
  );
  return counted.map(({ contributor, root, proof }) => {
    const firm = stage.firms.find(({ member }) => member.id === contributor)!;
    return {
      ...{ contributor, root: fromHex(root, 32), proof },
      path: contributionFile(firm.ctx.config.dataDir, edition, contributor),
    };
  });
}

export async function termsOn(party: Party, edition: number): Promise<StepTerms> {
  return await stepTerms(party.ctx, (await party.ctx.chain.computation.edition(edition))!);
}

/** A merge as it would be made of other rows, or of its own rows with one changed. */
export function falseMerge(terms: StepTerms, files: readonly ContributionFile[], lie: MergeLie): MergedTable {
  const [one, ...others] = files.map(
    ({ path }) => decodeContribution(readFileSync(path), slotCount) as AdmittedContribution,
  ) as [AdmittedContribution, ...AdmittedContribution[]];
  const [first = new Uint8Array(0), ...rest] = one.rows;
  const merged = (...given: readonly AdmittedContribution[]): MergedTable =>
    mergeContributions({ ...termsOf(terms), leastContributors: 1 }, given, MERGED_ROWS, random(32), random);
  if (lie === "leaves a firm out") return merged(...others);
  if (lie === "drops a row") return merged({ ...one, rows: rest }, ...others);
  // As if somebody else had contributed it too.
  if (lie === "doubles a row") return merged(one, ...others, { ...one, contributor: 1_000, rows: [first] });
  const honest = merged(one, ...others);
  const rows = honest.rows.map((row) =>
    Buffer.compare(rowTag(row), rowTag(first)) === 0 ? encodeRow({ ...splitRow(first), tag: rowTag(row) }) : row,
  );
  return { ...honest, rows, root: commitRows(rows).tree.root };
}

/** The aggregator's own service goes on with what it finds. */
export async function placeFalseMerge(aggregator: Party, edition: number, table: MergedTable): Promise<Hex> {
  place(mergedFile(aggregator.ctx.config.dataDir, edition), encodeMergedTable(table));
  const root = toHex(table.root);
  await aggregator.editions.store.keepMerge(edition, { root, rows: table.rows.length, proof: toHex(table.proof) });
  return root;
}

export function place(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
