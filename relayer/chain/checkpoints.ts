/** Blocks that were worked through, remembered by hash, so that after a roll-back the newest one still true is found. */

export interface Checkpoint {
  readonly number: number;
  readonly hash: string;
}

/**
 * Adds the newest and keeps about one for each doubling of the distance from it: a few dozen for any ledger, and going
 * back by n blocks repeats at most about 2n of them.
 */
export function withCheckpoint(kept: readonly Checkpoint[], newest: Checkpoint): Checkpoint[] {
  const result: Checkpoint[] = [newest];
  let bucket = -1;
  for (const checkpoint of [...kept].sort((a, b) => b.number - a.number)) {
    const distance = newest.number - checkpoint.number;
    if (distance <= 0) continue;
    const its = Math.floor(Math.log2(distance));
    if (its > bucket) result.push(checkpoint);
    bucket = Math.max(bucket, its);
  }
  return result.reverse();
}
