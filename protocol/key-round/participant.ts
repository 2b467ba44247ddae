/** Who takes part in a key round, with what it keeps secret. */
import type { Sm2KeyPair } from "../sm/sm2-curve.ts";
import type { KeyShare } from "../threshold/key-set.ts";
import type { KeyPurpose } from "./round.ts";

/** Of one member in one round. To be erased when the round is over. */
export interface RoundSecrets {
  /** 32 bytes from which all that it draws in this round follows. */
  readonly seed: Uint8Array;
  /** To which its shares are sealed. */
  readonly joining: Sm2KeyPair;
}

export interface Participant {
  readonly member: number;
  readonly secrets: RoundSecrets;
  /** Its shares of the keys that are shared anew; empty where new ones are made, and for a member that only receives. */
  readonly held: ReadonlyMap<KeyPurpose, KeyShare>;
}
