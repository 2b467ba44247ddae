/**
 * The steps of one edition, each program in a process of its own: reads an EditionRun as JSON from its argument and writes
 * an EditionResult as JSON to stdout. "contribute" makes what the others work on, "merge" does all that follows, with the
 * steps and files of a relayer; the channel, the chain and the network are not in it.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

import { contributionKey } from "../../protocol/aggregate/elgamal.ts";
import { emptyRow, standardSchema } from "../../protocol/aggregate/schema.ts";
import { utf8 } from "../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../protocol/encoding/digest.ts";
import { ristretto255 } from "../../protocol/group/ristretto255.ts";
import { classFrom } from "../../protocol/sealed-table/count-class.ts";
import type { StripKeys, StripSecrets } from "../../protocol/aggregate/strip.ts";
import { createStepRunner, type StepRunner } from "../../relayer/aggregate-pool/step-runner.ts";
import type { ContributionFile, MadeTable, StepTerms } from "../../relayer/aggregate-pool/steps.ts";
import { createOwnRows, type OwnRow } from "../../relayer/services/editions/own-rows.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { dealtKey } from "../dealt-key.ts";

export interface EditionRun {
  readonly part: "contribute" | "merge";
  readonly directory: string;
  /** Of each contributor; the next one has half of them too. */
  readonly subjects: number;
}

export interface EditionResult {
  /** Of the merged table. */
  readonly rows: number;
  readonly admitMs: number;
  readonly mergeMs: number;
  /** One node: the merge verified, its shares made. */
  readonly shareMs: number;
  /** One node: the others' shares verified, the layer taken off. */
  readonly stripMs: number;
  readonly peakBytes: number;
}

const CONTRIBUTORS = 3;
const [THRESHOLD, NODES] = [2, 3];
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface Prepared {
  readonly terms: StepTerms;
  readonly contributions: readonly ContributionFile[];
  readonly keys: StripKeys;
  /** By node. */
  readonly secrets: readonly StripSecrets[];
}

/** What the two programs share. */
const preparedFile = (directory: string): string => join(directory, "prepared");

async function contribute(steps: StepRunner, { directory, subjects }: EditionRun): Promise<void> {
  const [layer, locator] = [dealtKey(THRESHOLD, NODES, random), dealtKey(THRESHOLD, NODES, random)];
  const terms = {
    ...{ edition: 1, leastContributors: CONTRIBUTORS, leastRows: 16 },
    contributionKey: contributionKey(ristretto255.hashToElement(random(64), utf8("bench")), layer.keys.publicKey),
  };
  const contributions: ContributionFile[] = [];
  for (let contributor = 1; contributor <= CONTRIBUTORS; contributor += 1) {
    const own = { directory: join(directory, `own-${String(contributor)}`), context: "bench", keys: columnKeys };
    const first = Math.floor(((contributor - 1) * subjects) / 2);
    const { rows } = createOwnRows(own.directory, createColumnCipher(columnKeys, random), own.context).write(
      rowsFrom(first, subjects),
    );
    const path = join(directory, `contribution-${String(contributor)}`);
    const step = { kind: "encrypt", terms, contributor, own: { ...own, rows }, seed: random(32), path } as const;
    const { root, proof } = await steps.run(step);
    contributions.push({ contributor, root, proof, path });
  }
  const keys = { layer: layer.keys, locator: locator.keys };
  const secrets = layer.shares.flatMap((share, at) => {
    const other = locator.shares[at];
    return other ? [{ layer: share, locator: other }] : [];
  });
  writeFileSync(preparedFile(directory), serialize({ terms, contributions, keys, secrets } satisfies Prepared));
}

const columnKeys = { encryption: random(16), authentication: random(32), index: random(32) };

/** Evaluated: subjects by their number, so that firms have the same ones, and dummies. */
function* rowsFrom(first: number, subjects: number): Generator<OwnRow> {
  const values = emptyRow(standardSchema).map((_, slot) => slot);
  for (let subject = first; subject < first + subjects; subject += 1) {
    const y = new Uint8Array(64);
    new DataView(y.buffer).setUint32(0, subject);
    yield { input: y.slice(0, 4), values, y };
  }
  const dummies = classFrom(subjects, 16) - subjects;
  for (let count = 0; count < dummies; count += 1) yield { input: random(20), values: null, y: random(64) };
}

async function merge(steps: StepRunner, { directory }: EditionRun): Promise<EditionResult> {
  const { terms, contributions, keys, secrets } = deserialize(readFileSync(preparedFile(directory))) as Prepared;
  const sharing = secrets.slice(0, THRESHOLD);
  const set = sharing.map(({ layer }) => layer.index);
  const at = (name: string): string => join(directory, name);
  const admitMs = await timed(async () => {
    for (const contribution of contributions) await steps.run({ kind: "admit", terms, contribution });
  });
  let made: MadeTable = { root: new Uint8Array(0), rows: 0, proof: new Uint8Array(0) };
  const mergeMs = await timed(async () => {
    made = await steps.run({ kind: "merge", terms, contributions, seed: random(32), path: at("merged") });
  });
  const sharesFile = (index: number): string => at(`shares-${String(index)}`);
  const given = set.map((index) => ({ index, path: sharesFile(index) }));
  const shareMs = await timed(async () => {
    for (const own of sharing) {
      const path = sharesFile(own.layer.index);
      await steps.run({
        ...{ kind: "share" as const, terms, contributions, keys, set, secrets: own, path },
        ...{ merged: at("merged"), mergedRoot: made.root, mergeProofDigest: keccak256(made.proof) },
      });
    }
  });
  const stripMs = await timed(async () => {
    await steps.run({
      ...{ kind: "strip" as const, terms, keys, set, shares: given, trusted: set.slice(0, 1) },
      ...{ merged: at("merged"), mergedRoot: made.root },
      files: { table: at("stripped.table"), tree: at("stripped.tree") },
    });
  });
  return {
    ...{ rows: made.rows, admitMs, mergeMs, shareMs: shareMs / set.length, stripMs },
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const given = JSON.parse(process.argv[2] ?? "") as EditionRun;
const steps = createStepRunner();
try {
  if (given.part === "contribute") await contribute(steps, given);
  else process.stdout.write(JSON.stringify(await merge(steps, given)));
} finally {
  await steps.close();
}
