/** The leaf a querier anchors for one subject: what was asked of which datasets and what came back, opened by its salt. */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256, saltedDigest } from "../encoding/digest.ts";
import { createMerkleTree } from "../sealed-table/merkle.ts";
import { consentRoot } from "./consent.ts";
import type { Purpose } from "./purpose.ts";

/** One dataset's part in a subject's query. */
export interface Exchange {
  readonly dataset: Uint8Array;
  readonly requestDigest: Uint8Array;
  /** {@link UNANSWERED} where nothing valid came back. */
  readonly responseDigest: Uint8Array;
  /** This subject's own consent commitment within the request. */
  readonly consent: Uint8Array;
}

export interface QueryLeaf {
  /** 32 random bytes, fresh for each leaf. */
  readonly salt: Uint8Array;
  /** 16 bytes: the query's UUID. */
  readonly queryId: Uint8Array;
  readonly purpose: Purpose;
  readonly exchanges: readonly Exchange[];
}

/**
 * In place of a response digest, in the leaf of a request to which no answer was accepted: its voucher was signed, so it can
 * be settled, and a leaf must say that it was asked.
 */
export const UNANSWERED = new Uint8Array(32);

/** @throws RangeError if there is no exchange, two are for one dataset, or the query id is not 16 bytes. */
export function queryLeaf(leaf: QueryLeaf): Uint8Array {
  if (leaf.queryId.length !== 16) throw new RangeError("a query id has 16 bytes");
  const exchanges = leaf.exchanges.toSorted((a, b) => Buffer.compare(a.dataset, b.dataset));
  for (const [i, exchange] of exchanges.entries()) {
    const next = exchanges[i + 1];
    if (next && Buffer.compare(exchange.dataset, next.dataset) === 0) throw new RangeError("a dataset occurs twice");
  }
  return saltedDigest("riskveil/leaf", leaf.salt, [
    leaf.queryId,
    exchangeRoot(exchanges),
    utf8(leaf.purpose),
    consentRoot(exchanges.map((exchange) => exchange.consent)),
  ]);
}

/** Merkle root over the exchanges in order, a tree like those of the sealed tables. */
function exchangeRoot(exchanges: readonly Exchange[]): Uint8Array {
  const hashes = exchanges.map(({ dataset, requestDigest, responseDigest }) =>
    keccak256(lengthPrefixed(utf8("riskveil/exchange"), dataset, requestDigest, responseDigest)),
  );
  return createMerkleTree(hashes).root;
}
