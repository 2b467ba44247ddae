/** A small consortium: query key, contribution layer, firms with rows, and everything up to the table they mirror. */
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import type { Element } from "../../../protocol/group/group.ts";
import { requireScalar } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import {
  admitContribution,
  contribute,
  type AdmittedContribution,
  type Contribution,
} from "../../../protocol/aggregate/contribution.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { locatorInput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import {
  distinctTags,
  mergeContributions,
  type MergedTable,
  type VerifiedMerge,
} from "../../../protocol/aggregate/merge.ts";
import {
  decryptionShares,
  readSums,
  requestDecryption,
  uncover,
  unblindRow,
} from "../../../protocol/aggregate/query.ts";
import { decodeRow, rowTag, type Row } from "../../../protocol/aggregate/row.ts";
import {
  createSchema,
  packRow,
  type AggregateSchema,
  type SubjectSummary,
} from "../../../protocol/aggregate/schema.ts";
import {
  stripShares,
  stripTable,
  type ConsortiumTable,
  type StripAnswers,
  type StripKeys,
  type StripSecrets,
} from "../../../protocol/aggregate/strip.ts";
import { createSumDecoder } from "../../../protocol/aggregate/sum-decoder.ts";
import type { AggregateTerms } from "../../../protocol/aggregate/terms.ts";
import { dummyInput } from "../../../protocol/sealed-table/entry.ts";
import type { Tag } from "../../../protocol/sealed-table/table-id.ts";
import type { KeyShare } from "../../../protocol/threshold/key-set.ts";
import { random } from "../oprf/fixtures.ts";
import { secretOf, trustedKey, type DealtKey } from "../threshold/ceremony.ts";

/** Four slots: contributors, two classes, two limbs of 8 bits. */
export const smallSchema = createSchema({
  maxContributors: 8,
  classSlots: [
    [
      { class: "B1", most: 15 },
      { class: "B2", most: 7 },
    ],
  ],
  limbBits: [8, 8],
});

export const smallDecoder = createSumDecoder(2 ** 11);

/** Evaluations under a key that the tests hold whole. */
const evaluationKey = ristretto255.randomScalar(random);
export const evaluate = (subject: string): Uint8Array => ristretto255Sha512.evaluate(evaluationKey, utf8(subject));
export const evaluateDummy = (): Uint8Array => ristretto255Sha512.evaluate(evaluationKey, dummyInput(random(16)));

export interface World {
  readonly query: DealtKey;
  readonly layer: DealtKey;
  readonly locator: DealtKey;
  readonly terms: AggregateTerms;
}

export function createWorld(schema: AggregateSchema = smallSchema, leastContributors = 2): World {
  const parameters = { threshold: 3, nodes: 5 };
  const [query, layer, locator] = [trustedKey(parameters), trustedKey(parameters), trustedKey(parameters)];
  const terms = {
    schema,
    epoch: 7,
    contributionKey: contributionKey(query.keys.publicKey, layer.keys.publicKey),
    leastContributors,
    isRowCount: (count: number) => count > 0 && count % 4 === 0,
  };
  return { query, layer, locator, terms };
}

export type Book = Readonly<Record<string, SubjectSummary>>;

/** As if the chain had the root that the contribution says. */
export function admit(terms: AggregateTerms, contribution: Contribution): AdmittedContribution {
  return admitContribution(terms, contribution, contribution.root);
}

/** The firm's rows and as many dummies as make the next multiple of four. */
export function contributeBook(
  { terms }: World,
  contributor: number,
  book: Book,
  seed = random(32),
): AdmittedContribution {
  const subjects = Object.entries(book).map(([subject, summary]) => ({
    y: evaluate(subject),
    values: packRow(terms.schema, summary),
  }));
  const dummies = Array.from({ length: 4 - (subjects.length % 4) }, evaluateDummy);
  return admit(terms, contribute(terms, contributor, subjects, dummies, seed, random));
}

