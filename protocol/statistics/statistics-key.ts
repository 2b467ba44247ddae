/**
 * The public side of the threshold key as the chain keeps it: lp("riskveil/statistics/key/1", n, t (2), v_1, ..., v_l), all in full
 * length. It is named by the threshold key's digest, which covers all of it.
 */
import { bytesEqual, lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { bytesToInteger, integerToBytes } from "../paillier/integer.ts";
import { KEY_BITS, openKey } from "../paillier/public-key.ts";
import { checkDealing, MOST_SHARES, openThresholdKey, type ThresholdKey } from "../paillier/threshold-key.ts";

const DOMAIN = utf8("riskveil/statistics/key/1");
const PREFIX_BYTES = 4;

export function encodeStatisticsKey({ key, threshold, verificationKeys }: ThresholdKey): Uint8Array {
  return lengthPrefixed(
    DOMAIN,
    integerToBytes(key.n, key.byteLength),
    uint(threshold, 2),
    ...verificationKeys.map((each) => integerToBytes(each, 2 * key.byteLength)),
  );
}

/**
 * Takes half a second at 3,072 bits and five holders: keep what it gives.
 * @param leastBits shortest n that is taken; shorter ones are for rehearsals
 * @throws Fault STATISTICS_KEY_MALFORMED, also if it is not the key that `digest` names; those of `openKey`, `openThresholdKey`, `checkDealing`
 */
export function decodeStatisticsKey(bytes: Uint8Array, digest: Uint8Array, leastBits = KEY_BITS): ThresholdKey {
  const [domain, n, threshold, ...verificationKeys] = fieldsOf(bytes);
  if (domain === undefined || !bytesEqual(domain, DOMAIN) || n === undefined || threshold?.length !== 2) {
    throw new Fault("STATISTICS_KEY_MALFORMED");
  }
  const modulus = bytesToInteger(n);
  const opened = openThresholdKey({
    key: openKey({ n: modulus, g: modulus + 1n }, leastBits),
    threshold: Number(bytesToInteger(threshold)),
    verificationKeys: verificationKeys.map(bytesToInteger),
  });
  // One encoding only, and the one that was named.
  if (!bytesEqual(encodeStatisticsKey(opened), bytes) || !bytesEqual(opened.digest, digest)) {
    throw new Fault("STATISTICS_KEY_MALFORMED");
  }
  checkDealing(opened);
  return opened;
}

/** @throws Fault STATISTICS_KEY_MALFORMED */
function fieldsOf(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const start = offset + PREFIX_BYTES;
    const end = start + Number(bytesToInteger(bytes.subarray(offset, start)));
    if (end > bytes.length || fields.length > MOST_SHARES + 3) throw new Fault("STATISTICS_KEY_MALFORMED");
    fields.push(new Uint8Array(bytes.subarray(start, end)));
    offset = end;
  }
  return fields;
}
