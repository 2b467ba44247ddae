/**
 * tag = HKDF(y, "tag" | dataset | epoch), key = HKDF(y, "key" | dataset | epoch | rev), with HKDF of RFC 5869 and the
 * suite's name as salt, so that one evaluation gives unrelated tags and keys in every suite, table and revision.
 * All parts of the info are of fixed length: no two calls share an info.
 */
import { hkdfSync } from "node:crypto";

import { concatBytes, utf8 } from "../encoding/bytes.ts";
import { asTag, encodeTableId, TAG_BYTES, type Rev, type TableId, type Tag } from "./table-id.ts";

export interface KeyDerivation {
  deriveTag(y: Uint8Array, table: TableId): Tag;
  deriveKey(y: Uint8Array, table: TableId, rev: Rev): Uint8Array;
}

const TAG_LABEL = utf8("tag");
const KEY_LABEL = utf8("key");

export function createKeyDerivation(hash: "sha512" | "sm3", suiteName: string, keyBytes: number): KeyDerivation {
  const salt = utf8(`riskveil/sealed-table/${suiteName}`);
  const derive = (y: Uint8Array, info: Uint8Array, length: number) =>
    new Uint8Array(hkdfSync(hash, y, salt, info, length));
  return {
    deriveTag: (y, table) => asTag(derive(y, concatBytes(TAG_LABEL, encodeTableId(table)), TAG_BYTES)),
    deriveKey: (y, table, rev) => derive(y, concatBytes(KEY_LABEL, encodeTableId(table), rev), keyBytes),
  };
}
