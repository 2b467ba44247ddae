/**
 * Which shares of shared keys a node keeps. A share is erased when a newer round has made, or shared anew, the key of its
 * purpose, and nothing is answered under the old one any more: no edition of the consortium table that is being made, and
 * not the newest published one, from which queries are answered until the next is. What an edition uses was fixed when it
 * opened, and it opens with the newest keys, so a share that is not needed now is never needed again.
 */
import { KEY_PURPOSES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import { EDITION_STATUSES, nameOf } from "../../chain/codes.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import type { PlatformContracts } from "../../chain/contracts.ts";
import { refusal } from "../../chain/refusal.ts";
import type { HeldShare } from "../../keys/node-keys.ts";

export type EditionKeys = Pick<EditionInfo, "status" | "evaluationRound" | "queryRound" | "layerRound">;

export interface KeysInUse {
  /** The newest round of each purpose; 0 if none. */
  readonly current: Readonly<Record<KeyPurpose, number>>;
  /** The newest edition, whatever became of it, and the newest published one. */
  readonly editions: readonly EditionKeys[];
}

export function isNeeded({ round, purpose }: HeldShare, { current, editions }: KeysInUse): boolean {
  return round >= current[purpose] || editions.some((edition) => purposeRounds(edition)[purpose] === round);
}

/** With which rounds' keys an edition is still made or answered from. */
function purposeRounds(edition: EditionKeys): Readonly<Partial<Record<KeyPurpose, number>>> {
  const { status, evaluationRound: evaluation, queryRound: query, layerRound: layer } = edition;
  if (status === "Abandoned") return {};
  // The layer is off; subjects are still evaluated, rows located, and sums decrypted.
  const answering = { evaluation, query, locator: layer };
  return status === "Published" ? answering : { ...answering, layer };
}

/**
 * As of one block: halves that were cached at different times could miss an edition that was opened with a key just before a
 * newer one came, and what is erased does not come back. @throws Fault CHAIN_UNREACHABLE
 */
export async function readKeysInUse({
  keyRounds,
  consortiumTables,
}: Pick<PlatformContracts, "keyRounds" | "consortiumTables">): Promise<KeysInUse> {
  try {
    const at = { blockTag: (await keyRounds.runner?.provider?.getBlockNumber()) ?? "latest" };
    const current = async (purpose: KeyPurpose): Promise<number> =>
      Number(await keyRounds.currentRound(KEY_PURPOSES.indexOf(purpose), at));
    const [evaluation, query, layer, locator, newest, published] = await Promise.all([
      current("evaluation"),
      current("query"),
      current("layer"),
      current("locator"),
      consortiumTables.editionCount(at),
      consortiumTables.latestPublished(at),
    ]);
    const numbers = [...new Set([newest, published])].filter((number) => number > 0n);
    const editions = await Promise.all(numbers.map((number) => consortiumTables.getEdition(number, at)));
    return {
      current: { evaluation, query, layer, locator },
      editions: editions.map(({ status, evaluationRound, queryRound, layerRound }) => ({
        status: nameOf(EDITION_STATUSES, status),
        evaluationRound: Number(evaluationRound),
        queryRound: Number(queryRound),
        layerRound: Number(layerRound),
      })),
    };
  } catch (error) {
    throw refusal(error);
  }
}
