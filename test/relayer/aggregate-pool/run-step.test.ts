import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { admitContribution, contribute, type AdmittedContribution } from "../../../protocol/aggregate/contribution.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { distinctTags, mergeContributions, type VerifiedMerge } from "../../../protocol/aggregate/merge.ts";
import { emptyRow, standardSchema } from "../../../protocol/aggregate/schema.ts";
import { stripShares, stripTable } from "../../../protocol/aggregate/strip.ts";
import {
  decodeContribution,
  decodeMergedTable,
  encodeContribution,
  encodeMergedTable,
} from "../../../protocol/aggregate/table-bytes.ts";
import { concatBytes, toHex } from "../../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../../protocol/encoding/digest.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { classFrom } from "../../../protocol/sealed-table/count-class.ts";
import { runStep, termsOf } from "../../../relayer/aggregate-pool/run-step.ts";
import { createStepRunner } from "../../../relayer/aggregate-pool/step-runner.ts";
import type {
  ContributionFile,
  EncryptStep,
  MadeTable,
  SharesFile,
  ShareStep,
  Step,
  StripStep,
} from "../../../relayer/aggregate-pool/steps.ts";
import { createOwnRows, type OwnRow } from "../../../relayer/services/editions/own-rows.ts";
import { createColumnCipher } from "../../../relayer/store/column-cipher.ts";
import { expectFault, random } from "../../protocol/oprf/fixtures.ts";
import { trustedKey } from "../../protocol/threshold/ceremony.ts";

const LEAST_ROWS = 4;
const EDITION = 3;
const parameters = { threshold: 2, nodes: 3 };
const [query, layer, locator] = [trustedKey(parameters), trustedKey(parameters), trustedKey(parameters)];
const stripKeys = { layer: layer.keys, locator: locator.keys };
const secretsOf = (index: number) => ({ layer: layer.shares[index - 1]!, locator: locator.shares[index - 1]! });
const terms = {
  ...{ edition: EDITION, leastContributors: 2, leastRows: LEAST_ROWS },
  contributionKey: contributionKey(query.keys.publicKey, layer.keys.publicKey),
};
const nonce = random(64);
const fixed = (length: number): Uint8Array => nonce.slice(0, length);
const empty = emptyRow(standardSchema);
/** Evaluations that all firms share: more than one buffer's worth, so that reads and merges go over their ends. */
const ys = Array.from({ length: 200 }, () => random(64));

