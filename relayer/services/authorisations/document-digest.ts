import { saltedDigest, sm3 } from "../../../protocol/encoding/digest.ts";

/**
 * What is kept of a signed document: H("riskveil/document", salt, [SM3 of the document]) with SM3. Forms are printed by the
 * thousand, so a bare digest of one could be found by trying names and numbers.
 */
export function documentDigest(salt: Uint8Array, documentSm3: Uint8Array): Uint8Array {
  return saltedDigest("riskveil/document", salt, [documentSm3], sm3);
}
