/**
 * Vouchers and receipts as EIP-712 typed data of the query ledger, and secp256k1 signatures over them. The digests are
 * put together by hand from keccak-256: an evaluate call hashes and recovers two of them, and ethers' general encoder
 * with its pure JavaScript curve costs ten times as much. Checked against ethers' TypedDataEncoder in the tests.
 *
 * Signing is libsecp256k1 (constant time, RFC 6979 nonces, low s).
 */
import { recover, pointFromScalar, signRecoverable } from "tiny-secp256k1";

import { concatBytes, fromHex, toHex, uint, utf8, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";

/** Where a signature counts: one ledger contract (lower-case address) on one chain. */
export interface LedgerDomain {
  readonly chainId: number;
  readonly ledger: Hex;
}

/** What a querier owes in one lane: `count` elements evaluated so far, over the requests that `transcript` runs through. */
export interface Voucher {
  readonly session: Uint8Array;
  readonly dataset: Uint8Array;
  readonly lane: number;
  readonly count: number;
  readonly transcript: Uint8Array;
}

/** What a holder answered to the request with which `count` and `transcript` were reached. */
export interface Receipt extends Voucher {
  readonly response: Uint8Array;
}

export const SIGNATURE_BYTES = 65;

export const VOUCHER_TYPE = "Voucher(bytes32 session,bytes32 dataset,uint32 lane,uint64 count,bytes32 transcript)";
export const RECEIPT_TYPE =
  "Receipt(bytes32 session,bytes32 dataset,uint32 lane,uint64 count,bytes32 transcript,bytes32 response)";
const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

export const LEDGER_DOMAIN_NAME = "RiskVeil QueryLedger";
export const LEDGER_DOMAIN_VERSION = "1";

const voucherTypeHash = keccak256(utf8(VOUCHER_TYPE));
const receiptTypeHash = keccak256(utf8(RECEIPT_TYPE));
const domainPrefix = concatBytes(
  keccak256(utf8(DOMAIN_TYPE)),
  keccak256(utf8(LEDGER_DOMAIN_NAME)),
  keccak256(utf8(LEDGER_DOMAIN_VERSION)),
);

/** The 32 bytes a querier signs. @throws RangeError if a field has not its width. */
export function voucherDigest(domain: LedgerDomain, voucher: Voucher): Uint8Array {
  return typedDigest(domain, [voucherTypeHash, ...words(voucher)]);
}

/** The 32 bytes a holder signs. @throws RangeError if a field has not its width. */
export function receiptDigest(domain: LedgerDomain, receipt: Receipt): Uint8Array {
  return typedDigest(domain, [receiptTypeHash, ...words(receipt), bytes32(receipt.response)]);
}

/** Signs a 32-byte digest as {@link signDigest} does, with a key that stays where it is. */
export type SignDigest = (digest: Uint8Array) => Uint8Array;

/** Signature over a 32-byte digest: r | s | v, 65 bytes, v = 27 or 28, s in the lower half. */
export function signDigest(privateKey: Uint8Array, digest: Uint8Array): Uint8Array {
  const { signature, recoveryId } = signRecoverable(digest, privateKey);
  // Recovery ids 2 and 3 (r >= n) have probability 2^-127; the EVM's ecrecover could not use them.
  if (recoveryId > 1) throw new RangeError("signature without an Ethereum recovery value");
  return concatBytes(signature, uint(27 + recoveryId, 1));
}

/**
 * The address (lower case) that signed `digest`.
 * @throws Fault SIGNATURE_INVALID unless the signature is r | s | v with v = 27 or 28 and a low s: the other forms are
 * second texts of the same signature, and the ledger refuses them when the voucher is settled.
 */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array): Hex {
  const v = signature[SIGNATURE_BYTES - 1];
  if (signature.length !== SIGNATURE_BYTES || (v !== 27 && v !== 28) || !hasLowS(signature)) {
    throw new Fault("SIGNATURE_INVALID");
  }
  let point: Uint8Array | null;
  try {
    point = recover(digest, signature.subarray(0, 64), v === 27 ? 0 : 1, false);
  } catch (cause) {
    throw new Fault("SIGNATURE_INVALID", {}, cause);
  }
  if (point === null) throw new Fault("SIGNATURE_INVALID");
  return addressOfPoint(point);
}

/** The address (lower case) of a private key. @throws RangeError if the key is not a scalar of the curve. */
export function addressOf(privateKey: Uint8Array): Hex {
  const point = pointFromScalar(privateKey, false);
  if (point === null) throw new RangeError("not a private key");
  return addressOfPoint(point);
}

function addressOfPoint(uncompressed: Uint8Array): Hex {
  return toHex(keccak256(uncompressed.subarray(1)).subarray(12));
}

/** (n - 1) / 2 of secp256k1: the largest s that EIP-2 and OpenZeppelin's ECDSA accept. */
const HALF_ORDER = Buffer.from("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "hex");

function hasLowS(signature: Uint8Array): boolean {
  return Buffer.compare(signature.subarray(32, 64), HALF_ORDER) <= 0;
}

function typedDigest(domain: LedgerDomain, struct: readonly Uint8Array[]): Uint8Array {
  const separator = keccak256(domainPrefix, word(domain.chainId), leftPad(fromHex(domain.ledger, 20)));
  return keccak256(new Uint8Array([0x19, 0x01]), separator, keccak256(...struct));
}

function words(voucher: Voucher): Uint8Array[] {
  return [
    bytes32(voucher.session),
    bytes32(voucher.dataset),
    word(voucher.lane),
    word(voucher.count),
    bytes32(voucher.transcript),
  ];
}

function bytes32(value: Uint8Array): Uint8Array {
  if (value.length !== 32) throw new RangeError(`expected 32 bytes, got ${String(value.length)}`);
  return value;
}

/** Unsigned integer below 2^48 as one EVM word. */
function word(value: number): Uint8Array {
  return leftPad(uint(value, 6));
}

function leftPad(value: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(32 - value.length), value);
}