export function merge(world: World, contributions: readonly AdmittedContribution[], seed = random(32)): MergedTable {
  const rowCount = 4 * (Math.floor(distinctTags(contributions) / 4) + 1);
  return mergeContributions(world.terms, contributions, rowCount, seed, random);
}

/** The table as one whose proof held, without looking: for tests of what honest nodes would refuse. */
export function unverified(table: MergedTable): VerifiedMerge {
  return table as VerifiedMerge;
}

export function stripKeys({ layer, locator }: Pick<World, "layer" | "locator">): StripKeys {
  return { layer: layer.keys, locator: locator.keys };
}

export function stripSecrets({ layer, locator }: Pick<World, "layer" | "locator">, node: number): StripSecrets {
  return { layer: layer.shares[node - 1]!, locator: locator.shares[node - 1]! };
}

export function stripAnswers(world: World, table: MergedTable, set: readonly number[] = [1, 3, 4]): StripAnswers {
  const byNode = set.map((node) => ({
    node,
    shares: stripShares(stripKeys(world), set, stripSecrets(world, node), unverified(table), random),
  }));
  return byNode[0]!.shares.map((_, chunk) => byNode.map((each) => ({ from: each.node, bytes: each.shares[chunk]! })));
}

export function strip(world: World, merged: MergedTable, set: readonly number[] = [1, 3, 4]): ConsortiumTable {
  return stripTable(world.terms, stripKeys(world), set, merged, stripAnswers(world, merged, set));
}

/** All rows with their points. */
export function decoded({ rows }: { readonly rows: readonly Uint8Array[] }, slotCount = smallSchema.slotCount): Row[] {
  return rows.map((row) => decodeRow(row, slotCount));
}

/** Of a contribution or a merged table. */
export function findMerged({ terms }: World, rows: readonly Uint8Array[], y: Uint8Array): Row | undefined {
  return findAt(terms, rows, aggregateTag(y, terms.epoch));
}

/** Of the published table. */
export function findRow(world: World, rows: readonly Uint8Array[], y: Uint8Array): Row | undefined {
  return findAt(world.terms, rows, placeOfTag(world, aggregateTag(y, world.terms.epoch)));
}

/** Where a merged row is published. */
export function placeOfTag(world: World, tag: Tag): Tag {
  return placeOf(locationOfTag(world, tag), world.terms.epoch);
}

/** What its place and covers follow from. */
export function locationOfTag({ terms, locator }: World, tag: Tag): Uint8Array {
  const secret = requireScalar(secretOf(locator.shares));
  return ristretto255Sha512.evaluate(secret, locatorInput(tag, terms.epoch));
}

function findAt({ schema }: AggregateTerms, rows: readonly Uint8Array[], tag: Uint8Array): Row | undefined {
  const found = rows.find((row) => Buffer.from(tag).equals(rowTag(row)));
  return found && decodeRow(found, schema.slotCount);
}

/** What nodes answer to the elements under Y. */
export function decrypt(
  { query }: World,
  elements: readonly Element[],
  nodes: readonly KeyShare[] = query.shares.slice(1, 1 + query.keys.threshold),
): readonly Element[] {
  const answers = nodes.map((share) => ({
    from: share.index,
    bytes: decryptionShares.evaluate(query.keys, share, elements, random),
  }));
  return decryptionShares.combine(query.keys, elements, answers).elements;
}

/** The points that a row opens to under Y, masks still on, and covers if it is published. */
export function openUnderQueryKey(world: World, row: Row) {
  const request = requestDecryption(world.terms.schema, row, random);
  return unblindRow(world.query.keys.publicKey, row, request, decrypt(world, request.elements));
}

/** The same of a published row by who has paid for the place of that merged tag: without its covers. */
export function openPublished(world: World, row: Row, tag: Tag) {
  return uncover(locationOfTag(world, tag), world.terms.epoch, openUnderQueryKey(world, row));
}

export function ask(world: World, rows: readonly Uint8Array[], subject: string) {
  const y = evaluate(subject);
  const row = findRow(world, rows, y);
  return row && readSums(world.terms, smallDecoder, y, openPublished(world, row, aggregateTag(y, world.terms.epoch)));
}
