import { createLayout } from "../../../protocol/paillier/packing.ts";
import {
  contribute,
  contributionDigest,
  type Collection,
  type Contribution,
} from "../../../protocol/statistics/contribution.ts";
import { add } from "../../../protocol/paillier/encryption.ts";
import { random, small, type TestKey } from "../paillier/fixtures.ts";

export const layout = createLayout(
  [
    { name: "records", most: 100_000n },
    { name: "amount", most: 10n ** 15n },
  ],
  100,
  512,
);

export function collectionOf({ key }: TestKey, changes: Partial<Collection> = {}): Collection {
  return { key, statistic: new Uint8Array(32).fill(7), period: 12, layout, ...changes };
}

export const collection = collectionOf(small);

/** Member ids from 1: each reports `id` records and 1,000 `id` fen. */
export function contributionsOf(members: number, to: Collection = collection): Contribution[] {
  return Array.from({ length: members }, (_, position) => {
    const id = BigInt(position + 1);
    return contribute(to, position + 1, { records: id, amount: 1000n * id }, random);
  });
}

export function committedBy(
  contributions: readonly Contribution[],
  to: Collection = collection,
): Map<number, Uint8Array> {
  return new Map(contributions.map((each) => [each.contributor, contributionDigest(to, each)]));
}

export function productOf([first, ...others]: readonly Contribution[], { key }: Collection = collection): bigint {
  return first === undefined ? 1n : add(key, first.ciphertext, ...others.map(({ ciphertext }) => ciphertext));
}
