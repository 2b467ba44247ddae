/** Three people of the Association, and applicants with keys of their own, for tests that set up a platform themselves. */
import { randomBytes } from "node:crypto";

import { computeAddress } from "ethers";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import { randomSource } from "../../scripts/governance/random-source.ts";
import type { Applicant } from "../../scripts/network/admit-members.ts";

export interface Staff {
  readonly keys: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly accounts: readonly [string, string, string];
}

/** The members' delay of platforms under test, in seconds: none, where nobody is to stop anything and a wait only costs time. */
export const TEST_DELAY = 0;

export function newStaff(): Staff {
  const key = (): Uint8Array => new Uint8Array(randomBytes(32));
  const keys = [key(), key(), key()] as const;
  const account = (of: Uint8Array): string => computeAddress(toHex(of));
  return { keys, accounts: [account(keys[0]), account(keys[1]), account(keys[2])] };
}

/** An applicant with an SM2 key; where no certificate was issued, a random digest stands for one. */
export function applicant(given: Pick<Applicant, "name" | "kind" | "operatorKey"> & Partial<Applicant>): Applicant {
  return {
    endpoint: "http://127.0.0.1:7000",
    identityKey: generateKeyPair(randomSource),
    certificateDigest: toHex(new Uint8Array(randomBytes(32))),
    ...given,
  };
}