describe("the steps of an edition on files", () => {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-steps-"));
  const at = (name: string): string => join(directory, name);
  const keys = { encryption: random(16), authentication: random(32), index: random(32) };
  const seeds = [random(32), random(32), random(32), random(32)] as const;
  const books = [ys.slice(0, 150), ys.slice(100, 200), ys.slice(149, 151)];
  const files: ContributionFile[] = [];
  let inMemory: AdmittedContribution[];
  let merged: MadeTable;

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** What a firm has frozen: subjects, and dummies up to a count class. */
  function encryptStep(firm: number, path: string): EncryptStep {
    const book = books[firm] ?? [];
    const subjects = book.map((y, row): OwnRow => ({
      input: random(9),
      values: empty.map((_, slot) => slot + row),
      y,
    }));
    const count = classFrom(subjects.length, LEAST_ROWS);
    const dummies = ys.slice(0, 0);
    while (subjects.length + dummies.length < count) dummies.push(random(64));
    const own = { directory: at(`own-${String(firm)}`), context: `own.${String(firm)}`, keys };
    const rows = [...dummies.map((y): OwnRow => ({ input: random(9), values: null, y })), ...subjects];
    createOwnRows(own.directory, createColumnCipher(keys, random), own.context).write(rows);
    return {
      ...{ kind: "encrypt", terms, contributor: firm + 1, path },
      ...{ own: { ...own, rows: count }, seed: seeds[firm] ?? seeds[0] },
    };
  }

  function ownOf({ own: { directory: place, context } }: EncryptStep) {
    const rows = [...createOwnRows(place, createColumnCipher(keys, random), context).known()];
    const subjects = rows.flatMap(({ y, values }) => (y && values ? [{ y, values }] : []));
    return { subjects, dummies: rows.flatMap(({ y, values }) => (y && !values ? [y] : [])) };
  }

  function made(step: Step): MadeTable {
    return runStep(step, fixed) as MadeTable;
  }

  before(() => {
    inMemory = books.map((_, firm) => {
      const step = encryptStep(firm, at(`contribution-${String(firm)}`));
      const { root, proof } = made(step);
      files.push({ contributor: step.contributor, root, proof, path: step.path });
      const { subjects, dummies } = ownOf(step);
      const table = contribute(termsOf(terms), step.contributor, subjects, dummies, step.seed, fixed);
      return admitContribution(termsOf(terms), table, root);
    });
    merged = made({ kind: "merge", terms, contributions: files, seed: seeds[3], path: at("merged") });
  });

  it("write a contribution as it is made in memory, and leave nothing beside it", () => {
    for (const [firm, { path }] of files.entries()) {
      expect(readFileSync(path).equals(encodeContribution(inMemory[firm]!))).to.equal(true);
    }
    expect(readdirSync(directory).filter((name) => /unsorted|tmp/.test(name))).to.deep.equal([]);
  });

  it("admit what was made, and nothing that is not what the chain says", () => {
    const [file] = files as [ContributionFile];
    runStep({ kind: "admit", terms, contribution: file }, random);
    const admitting = (change: Partial<ContributionFile>) => () =>
      runStep({ kind: "admit", terms, contribution: { ...file, ...change } }, random);
    expectFault(admitting({ contributor: 9 }), "AGGREGATE_ROOT_WRONG");
    expectFault(admitting({ root: random(32) }), "AGGREGATE_ROOT_WRONG");
    expectFault(admitting({ proof: random(64) }), "AGGREGATE_PROOF_INVALID");
    const bytes = readFileSync(file.path);
    for (const bad of [bytes.subarray(0, 60), bytes.subarray(0, -1), Buffer.alloc(0), Buffer.concat([bytes, bytes])]) {
      writeFileSync(at("bad"), bad);
      expectFault(admitting({ path: at("bad") }), "AGGREGATE_TABLE_MALFORMED");
    }
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(at("bad"), bytes);
    expectFault(admitting({ path: at("bad") }), "AGGREGATE_ROOT_WRONG");
  });

  it("write a merge as it is made in memory", () => {
    const count = classFrom(distinctTags(inMemory), LEAST_ROWS);
    const table = mergeContributions(termsOf(terms), inMemory, count, seeds[3], fixed);
    expect(merged.rows).to.equal(count);
    expect(readFileSync(at("merged")).equals(encodeMergedTable(table))).to.equal(true);
  });

  it("merge no contribution that is not any more what was admitted", () => {
    const [first, second, third] = files as [ContributionFile, ContributionFile, ContributionFile];
    const bytes = readFileSync(second.path);
    // The edition stands behind kind and contributor; no root shows it.
    const otherEdition = bytes.with(8, EDITION + 1);
    const otherRow = bytes.with(5_000, bytes[5_000]! ^ 1);
    for (const bad of [bytes.subarray(0, -3), bytes.subarray(0, -528), otherRow, otherEdition]) {
      writeFileSync(at("bad"), bad);
      const contributions = [first, { ...second, path: at("bad") }, third];
      const step = { kind: "merge", terms, contributions, seed: seeds[3], path: at("none") } as const;
      expectFault(() => runStep(step, random), "AGGREGATE_ROOT_WRONG");
    }
    expect(readdirSync(directory).filter((name) => name.startsWith("none"))).to.deep.equal([]);
  });

  describe("that strip", () => {
    const set = [1, 3];
    const shareStep = (change: Partial<ShareStep> = {}): ShareStep => ({
      ...{ kind: "share", terms, contributions: files, merged: at("merged"), mergedRoot: merged.root },
      ...{ mergeProofDigest: keccak256(merged.proof), keys: stripKeys, set, secrets: secretsOf(1) },
      ...{ path: at("shares-1"), ...change },
    });

    it("take no merge but the one on chain, of the contributions on chain", () => {
      expectFault(() => runStep(shareStep({ mergedRoot: random(32) }), random), "MERGE_COMMITMENT_WRONG");
      expectFault(() => runStep(shareStep({ mergeProofDigest: random(32) }), random), "MERGE_COMMITMENT_WRONG");
      expectFault(() => runStep(shareStep({ contributions: files.slice(1) }), random), "MERGE_PROOF_INVALID");
      const bytes = readFileSync(at("merged"));
      writeFileSync(at("bad"), bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
      expectFault(() => runStep(shareStep({ merged: at("bad") }), random), "MERGE_PROOF_INVALID");
      writeFileSync(at("bad"), bytes.subarray(0, 1));
      expectFault(() => runStep(shareStep({ merged: at("bad") }), random), "AGGREGATE_TABLE_MALFORMED");
      // Of another edition, under the root and proof that are on chain: changed on its way, and not the aggregator's doing.
      writeFileSync(at("bad"), bytes.with(4, EDITION + 1));
      expectFault(() => runStep(shareStep({ merged: at("bad") }), random), "MERGE_COMMITMENT_WRONG");
      const [first, ...others] = files as [ContributionFile, ...ContributionFile[]];
      const contributed = readFileSync(first.path);
      writeFileSync(at("bad"), contributed.with(8, EDITION + 1));
      const contributions = [{ ...first, path: at("bad") }, ...others];
      expectFault(() => runStep(shareStep({ contributions }), random), "AGGREGATE_ROOT_WRONG");
      expect(readdirSync(directory).filter((name) => name.startsWith("shares"))).to.deep.equal([]);
    });

    function stripStep(nodes: readonly number[], change: Partial<StripStep> = {}): StripStep {
      const shares = nodes.map((index) => ({ index, path: at(`shares-${nodes.join("-")}-of-${String(index)}`) }));
      return {
        ...{ kind: "strip", terms, merged: at("merged"), mergedRoot: merged.root, keys: stripKeys, set: nodes },
        ...{ shares, trusted: [] },
        files: { table: at(`stripped-${nodes.join("-")}.table`), tree: at(`stripped-${nodes.join("-")}.tree`) },
        ...change,
      };
    }

    it("give the table that is computed in memory, from shares of any t nodes", () => {
      const table = decodeMergedTable(readFileSync(at("merged")), standardSchema.slotCount);
      const shares = set.map((index) => ({
        from: index,
        chunks: stripShares(stripKeys, set, secretsOf(index), table as VerifiedMerge, random),
      }));
      const answers = shares[0]!.chunks.map((_, chunk) =>
        shares.map(({ from, chunks }) => ({ from, bytes: chunks[chunk]! })),
      );
      const expected = stripTable(termsOf(terms), stripKeys, set, table, answers);
      for (const nodes of [set, [2, 3]]) {
        const step = stripStep(nodes, { trusted: [3] });
        for (const { index, path } of step.shares) {
          runStep(shareStep({ set: nodes, secrets: secretsOf(index), path }), random);
        }
        const { root } = runStep(step, random) as { root: Uint8Array };
        expect(toHex(root)).to.equal(toHex(expected.root));
        expect(readFileSync(step.files.table).equals(concatBytes(...expected.rows))).to.equal(true);
      }
    });

    it("name who gave no shares, and write no table then", () => {
      const step = stripStep(set);
      const [own, other] = step.shares as [SharesFile, SharesFile];
      const bytes = readFileSync(other.path);
      const files = { table: at("none.table"), tree: at("none.tree") };
      for (const [bad, reason] of [
        [bytes.subarray(0, -1), "PARTIAL_MALFORMED"],
        [bytes.subarray(0, 3), "PARTIAL_MALFORMED"],
        [Buffer.alloc(0), "PARTIAL_MALFORMED"],
        [Buffer.alloc(4 * 1_000), "PARTIAL_MALFORMED"],
        [Buffer.concat([bytes, bytes]), "PARTIAL_MALFORMED"],
        [bytes.with(bytes.length - 40, bytes.at(-40)! ^ 1), "PARTIAL_PROOF_INVALID"],
      ] as const) {
        writeFileSync(at("bad"), bad);
        const shares = [own, { ...other, path: at("bad") }];
        expect(runStep({ ...step, shares, files }, random)).to.deep.equal({ liars: [{ node: other.index, reason }] });
      }
      expect(readdirSync(directory).filter((name) => name.startsWith("none"))).to.deep.equal([]);
    });

    it("blame nobody for a merged table that was damaged on this disk", () => {
      const bytes = readFileSync(at("merged"));
      const otherEdition = bytes.with(4, EDITION + 1);
      const otherRow = bytes.with(700, bytes[700]! ^ 1);
      for (const bad of [otherRow, bytes.subarray(0, -528), bytes.subarray(0, 9), otherEdition]) {
        writeFileSync(at("bad"), bad);
        expectFault(() => runStep(stripStep(set, { merged: at("bad") }), random), "MERGE_COMMITMENT_WRONG");
      }
    });
  });

  it("that are stopped leave no table, and are done again from the start", async () => {
    const step = encryptStep(0, at("killed"));
    const runner = createStepRunner();
    const running = runner.run(step).catch((error: unknown) => error);
    const written = (): boolean => readdirSync(directory).includes("killed.unsorted");
    while (!written()) await new Promise((resolve) => setTimeout(resolve, 2));
    await runner.close();
    expect(isFault(await running, "EDITION_STEP_FAILED")).to.equal(true);
    expect(readdirSync(directory)).not.to.include("killed");
    const again = made(step);
    const table = decodeContribution(readFileSync(at("killed")), standardSchema.slotCount);
    expect(toHex(admitContribution(termsOf(terms), table, again.root).root)).to.equal(toHex(again.root));
    expect(readdirSync(directory).filter((name) => /unsorted|tmp/.test(name))).to.deep.equal([]);
  });
});
