/**
 * The seam between the table and its algorithms: one suite fixes the group of the oblivious evaluation, the key
 * derivation and the authenticated encryption. `id` is what a commitment on chain carries.
 */
import { Fault } from "../errors/fault.ts";
import { type OprfSuite, ristretto255Sha512 } from "../oprf/oprf.ts";
import type { OneTimeAead } from "./aead.ts";
import { aes256Gcm } from "./aes256gcm.ts";
import { createKeyDerivation } from "./key-derivation.ts";
import { sm4HmacSm3 } from "./sm4-hmacsm3.ts";
import type { Rev, TableId, Tag } from "./table-id.ts";

export interface SealingSuite extends OneTimeAead {
  readonly id: 1 | 2;
  readonly name: "ristretto255-aes256gcm" | "ristretto255-sm4-hmacsm3";
  readonly oprf: OprfSuite;
  /** `y` is the 64-byte output of the oblivious evaluation. */
  deriveTag(y: Uint8Array, table: TableId): Tag;
  deriveKey(y: Uint8Array, table: TableId, rev: Rev): Uint8Array;
}

export const ristretto255Aes256Gcm: SealingSuite = {
  id: 1,
  name: "ristretto255-aes256gcm",
  oprf: ristretto255Sha512,
  ...createKeyDerivation("sha512", "ristretto255-aes256gcm", aes256Gcm.keyBytes),
  ...aes256Gcm,
};

export const ristretto255Sm4HmacSm3: SealingSuite = {
  id: 2,
  name: "ristretto255-sm4-hmacsm3",
  oprf: ristretto255Sha512,
  ...createKeyDerivation("sm3", "ristretto255-sm4-hmacsm3", sm4HmacSm3.keyBytes),
  ...sm4HmacSm3,
};

/** @throws Fault SUITE_UNKNOWN */
export function suiteById(id: number): SealingSuite {
  if (id === ristretto255Aes256Gcm.id) return ristretto255Aes256Gcm;
  if (id === ristretto255Sm4HmacSm3.id) return ristretto255Sm4HmacSm3;
  throw new Fault("SUITE_UNKNOWN", { suite: id });
}
