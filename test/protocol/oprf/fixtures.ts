import { randomBytes } from "node:crypto";

import { expect } from "chai";

import { isFault, type Fault } from "../../../protocol/errors/fault.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { ristretto255Sha512, type Element, type KeyPair, type Proof } from "../../../protocol/oprf/oprf.ts";
import type { RandomBytes } from "../../../protocol/encoding/bytes.ts";

export const random: RandomBytes = (length) => new Uint8Array(randomBytes(length));

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

export const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

/** A source that gives `scalar` as the next random scalar: 64 bytes that reduce to it. */
export const fixedScalar =
  (scalar: Uint8Array): RandomBytes =>
  (length) => {
    const wide = new Uint8Array(length);
    wide.set(scalar);
    return wide;
  };

/** Order of the group, 2^252 + 27742317777372353535851937790883648493 (RFC 9496 section 4), little-endian. */
export const ORDER = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

export const IDENTITY = new Uint8Array(32) as Element;

/** Encodings that a decoder must refuse, RFC 9496 appendix A.2, one or more of each reason. */
export const BAD_ENCODINGS: readonly (readonly [string, string])[] = [
  ["non-canonical field element", "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"],
  ["non-canonical field element, 2^255 - 1", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
  ["non-canonical zero, p itself", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
  ["non-canonical one, p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
  ["negative field element 1", "0100000000000000000000000000000000000000000000000000000000000000"],
  ["negative field element", "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
  ["negative field element", "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20"],
  ["non-square x^2", "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"],
  ["negative xy", "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"],
  ["s = -1, which makes y = 0", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
];

export interface Exchange {
  readonly key: KeyPair;
  readonly blinded: Element[];
  readonly evaluated: Element[];
  readonly proof: Proof;
}

export function exchange(count: number, key: KeyPair = ristretto255Sha512.generateKeyPair(random)): Exchange {
  const blinded = Array.from({ length: count }, () =>
    ristretto255Sha512.blind(random(16), ristretto255Sha512.randomScalar(random)),
  );
  return { key, blinded, ...ristretto255Sha512.blindEvaluate(key, blinded, random) };
}

export function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error("no fault was thrown");
}

export function expectFault(action: () => unknown, code: FaultCode): void {
  expect(faultOf(action).code).to.equal(code);
}
