/**
 * Removal of the contribution layer, and the rows' places: rows under Y + Z with the tags they were contributed under become
 * rows under Y in the places where queriers look (`locator.ts`). Each of a fixed set of exactly t nodes publishes, with one
 * DLEQ proof a chunk for each of the two keys,
 *
 *   (lambda_i z_i) R for every slot of every row, against lambda_i Z_i;  (lambda_i k_i) H for the tag of every row, against
 *   lambda_i K_i, where H is the tag's locator input as an element,
 *
 * which anybody computes; the sum of the second gives the place and the covers, and C less the sum of the first and under its
 * cover is the published C. The coefficient is in the share, so that a row costs an addition a node and not a multiplication.
 * A node of the set that lies or falls silent is named, and another set takes over.
 *
 * Whatever is under Z a strip share opens. So a node strips only what `verifyMerge` returned, and only the one table that the
 * chain names for the epoch: two merges with different contributors would show by their difference what one of them added.
 * Shares show who has them which merged tag became which place: nodes and the aggregator get them, nobody else.
 */
import { concatBytes, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { sha512 } from "../group/expand-message.ts";
import type { Element, Residue } from "../group/group.ts";
import {
  addPoints,
  IDENTITY,
  multiplyPoint,
  POINT_BYTES,
  requireElement,
  subtractPoints,
  sumPoints,
} from "../group/points.ts";
import { multiplyResidues, requireScalar } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import type { DleqSuite } from "../oprf/dleq.ts";
import { ristretto255Sha512 } from "../oprf/oprf.ts";
import { publicShare, requireShare, type KeyShare, type PublicKeySet } from "../threshold/key-set.ts";
import type { Posted } from "../threshold/message.ts";
import { requireIndices } from "../threshold/parameters.ts";
import { encodePartial, multiplyAndProve, readPartial, readUnproved, type Liar } from "../threshold/partials.ts";
import { lagrangeCoefficients } from "../threshold/shamir.ts";
import { BATCHED_PROOF_BYTES } from "./batched-proof.ts";
import { covers, locatorInput, locatorOutput, placeOf } from "./locator.ts";
import type { MergedTable, VerifiedMerge } from "./merge.ts";
import { decodeRow, encodeRow, rootOf, rowTag, splitRow, type Row } from "./row.ts";
import { nextOf, sortInMemory, type RowSorter, type Rows } from "./rows.ts";
import type { AggregateTerms } from "./terms.ts";

const layerSuite: DleqSuite = { group: ristretto255, hash: sha512, context: utf8("riskveil/aggregate-strip/1") };
const placeSuite: DleqSuite = { group: ristretto255, hash: sha512, context: utf8("riskveil/aggregate-place/1") };

/** Rows of one proof: its elements are counted in two bytes, and a layout has at most 63 slots. */
export const ROWS_PER_CHUNK = 1024;

const NOTHING = new Uint8Array(0);

export interface ConsortiumTable<R extends Rows = readonly Uint8Array[]> {
  readonly epoch: number;
  /** Under Y, in order of their places: what members mirror. */
  readonly rows: R;
  readonly root: Uint8Array;
}

/** The public sides of Z and of the locator key, which the same nodes share. */
export interface StripKeys {
  readonly layer: PublicKeySet;
  readonly locator: PublicKeySet;
}

/** One node's shares of them. */
export interface StripSecrets {
  readonly layer: KeyShare;
  readonly locator: KeyShare;
}

/** Of a chunk of so many rows, the share of one node: elements and proof under the layer key, then under the locator key. */
export function chunkShareBytes(rows: number, slotCount: number): number {
  return rows * (slotCount + 1) * POINT_BYTES + 2 * BATCHED_PROOF_BYTES;
}

/** Of a table that is small enough for memory. @throws Fault as `eachStripShare` */
export function stripShares(...given: Parameters<typeof eachStripShare>): Uint8Array[] {
  return [...eachStripShare(...given)];
}

/**
 * What one node publishes: one proved share a chunk, in order. The table was verified by this node.
 * @throws Fault THRESHOLD_INDICES_INVALID, KEY_SHARE_WRONG
 */
export function* eachStripShare(
  keys: StripKeys,
  set: readonly number[],
  secrets: StripSecrets,
  table: VerifiedMerge<Rows>,
  random: RandomBytes,
): Generator<Uint8Array> {
  requireTogether(keys, secrets);
  const layer = weighted(keys.layer, set, secrets.layer);
  const locator = weighted(keys.locator, set, secrets.locator);
  try {
    for (const chunk of chunksOf(table.rows)) {
      yield concatBytes(
        encodePartial(multiplyAndProve(layerSuite, layer, ephemerals(chunk.map(splitRow)), random)),
        encodePartial(multiplyAndProve(placeSuite, locator, tagElements(chunk, table.epoch), random)),
      );
    }
  } finally {
    layer.secretKey.fill(0);
    locator.secretKey.fill(0);
  }
}

/** `answers` by chunk, each from every node of the set: of two by one node the first counts. */
export type StripAnswers = readonly (readonly Posted[])[];

/** The table, or the nodes of the set whose share of some chunk is missing or wrong: each once, with the reason. */
export type Stripped<R extends Rows = readonly Uint8Array[]> =
  | { readonly table: ConsortiumTable<R>; readonly liars?: never }
  | { readonly liars: readonly Liar[]; readonly table?: never };

/** Of whose answers the proofs are not looked at: indices of the set. A node is one to itself. */
export type Trusted = ReadonlySet<number>;

/** Of a table that is small enough for memory. @throws Fault as `stripInto` */
export function stripOrAccuse(
  terms: AggregateTerms,
  keys: StripKeys,
  set: readonly number[],
  table: MergedTable,
  answers: StripAnswers,
  trusted: Trusted = new Set(),
): Stripped {
  return stripInto(sortInMemory(), terms, keys, set, table, answers, trusted);
}

/**
 * What anybody computes from the merged table and the shares, in one pass: a proof costs more than all the rest. Answers are
 * taken chunk by chunk. The sorter's rows are worth nothing if there are liars.
 * @throws Fault THRESHOLD_INDICES_INVALID, AGGREGATE_ROW_MALFORMED
 */
export function stripInto<R extends Rows>(
  sorter: RowSorter<R>,
  { schema }: AggregateTerms,
  keys: StripKeys,
  set: readonly number[],
  { epoch, rows: merged }: MergedTable<Rows>,
  answers: Iterable<readonly Posted[]>,
  trusted: Trusted,
): Stripped<R> {
  requireTogether(keys);
  const publicKeys = set.map((index) => ({
    layer: weightedPublic(keys.layer, set, index),
    locator: weightedPublic(keys.locator, set, index),
  }));
  const liars = new Map<number, Liar>();
  const ahead = answers[Symbol.iterator]();
  let index = 0;
  for (const chunk of chunksOf(merged)) {
    const decoded = chunk.map((row) => decodeRow(row, schema.slotCount, index++));
    const inputs = { layer: ephemerals(decoded), locator: tagElements(chunk, epoch) };
    const given = nextOf(ahead);
    const shares = set.flatMap((node, at) => {
      const bytes = given?.find(({ from }) => from === node)?.bytes ?? NOTHING;
      const read = readShare(trusted.has(node) ? undefined : publicKeys[at], inputs, bytes);
      if (typeof read !== "string") return [read];
      if (!liars.has(node)) liars.set(node, { node, reason: read });
      return [];
    });
    if (liars.size === 0) for (const row of applyShares(decoded, epoch, shares)) sorter.add(row);
  }
  if (liars.size > 0) return { liars: [...liars.values()] };
  const { rows } = sorter.sorted();
  return { table: { epoch, rows, root: rootOf(rows, schema.slotCount) } };
}

/** The same where all shares must hold. @throws Fault STRIP_SHARES_WRONG with the nodes, and as `stripOrAccuse` */
export function stripTable(...given: Parameters<typeof stripOrAccuse>): ConsortiumTable {
  const { table, liars } = stripOrAccuse(...given);
  if (table) return table;
  throw new Fault("STRIP_SHARES_WRONG", { nodes: liars.map(({ node }) => node).join(",") });
}

type ByKey<T> = Readonly<Record<"layer" | "locator", T>>;

/** The elements of a node's share of one chunk, or what is wrong with it; without public keys its proofs are not looked at. */
function readShare(
  publicKeys: ByKey<Element> | undefined,
  inputs: ByKey<readonly Element[]>,
  bytes: Uint8Array,
): ByKey<readonly Element[]> | Liar["reason"] {
  const end = inputs.layer.length * POINT_BYTES + BATCHED_PROOF_BYTES;
  if (bytes.length !== end + inputs.locator.length * POINT_BYTES + BATCHED_PROOF_BYTES) return "PARTIAL_MALFORMED";
  const parts = { layer: bytes.slice(0, end), locator: bytes.slice(end) };
  const layer = publicKeys
    ? readPartial(layerSuite, publicKeys.layer, inputs.layer, parts.layer)
    : readUnproved(inputs.layer.length, parts.layer);
  if (typeof layer === "string") return layer;
  const locator = publicKeys
    ? readPartial(placeSuite, publicKeys.locator, inputs.locator, parts.locator)
    : readUnproved(inputs.locator.length, parts.locator);
  return typeof locator === "string" ? locator : { layer, locator };
}

function applyShares(rows: readonly Row[], epoch: number, ofNodes: readonly ByKey<readonly Element[]>[]): Uint8Array[] {
  return rows.map(({ tag, ciphertexts }, at) => {
    const located = requireElement(sumPoints(ofNodes.flatMap(({ locator }) => locator[at] ?? [])), at);
    const output = locatorOutput(tag, epoch, located);
    const covering = covers(output, epoch, ciphertexts.length);
    return encodeRow({
      tag: placeOf(output, epoch),
      ciphertexts: ciphertexts.map(({ ephemeral, body }, slot) => {
        const layers = ofNodes.flatMap(({ layer }) => layer[at * ciphertexts.length + slot] ?? []);
        const covered = addPoints(body, covering[slot] ?? IDENTITY);
        return { ephemeral, body: subtractPoints(covered, sumPoints(layers)) };
      }),
    });
  });
}

/** Both keys have the same nodes and the same t, and both shares are one node's. @throws Fault THRESHOLD_INDICES_INVALID */
function requireTogether({ layer, locator }: StripKeys, secrets?: StripSecrets): void {
  const alike = layer.threshold === locator.threshold && layer.nodes === locator.nodes;
  if (!alike || (secrets && secrets.layer.index !== secrets.locator.index)) {
    throw new Fault("THRESHOLD_INDICES_INVALID", { nodes: layer.nodes });
  }
}

/** A node's share times its coefficient, as a key pair. The caller wipes it. */
function weighted(keys: PublicKeySet, set: readonly number[], share: KeyShare) {
  requireShare(keys, share);
  const secretKey = requireScalar(multiplyResidues(weightOf(keys, set, share.index), share.secret));
  return { secretKey, publicKey: ristretto255.multiplyBase(secretKey) };
}

function weightedPublic(keys: PublicKeySet, set: readonly number[], index: number): Element {
  return requireElement(multiplyPoint(weightOf(keys, set, index), publicShare(keys, index)), index);
}

/** lambda_i for a set of exactly t distinct nodes. */
function weightOf(keys: PublicKeySet, set: readonly number[], index: number): Residue {
  requireIndices(set, keys.nodes);
  const weight = lagrangeCoefficients(set)[set.indexOf(index)];
  if (set.length !== keys.threshold || !weight) throw new Fault("THRESHOLD_INDICES_INVALID", { nodes: keys.nodes });
  return weight;
}

function* chunksOf(rows: Rows): Generator<readonly Uint8Array[]> {
  let chunk: Uint8Array[] = [];
  for (const row of rows) {
    chunk.push(row.slice());
    if (chunk.length < ROWS_PER_CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function ephemerals(rows: readonly Row[]): Element[] {
  return rows.flatMap(({ ciphertexts }) => ciphertexts.map(({ ephemeral }) => ephemeral));
}

function tagElements(rows: readonly Uint8Array[], epoch: number): Element[] {
  return rows.map((row) => ristretto255Sha512.hashToGroup(locatorInput(rowTag(row), epoch)));
}
