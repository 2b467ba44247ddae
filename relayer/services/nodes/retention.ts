/**
 * Which shares of shared keys a node keeps. A share is erased when a newer round has made, or shared anew, the key of its
 * purpose, and nothing is answered under the old one any more: no edition of the consortium table that is being made, and
 * not the newest published one, from which queries are answered until the next is. Evaluations, locations and decryptions follow a
 * resharing at once, so the shares it replaced go with it; the layer comes off in the round with which the edition opened.
 * An edition opens with the newest keys, so a share that is not needed now is never needed again.
 */
import { KEY_PURPOSES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import { EDITION_STATUSES, nameOf } from "../../chain/codes.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import type { PlatformContracts } from "../../chain/contracts.ts";
import { createRoundReads } from "../../chain/create-computation-view.ts";
import { heirOf } from "../../chain/heir-of.ts";
import { refusal } from "../../chain/refusal.ts";
import type { HeldShare } from "../../keys/node-keys.ts";

export interface EditionKeys extends Pick<EditionInfo, "status" | "evaluationRound" | "queryRound" | "layerRound"> {
  /** In which rows are located once it is published; while it is made, its nodes use the layer key's. */
  readonly locatorRound: number;
}

export interface KeysInUse {
  /** The newest round of each purpose; 0 if none. */
  readonly current: Readonly<Record<KeyPurpose, number>>;
  /** The newest edition, whatever became of it, and the newest published one, each with the rounds that share its keys now. */
  readonly editions: readonly EditionKeys[];
}

export function isNeeded({ round, purpose }: HeldShare, { current, editions }: KeysInUse): boolean {
  const isUsed = (edition: EditionKeys): boolean => purposeRounds(edition)[purpose]?.includes(round) ?? false;
  return round >= current[purpose] || editions.some(isUsed);
}

/** In which rounds' shares an edition is still made or answered from. */
function purposeRounds(edition: EditionKeys): Readonly<Partial<Record<KeyPurpose, readonly number[]>>> {
  const { status, evaluationRound, queryRound, layerRound, locatorRound } = edition;
  if (status === "Abandoned") return {};
  const answering = { evaluation: [evaluationRound], query: [queryRound], locator: [locatorRound] };
  // The layer is off; subjects are still evaluated, rows located, and sums decrypted.
  if (status === "Published") return answering;
  return { ...answering, layer: [layerRound], locator: [layerRound, locatorRound] };
}

/**
 * Editions as of a block that is not before the one of the newest keys, even if the node answers out of a block that it is just
 * making: an edition that was opened with a key just before a newer one came must not be missed, for what is erased does not
 * come back. One that is opened after the newest keys were read needs none before them. @throws Fault CHAIN_UNREACHABLE
 */
export async function readKeysInUse({
  keyRounds,
  consortiumTables,
}: Pick<PlatformContracts, "keyRounds" | "consortiumTables">): Promise<KeysInUse> {
  try {
    const newestBlock = async (): Promise<number> => (await keyRounds.runner?.provider?.getBlockNumber()) ?? 0;
    const before = await newestBlock();
    const current = async (purpose: KeyPurpose): Promise<number> =>
      Number(await keyRounds.currentRound(KEY_PURPOSES.indexOf(purpose), { blockTag: before }));
    const [evaluation, query, layer, locator] = await Promise.all([
      current("evaluation"),
      current("query"),
      current("layer"),
      current("locator"),
    ]);
    // Another node of the chain may be behind: it refuses a block that it does not have.
    const block = Math.max(before, await newestBlock());
    const at = { blockTag: block };
    const rounds = createRoundReads(keyRounds, block);
    const [newest, published] = await Promise.all([
      consortiumTables.editionCount(at),
      consortiumTables.latestPublished(at),
    ]);
    const numbers = [...new Set([newest, published])].filter((number) => number > 0n);
    const editions = await Promise.all(numbers.map((number) => consortiumTables.getEdition(number, at)));
    return {
      current: { evaluation, query, layer, locator },
      editions: await Promise.all(
        editions.map(async ({ status, evaluationRound, queryRound, layerRound }) => ({
          status: nameOf(EDITION_STATUSES, status),
          evaluationRound: await heirOf(rounds, Number(evaluationRound), "evaluation"),
          queryRound: await heirOf(rounds, Number(queryRound), "query"),
          layerRound: Number(layerRound),
          locatorRound: await heirOf(rounds, Number(layerRound), "locator"),
        })),
      ),
    };
  } catch (error) {
    throw refusal(error);
  }
}
