/** Threshold Paillier (protocol/paillier) behind the common interface, with randomness of half n's bits. */
import type { RandomBytes } from "../encoding/bytes.ts";
import { Fault, isFault } from "../errors/fault.ts";
import { decodeCiphertext, encodeCiphertext } from "../paillier/ciphertext.ts";
import { interpolate, sortShares } from "../paillier/combination.ts";
import { decodeShare, decryptShare, encodeShare, type DecryptionShare } from "../paillier/decryption-share.ts";
import { add, encrypt, rerandomise } from "../paillier/encryption.ts";
import { freshRandomiser } from "../paillier/randomiser.ts";
import type { KeyShare, ThresholdKey } from "../paillier/threshold-key.ts";
import type { AdditiveScheme, GivenShare, RefusedShare, ShareHolder } from "./scheme.ts";

export function createPaillierScheme(threshold: ThresholdKey): AdditiveScheme {
  const { key } = threshold;
  const fresh = (random: RandomBytes) => freshRandomiser(key, "half-exponent", random);
  return {
    name: `Paillier of ${String(key.bits)} bits`,
    limit: key.n,
    threshold: threshold.threshold,
    encrypt: (plaintext, random) => encodeCiphertext(key, encrypt(key, plaintext, fresh(random))),
    add: (first, ...others) =>
      encodeCiphertext(
        key,
        add(key, decodeCiphertext(key, first), ...others.map((each) => decodeCiphertext(key, each))),
      ),
    rerandomise: (ciphertext, random) =>
      encodeCiphertext(key, rerandomise(key, decodeCiphertext(key, ciphertext), fresh(random))),
    combine(ciphertext, context, shares) {
      const task = { ciphertext: decodeCiphertext(key, ciphertext), context };
      const { read, malformed } = readShares(threshold, shares);
      const { right, rejected } = sortShares(
        threshold,
        task,
        read.map(({ share }) => share),
      );
      const refused = [
        ...malformed,
        ...rejected.map(({ position, code }) => ({ index: read[position]?.given ?? 0, code })),
      ];
      const chosen = right.slice(0, threshold.threshold);
      if (chosen.length < threshold.threshold) {
        const missing = threshold.threshold - chosen.length;
        const liars = refused.map(({ index }) => index).join(",");
        throw new Fault("PARTIALS_TOO_FEW", { good: chosen.length, missing, liars });
      }
      return { plaintext: interpolate(threshold, chosen), refused };
    },
  };
}

export function paillierHolder(threshold: ThresholdKey, share: KeyShare): ShareHolder {
  return {
    index: share.index,
    share: (ciphertext, context, random) => {
      const task = { ciphertext: decodeCiphertext(threshold.key, ciphertext), context };
      return encodeShare(threshold, decryptShare(threshold, share, task, random));
    },
  };
}

interface ReadShare {
  /** Whose the channel says that it is. */
  readonly given: number;
  readonly share: DecryptionShare;
}

/** A share under another's index is its bearer's fault, not the other's. */
function readShares(
  threshold: ThresholdKey,
  shares: readonly GivenShare[],
): { readonly read: readonly ReadShare[]; readonly malformed: readonly RefusedShare[] } {
  const read: ReadShare[] = [];
  const malformed: RefusedShare[] = [];
  for (const { index, bytes } of shares) {
    try {
      const share = decodeShare(threshold, bytes);
      if (share.index === index) read.push({ given: index, share });
      else malformed.push({ index, code: "PAILLIER_SHARE_INDEX_INVALID" });
    } catch (error) {
      if (!isFault(error)) throw error;
      malformed.push({ index, code: error.code });
    }
  }
  return { read, malformed };
}
