/**
 * How long an epoch lives: its tables are answered from, then its key is destroyed, then its mirrors go. Holder and querier
 * must agree on the first, for a refusal costs the querier a lane.
 */

/** Tables of the epoch before stay open while the members mirror the new ones. */
const EPOCHS_KEPT_OPEN = 1;

export function isServed(epoch: number, current: number): boolean {
  return epoch >= newestClosed(current) + 1;
}

/** The newest epoch that is answered from no more: its key, and those before, are destroyed. */
export function newestClosed(current: number): number {
  return current - EPOCHS_KEPT_OPEN - 1;
}

/**
 * The oldest epoch whose mirrors are kept, one longer than its key: an answer that was paid for and lost is sent again
 * also when its epoch is over, and is opened from the mirror.
 */
export function oldestMirrored(current: number): number {
  return newestClosed(current);
}
