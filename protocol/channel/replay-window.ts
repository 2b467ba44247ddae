/**
 * Which of the latest request numbers were received: the highest, and one bit for each of the 1,024 up to it (RFC 4303 section
 * 3.4.3). Requests in flight at once may overtake each other by that much. 128 bytes a session, whatever comes.
 */
import { Fault } from "../errors/fault.ts";

export const WINDOW = 1024;
const MASK = (1n << BigInt(WINDOW)) - 1n;

export interface ReplayWindow {
  /** 0 before the first request: numbers count from 1, and 0 stands as received from the beginning. */
  readonly highest: number;
  /** Bit i: number highest - i was received. */
  readonly received: bigint;
}

export const emptyWindow: ReplayWindow = { highest: 0, received: 1n };

/**
 * The window with `sequence` received. Only for a request whose MAC holds: a forged number must not move the window.
 * @throws Fault CHANNEL_REPLAYED, CHANNEL_SEQUENCE_STALE
 */
export function receive({ highest, received }: ReplayWindow, sequence: number): ReplayWindow {
  if (sequence > highest) {
    const shift = sequence - highest;
    const kept = shift >= WINDOW ? 0n : (received << BigInt(shift)) & MASK;
    return { highest: sequence, received: kept | 1n };
  }
  const behind = highest - sequence;
  if (behind >= WINDOW) throw new Fault("CHANNEL_SEQUENCE_STALE", { sequence, highest, window: WINDOW });
  const bit = 1n << BigInt(behind);
  if ((received & bit) !== 0n) throw new Fault("CHANNEL_REPLAYED", { sequence });
  return { highest, received: received | bit };
}
