/** The leaf a querier anchors for one subject: what was asked of which datasets and what came back, opened by its salt. */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256, saltedDigest } from "../encoding/digest.ts";
import { consentRoot } from "./consent.ts";
import type { Purpose } from "./purpose.ts";

/** One dataset's part in a subject's query. */
export interface Exchange {
  readonly dataset: Uint8Array;
  readonly requestDigest: Uint8Array;
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

/** Merkle root over the exchanges in order: sorted pairs, an odd last node promoted, as in the sealed tables. */
function exchangeRoot(exchanges: readonly Exchange[]): Uint8Array {
  let level = exchanges.map((exchange) =>
    keccak256(
      lengthPrefixed(utf8("riskveil/exchange"), exchange.dataset, exchange.requestDigest, exchange.responseDigest),
    ),
  );
  if (level.length === 0) throw new RangeError("a leaf without an exchange");
  while (level.length > 1) level = pairUp(level);
  return level[0] ?? new Uint8Array();
}

function pairUp(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array;
    const right = level[i + 1];
    above.push(right === undefined ? left : keccak256(...[left, right].sort((a, b) => Buffer.compare(a, b))));
  }
  return above;
}
