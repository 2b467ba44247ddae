/**
 * From an admitted release to its published answer, and back: the answer carries all shares with their proofs, so everybody who
 * has the contributions' digests recomputes it. No share is made for anything but an admitted release.
 */
import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { combine, type RejectedShare } from "../paillier/combination.ts";
import { decryptShare, type DecryptionShare } from "../paillier/decryption-share.ts";
import { unpack, type Values } from "../paillier/packing.ts";
import type { KeyShare, ThresholdKey } from "../paillier/threshold-key.ts";
import type { AdmittedRelease } from "./release.ts";

export interface ReleasedStatistic {
  /** Sums over all contributors. */
  readonly values: Values;
  readonly contributors: number;
  /** Whose shares gave it, and whose were refused. */
  readonly indices: readonly number[];
  readonly rejected: readonly RejectedShare[];
}

/** @throws Fault PAILLIER_KEY_DIFFERS if the collection's key is not the threshold key's, PAILLIER_KEY_SHARE_INVALID */
export function releaseShare(
  threshold: ThresholdKey,
  keyShare: KeyShare,
  release: AdmittedRelease,
  random: RandomBytes,
): DecryptionShare {
  checkKey(threshold, release);
  return decryptShare(threshold, keyShare, release, random);
}

/** @throws Fault PAILLIER_KEY_DIFFERS, PAILLIER_SHARES_TOO_FEW, PACKING_SUM_INVALID */
export function openRelease(
  threshold: ThresholdKey,
  release: AdmittedRelease,
  shares: readonly DecryptionShare[],
): ReleasedStatistic {
  checkKey(threshold, release);
  const { plaintext, indices, rejected } = combine(threshold, release, shares);
  const contributors = release.contributors.length;
  return { values: unpack(release.collection.layout, plaintext, contributors), contributors, indices, rejected };
}

function checkKey({ key }: ThresholdKey, { collection }: AdmittedRelease): void {
  if (collection.key.n !== key.n) throw new Fault("PAILLIER_KEY_DIFFERS");
}
