/** The overall picture computed in the open, from the records that each party publishes: what no party could do. */
import { randomBytes } from "node:crypto";

import type { Kysely } from "kysely";

import { collectPublishable } from "../../relayer/services/records/publishable.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { CATEGORIES, PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import type { PlatformContracts } from "../../relayer/chain/contracts.ts";
import type { KeyStore } from "../../relayer/keys/key-store.ts";
import type { Database } from "../../relayer/store/schema.ts";

export interface PlainSums {
  /** Records by class, of classes that have any. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of records that are open or disputed. */
  readonly overdueFen: number;
  readonly institutions: number;
}

interface PlainRecord {
  readonly class: string;
  readonly status: string;
  readonly amountFen?: number | undefined;
}

/** By party and identity number. */
export type PublishedBooks = ReadonlyMap<PartyName, ReadonlyMap<string, readonly PlainRecord[]>>;

/** What a test's network gives of its parties. */
interface Parties {
  readonly contracts: PlatformContracts;
  database(name: PartyName): Kysely<Database>;
  keys(name: PartyName): KeyStore;
}

export async function publishedBooks(net: Parties): Promise<PublishedBooks> {
  const { platformParameters } = net.contracts;
  const books = new Map<PartyName, ReadonlyMap<string, readonly PlainRecord[]>>();
  for (const { name, dataset } of PARTIES) {
    const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    const cipher = createColumnCipher(await net.keys(name).columnKeys(), random);
    const book = new Map<string, readonly PlainRecord[]>();
    const publishable = collectPublishable(
      { db: net.database(name), cipher },
      {
        asOf: new Date(),
        categories: CATEGORIES[dataset],
        existingCustomersIncluded: await platformParameters.existingCustomersIncluded(),
        expiryMonths: Number(await platformParameters.recordExpiry()),
      },
    );
    for await (const { subject, records } of publishable) {
      const [scheme, number = ""] = subject.split(":");
      if (scheme === "cn-resident-id") book.set(number, records);
    }
    books.set(name, book);
  }
  return books;
}

export function plainSums(books: PublishedBooks, number: string): PlainSums {
  const found = [...books.values()].flatMap((book) => {
    const records = book.get(number) ?? [];
    return records.length === 0 ? [] : [records];
  });
  const counts: Record<string, number> = {};
  let overdueFen = 0;
  for (const record of found.flat()) {
    counts[record.class] = (counts[record.class] ?? 0) + 1;
    if (record.status === "open" || record.status === "disputed") overdueFen += record.amountFen ?? 0;
  }
  return { counts, overdueFen, institutions: found.length };
}
