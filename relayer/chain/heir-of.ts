/**
 * Who answers for a key now. A resharing keeps the key and gives it to other nodes, so what was made under a round goes on
 * with the nodes of the newest round that shares the same key.
 */
import { bytesEqual } from "../../protocol/encoding/bytes.ts";
import type { KeyPurpose } from "../../protocol/key-round/round.ts";
import type { ComputationView } from "./computation-view.ts";

export type RoundReads = Pick<ComputationView, "roundCount" | "round" | "keySet">;

/**
 * The newest completed round whose bases lead to `round` and whose key of this purpose is the same; `round` itself if there is
 * none. The contract counts confirmations and does not compare keys, so they are compared here: a round that claims to share
 * a key and brings another is nobody's heir, and neither is what was shared from it.
 */
export async function heirOf(reads: RoundReads, round: number, purpose: KeyPurpose): Promise<number> {
  const newest = await reads.roundCount();
  if (newest <= round) return round;
  const publicKey = (await reads.keySet(round, purpose))?.publicKey;
  let heir = round;
  for (let number = round + 1; publicKey !== undefined && number <= newest; number += 1) {
    if ((await reads.round(number))?.basis !== heir) continue;
    // Undefined unless the round is completed and has the purpose.
    const shared = (await reads.keySet(number, purpose))?.publicKey;
    if (shared !== undefined && bytesEqual(shared, publicKey)) heir = number;
  }
  return heir;
}

/**
 * Whether two rounds have the same key; undefined while the chain, or the node of it that was asked, has not the keys of both. Who
 * is the heir may change from one question to the next, so that two answers are no measure of it: keys do not change.
 */
export async function haveSameKey(
  reads: Pick<RoundReads, "keySet">,
  rounds: readonly [number, number],
  purpose: KeyPurpose,
): Promise<boolean | undefined> {
  const [one, other] = await Promise.all([reads.keySet(rounds[0], purpose), reads.keySet(rounds[1], purpose)]);
  return one && other && bytesEqual(one.publicKey, other.publicKey);
}
