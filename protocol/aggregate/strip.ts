/**
 * Removal of the contribution layer: rows under Y + Z become rows under Y. Each of a fixed set of exactly t nodes
 * publishes (lambda_i z_i) R for every slot of every row, with one DLEQ proof a chunk against lambda_i Z_i, which anybody
 * computes; C less the sum of these is the consortium table's C. The coefficient is in the share, so that stripping costs
 * an addition a node and not a multiplication. A node of the set that lies or falls silent is named, and another set takes over.
 *
 * Whatever is under Z a strip share opens. So a node strips only what `verifyMerge` returned, and only the one table that the
 * chain names for the epoch: two merges with different contributors would show by their difference what one of them added.
 */
import { utf8, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { sha512 } from "../group/expand-message.ts";
import type { Element, Residue } from "../group/group.ts";
import { multiplyPoint, requireElement, subtractPoints, sumPoints } from "../group/points.ts";
import { multiplyResidues, requireScalar } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import type { DleqSuite } from "../oprf/dleq.ts";
import { publicShare, requireShare, type KeyShare, type PublicKeySet } from "../threshold/key-set.ts";
import type { Posted } from "../threshold/message.ts";
import { requireIndices } from "../threshold/parameters.ts";
import { encodePartial, multiplyAndProve, readPartial, readUnproved, type Liar } from "../threshold/partials.ts";
import { lagrangeCoefficients } from "../threshold/shamir.ts";
import type { MergedTable, VerifiedMerge } from "./merge.ts";
import { decodeRow, encodeRow, rootOf, splitRow, type Row } from "./row.ts";
import { keepInMemory, nextOf, type RowKeeper, type Rows } from "./rows.ts";
import type { AggregateTerms } from "./terms.ts";

const suite: DleqSuite = { group: ristretto255, hash: sha512, context: utf8("riskveil/aggregate-strip/1") };

/** Rows of one proof: its elements are counted in two bytes, and a layout has at most 63 slots. */
export const ROWS_PER_CHUNK = 1024;

const NOTHING = new Uint8Array(0);

export interface ConsortiumTable<R extends Rows = readonly Uint8Array[]> {
  readonly epoch: number;
  /** Under Y, in order of their tags: what members mirror. */
  readonly rows: R;
  readonly root: Uint8Array;
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
  layer: PublicKeySet,
  set: readonly number[],
  share: KeyShare,
  table: VerifiedMerge<Rows>,
  random: RandomBytes,
): Generator<Uint8Array> {
  requireShare(layer, share);
  const weight = weightOf(layer, set, share.index);
  const secretKey = requireScalar(multiplyResidues(weight, share.secret));
  const key = { secretKey, publicKey: ristretto255.multiplyBase(secretKey) };
  try {
    for (const chunk of chunksOf(table.rows)) {
      yield encodePartial(multiplyAndProve(suite, key, ephemerals(chunk.map(splitRow)), random));
    }
  } finally {
    secretKey.fill(0);
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
  layer: PublicKeySet,
  set: readonly number[],
  table: MergedTable,
  answers: StripAnswers,
  trusted: Trusted = new Set(),
): Stripped {
  return stripInto(keepInMemory(), terms, layer, set, table, answers, trusted);
}

/**
 * What anybody computes from the merged table and the shares, in one pass: a proof costs more than all the rest. Answers are
 * taken chunk by chunk. The keeper's rows are worth nothing if there are liars.
 * @throws Fault THRESHOLD_INDICES_INVALID, AGGREGATE_ROW_MALFORMED
 */
export function stripInto<R extends Rows>(
  keeper: RowKeeper<R>,
  { schema }: AggregateTerms,
  layer: PublicKeySet,
  set: readonly number[],
  { epoch, rows: merged }: MergedTable<Rows>,
  answers: Iterable<readonly Posted[]>,
  trusted: Trusted,
): Stripped<R> {
  const publicKeys = set.map((index) =>
    requireElement(multiplyPoint(weightOf(layer, set, index), publicShare(layer, index)), index),
  );
  const liars = new Map<number, Liar>();
  const ahead = answers[Symbol.iterator]();
  let index = 0;
  for (const chunk of chunksOf(merged)) {
    const decoded = chunk.map((row) => decodeRow(row, schema.slotCount, index++));
    const inputs = ephemerals(decoded);
    const given = nextOf(ahead);
    const shares = set.flatMap((node, at) => {
      const bytes = given?.find(({ from }) => from === node)?.bytes ?? NOTHING;
      const publicKey = trusted.has(node) ? undefined : publicKeys[at];
      const read = publicKey ? readPartial(suite, publicKey, inputs, bytes) : readUnproved(inputs.length, bytes);
      if (typeof read !== "string") return [read];
      if (!liars.has(node)) liars.set(node, { node, reason: read });
      return [];
    });
    if (liars.size === 0) for (const row of subtractShares(decoded, shares)) keeper.add(row);
  }
  if (liars.size > 0) return { liars: [...liars.values()] };
  const rows = keeper.kept();
  return { table: { epoch, rows, root: rootOf(rows, schema.slotCount) } };
}

/** The same where all shares must hold. @throws Fault STRIP_SHARES_WRONG with the nodes, and as `stripOrAccuse` */
export function stripTable(...given: Parameters<typeof stripOrAccuse>): ConsortiumTable {
  const { table, liars } = stripOrAccuse(...given);
  if (table) return table;
  throw new Fault("STRIP_SHARES_WRONG", { nodes: liars.map(({ node }) => node).join(",") });
}

function subtractShares(rows: readonly Row[], ofNodes: readonly (readonly Element[])[]): Uint8Array[] {
  return rows.map(({ tag, ciphertexts }, at) =>
    encodeRow({
      tag,
      ciphertexts: ciphertexts.map(({ ephemeral, body }, slot) => {
        const layers = ofNodes.flatMap((elements) => elements[at * ciphertexts.length + slot] ?? []);
        return { ephemeral, body: subtractPoints(body, sumPoints(layers)) };
      }),
    }),
  );
}

/** lambda_i for a set of exactly t distinct nodes. */
function weightOf(layer: PublicKeySet, set: readonly number[], index: number): Residue {
  requireIndices(set, layer.nodes);
  const weight = lagrangeCoefficients(set)[set.indexOf(index)];
  if (set.length !== layer.threshold || !weight) throw new Fault("THRESHOLD_INDICES_INVALID", { nodes: layer.nodes });
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
