/** The checks of the table that was read: which edition, under which keys, and what it says at the leaf. */
import { bytesEqual, fromHex } from "../encoding/bytes.ts";
import { decodeRow, type Row } from "../aggregate/row.ts";
import { standardSchema } from "../aggregate/schema.ts";
import { leafOf, pathOf } from "../evidence/answer-bytes.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "../evidence/check-run.ts";
import { decodeKeySets } from "../key-round/key-sets.ts";
import type { NodeService } from "../key-round/round.ts";
import { leafHash, leafHoldsEntry } from "../sealed-table/linked-leaves.ts";
import { verifyPath } from "../sealed-table/merkle.ts";
import type { PublicKeySet } from "../threshold/key-set.ts";
import type { EditionFact, PictureChainFacts } from "./chain-facts.ts";
import type { EvidencedPicture } from "./package.ts";

/** Absent where the checks behind it are not ok. */
export interface VerifiedEdition {
  readonly published: EditionFact | undefined;
  readonly keys: Readonly<Record<NodeService, SharedKey>> | undefined;
  /** "none" where the package says that there is no row. */
  readonly row: Row | "none" | undefined;
}

/** A key and the members that share it. */
export interface SharedKey {
  readonly round: number;
  /** Index i of the protocol is position i - 1. */
  readonly nodes: readonly number[];
  readonly keys: PublicKeySet;
}

export async function verifyEdition(
  run: CheckRun<PictureChainFacts>,
  picture: EvidencedPicture,
): Promise<VerifiedEdition> {
  const leaf = leafOf(picture);
  const published = await run.check("EDITION", [], async () => {
    const edition = requireKnown(await run.chain.edition(picture.edition), "EDITION_UNKNOWN");
    requireThat(edition.tableRoot === picture.root, "ROOT_OTHER");
    return edition;
  });
  const keys = await run.check("KEYS", [published], async ({ evaluationRound, locatorRound, queryRound }) => ({
    evaluation: await sharedKey(run, evaluationRound, "evaluation", "KEYS_UNKNOWN"),
    locator: await sharedKey(run, locatorRound, "locator", "KEYS_UNKNOWN"),
    query: await sharedKey(run, queryRound, "query", "KEYS_UNKNOWN"),
  }));
  await run.check("PATH", [], () => {
    requireThat(verifyPath(leafHash(leaf), pathOf(picture), fromHex(picture.root)), "PATH_OTHER");
  });
  if (picture.outcome === "not_found") return { published, keys, row: "none" };
  const row = await run.check("ROW", [], () => {
    const bytes = fromHex(picture.row);
    requireThat(leafHoldsEntry(leaf, bytes), "ROW_OTHER");
    return requireComputed(() => decodeRow(bytes, standardSchema.slotCount), "ROW_MALFORMED");
  });
  return { published, keys, row };
}

/**
 * The key of an edition in the hands of another round, which shares it anew. That the keys are equal is enough: a part is proved
 * against a share of this key, whoever holds it.
 */
export async function keySharedIn(
  run: CheckRun<PictureChainFacts>,
  number: number,
  purpose: NodeService,
  own: SharedKey,
): Promise<SharedKey> {
  if (number === own.round) return own;
  const shared = await sharedKey(run, number, purpose, "ROUND_OTHER");
  requireThat(bytesEqual(shared.keys.publicKey, own.keys.publicKey), "ROUND_OTHER");
  return shared;
}

/** @param otherwise why the check fails where the round has no such key */
async function sharedKey(
  run: CheckRun<PictureChainFacts>,
  number: number,
  purpose: NodeService,
  otherwise: "KEYS_UNKNOWN" | "ROUND_OTHER",
): Promise<SharedKey> {
  const round = requireKnown(await run.chain.keyRound(number), otherwise);
  const keys = requireComputed(() => decodeKeySets(fromHex(round.keySets), round).get(purpose), otherwise);
  return { round: number, nodes: round.nodes, keys: requireKnown(keys, otherwise) };
}
