/**
 * What is posted in each phase of a key round, in bytes. Whoever posts something else has said nothing: reading never
 * throws, so that all who read judge alike.
 *
 * | phase                            | message                                                                          |
 * | -------------------------------- | -------------------------------------------------------------------------------- |
 * | Joining                          | a fresh SM2 public key (65)                                                      |
 * | Dealing                          | lp(dealing of each purpose, sealed shares of each receiver)                      |
 * | Complaining, Answering,          | lp(lp(messages) of each purpose); nothing at all if there are none and the phase |
 * | Extracting, Disputing, Exposing  | may be passed so                                                                 |
 * | Confirming                       | the key sets, one after another in the order of the purposes                     |
 *
 * Sealed shares are SM2 ciphertexts (GB/T 32918.4) of lp("riskveil/key-round/1/shares", round id, dealer (1), receiver (1),
 * share of each purpose): the encryption does not say who encrypted, so a copied one must not open for another dealer.
 */
import { bytesEqual, lengthPrefixed, lengthPrefixedFields, uint, utf8 } from "../encoding/bytes.ts";
import { isFault } from "../errors/fault.ts";
import type { RandomBytes } from "../encoding/bytes.ts";
import { parsePublicKey, type Sm2PublicKey, type Sm2SecretKey } from "../sm/sm2-curve.ts";
import { decrypt, encrypt } from "../sm/sm2-encryption.ts";

const SHARES = utf8("riskveil/key-round/1/shares");

/** The purposes' lists, in their order. */
export type Lists = readonly (readonly Uint8Array[])[];

export interface DealingMessage {
  /** The protocol's message for each purpose. */
  readonly dealings: readonly Uint8Array[];
  /** Of receiver i at position i - 1; empty for one without a key. */
  readonly sealed: readonly Uint8Array[];
}

export function encodeDealing({ dealings, sealed }: DealingMessage): Uint8Array {
  return lengthPrefixed(...dealings, ...sealed);
}

export function readDealing(bytes: Uint8Array, purposes: number, receivers: number): DealingMessage | undefined {
  const fields = lengthPrefixedFields(bytes, purposes + receivers);
  if (fields?.length !== purposes + receivers) return undefined;
  return { dealings: fields.slice(0, purposes), sealed: fields.slice(purposes) };
}

export function encodeLists(lists: Lists): Uint8Array {
  return lengthPrefixed(...lists.map((list) => lengthPrefixed(...list)));
}

/** As `encodeLists`, but no bytes where there is nothing to say: a phase in which nobody says anything is left out. */
export function encodeRemarks(lists: Lists): Uint8Array {
  return lists.every((list) => list.length === 0) ? new Uint8Array(0) : encodeLists(lists);
}

/** @param most messages of one purpose */
export function readLists(bytes: Uint8Array, purposes: number, most: number): Lists | undefined {
  const fields = lengthPrefixedFields(bytes, purposes);
  if (fields?.length !== purposes) return undefined;
  const lists = fields.map((field) => lengthPrefixedFields(field, most));
  return lists.every((list) => list !== undefined) ? lists : undefined;
}

export function readJoiningKey(bytes: Uint8Array): Sm2PublicKey | undefined {
  return unlessRefused(() => parsePublicKey(bytes));
}

export interface Parcel {
  /** Of the round. */
  readonly round: Uint8Array;
  readonly dealer: number;
  readonly receiver: number;
}

/** @param random given the message: what it returns must never serve two messages */
export function sealShares(
  parcel: Parcel,
  shares: readonly Uint8Array[],
  key: Sm2PublicKey,
  random: (message: Uint8Array) => RandomBytes,
): Uint8Array {
  const message = lengthPrefixed(...heading(parcel), ...shares);
  try {
    return encrypt(key, message, random(message));
  } finally {
    message.fill(0);
  }
}

/** The share of each purpose as it was sent; undefined for what is not of that dealer, receiver and round. */
export function openShares(
  parcel: Parcel,
  sealed: Uint8Array,
  key: Sm2SecretKey,
  purposes: number,
): readonly Uint8Array[] | undefined {
  const message = unlessRefused(() => decrypt(key, sealed));
  if (message === undefined) return undefined;
  const expected = heading(parcel);
  const fields = lengthPrefixedFields(message, expected.length + purposes);
  message.fill(0);
  if (fields?.length !== expected.length + purposes) return undefined;
  const ours = expected.every((field, position) => bytesEqual(field, fields[position] ?? new Uint8Array(0)));
  return ours ? fields.slice(expected.length) : undefined;
}

function heading({ round, dealer, receiver }: Parcel): readonly Uint8Array[] {
  return [SHARES, round, uint(dealer, 1), uint(receiver, 1)];
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
