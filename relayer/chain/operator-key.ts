/**
 * The secp256k1 key of the account that acts for this member on chain and signs its vouchers and receipts.
 * Signing is libsecp256k1 in WASM with RFC 6979 nonces and low s: the same bytes are signed the same way every time.
 */
import { Transaction, type TransactionLike } from "ethers";
import { isPrivate, pointFromScalar, signRecoverable } from "tiny-secp256k1";

import { concatBytes, fromHex, toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../protocol/encoding/digest.ts";

export interface OperatorKey {
  /** Lower-case hex, as everywhere outside ethers. */
  readonly address: Hex;
  /** Signs a 32-byte digest: r | s | v, 65 bytes, v 27 or 28. */
  sign(digest: Uint8Array): Uint8Array;
  /** Signs a complete transaction (nonce, gas, fees, chain id set); returns what is sent and its hash. */
  signTransaction(transaction: TransactionLike): SignedTransaction;
}

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

/** @throws RangeError if `privateKey` is not a secp256k1 scalar of 32 bytes. */
export function createOperatorKey(privateKey: Uint8Array): OperatorKey {
  if (!isPrivate(privateKey)) throw new RangeError("not a secp256k1 private key");
  const point = pointFromScalar(privateKey, false);
  if (point === null) throw new RangeError("not a secp256k1 private key");
  const address = toHex(keccak256(point.subarray(1)).subarray(12));

  function sign(digest: Uint8Array): Uint8Array {
    const { signature, recoveryId } = signRecoverable(digest, privateKey);
    return concatBytes(signature, Uint8Array.of(27 + recoveryId));
  }

  function signTransaction(fields: TransactionLike): SignedTransaction {
    const transaction = Transaction.from(fields);
    transaction.signature = toHex(sign(fromHex(transaction.unsignedHash, 32)));
    return { raw: transaction.serialized as Hex, hash: transaction.hash as Hex };
  }

  return { address, sign, signTransaction };
}
