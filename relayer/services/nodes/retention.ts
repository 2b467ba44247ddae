/**
 * Which shares of shared keys a node keeps. A share is erased when a newer round has made, or shared anew, the key of its
 * purpose, and nothing is answered under the old one any more: no edition of the consortium table that is being made, and
 * not the newest published one, from which queries are answered until the next is. What an edition uses was fixed when it
 * opened, and it opens with the newest keys, so a share that is not needed now is never needed again.
 */
import type { KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { ComputationView, EditionInfo } from "../../chain/computation-view.ts";
import type { HeldShare } from "../../keys/node-keys.ts";

export interface KeysInUse {
  /** The newest round of each purpose; 0 if none. */
  readonly current: Readonly<Record<KeyPurpose, number>>;
  /** The newest edition, whatever became of it, and the newest published one. */
  readonly editions: readonly EditionInfo[];
}

export function isNeeded({ round, purpose }: HeldShare, { current, editions }: KeysInUse): boolean {
  return round >= current[purpose] || editions.some((edition) => purposeRounds(edition)[purpose] === round);
}

/** With which rounds' keys an edition is still made or answered from. */
function purposeRounds(edition: EditionInfo): Readonly<Partial<Record<KeyPurpose, number>>> {
  const { status, evaluationRound: evaluation, queryRound: query, layerRound: layer } = edition;
  if (status === "Abandoned") return {};
  // The layer is off; subjects are still evaluated, and sums decrypted.
  return status === "Published" ? { evaluation, query } : { evaluation, query, layer };
}

export async function readKeysInUse(computation: ComputationView): Promise<KeysInUse> {
  const [evaluation, query, layer, newest, published] = await Promise.all([
    computation.currentRound("evaluation"),
    computation.currentRound("query"),
    computation.currentRound("layer"),
    computation.editionCount(),
    computation.latestPublished(),
  ]);
  const numbers = [...new Set([newest, published])].filter((number) => number > 0);
  const editions = await Promise.all(numbers.map((number) => computation.edition(number)));
  return { current: { evaluation, query, layer }, editions: editions.filter((edition) => edition !== undefined) };
}
