/** The checks of the table that was read: which edition, under which keys, and what it says at the leaf. */
import { fromHex } from "../encoding/bytes.ts";
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
    evaluation: await sharedKey(run, evaluationRound, "evaluation"),
    locator: await sharedKey(run, locatorRound, "locator"),
    query: await sharedKey(run, queryRound, "query"),
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

async function sharedKey(run: CheckRun<PictureChainFacts>, number: number, purpose: NodeService): Promise<SharedKey> {
  const round = requireKnown(await run.chain.keyRound(number), "KEYS_UNKNOWN");
  const keys = requireComputed(() => decodeKeySets(fromHex(round.keySets), round).get(purpose), "KEYS_UNKNOWN");
  return { round: number, nodes: round.nodes, keys: requireKnown(keys, "KEYS_UNKNOWN") };
}
