/** In which epochs a holder answers from a table: holder and querier must agree, for a refusal costs the querier a lane. */

/** Tables of the epoch before stay open while the members mirror the new ones. */
const EPOCHS_KEPT_OPEN = 1;

export function isServed(epoch: number, current: number): boolean {
  return epoch + EPOCHS_KEPT_OPEN >= current;
}
