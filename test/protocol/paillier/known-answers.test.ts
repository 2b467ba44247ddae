/**
 * Bytes that must not change: keys, proofs and shares are made at one member and judged at another, perhaps by another version.
 * Made by this program; what is right is shown by the other tests.
 */
import { createHash } from "node:crypto";

import { expect } from "chai";
import { describe, it } from "mocha";

import { utf8, type RandomBytes } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { encodeCiphertext } from "../../../protocol/paillier/ciphertext.ts";
import { deal } from "../../../protocol/paillier/deal.ts";
import { decryptShare, encodeShare } from "../../../protocol/paillier/decryption-share.ts";
import { integerToBytes } from "../../../protocol/paillier/integer.ts";
import { encodeKnowledgeProof, encryptWithProof } from "../../../protocol/paillier/knowledge-proof.ts";
import { createLayout } from "../../../protocol/paillier/packing.ts";
import { hidingBase } from "../../../protocol/paillier/randomiser.ts";
import { contribute, contributionDigest } from "../../../protocol/statistics/contribution.ts";
import { hex } from "./fixtures.ts";
import { PRIMES_512 } from "./safe-primes.ts";

/** The same bytes in each run. */
function fixed(seed: string): RandomBytes {
  let count = 0;
  return (length) => {
    const hash = createHash("shake256", { outputLength: length }).update(`${seed}/${String(count++)}`);
    return new Uint8Array(hash.digest());
  };
}

const short = (bytes: Uint8Array): string => hex(sha256(bytes)).slice(0, 32);

describe("known answers of the Paillier side", () => {
  const { thresholdKey, keyShares } = deal({ ...PRIMES_512, threshold: 2, shares: 3, leastBits: 512 }, fixed("deal"));
  const { key } = thresholdKey;
  const integer = (value: bigint): string => short(integerToBytes(value, 2 * key.byteLength));
  const context = utf8("known answer");
  const { ciphertext, proof } = encryptWithProof(key, 2026n, context, fixed("encrypt"));
  const layout = createLayout([{ name: "records", most: 1000n }], 100, key.bits);

  for (const [name, answer, made] of [
    ["digest of a key", "5a282c017b14080c08d9d77e4993adab", () => hex(key.digest).slice(0, 32)],
    ["base H of the exponent ways", "17c3f362e581248a60695067b5654b2c", () => integer(hidingBase(key))],
    ["verification base v", "d2b7ec4868c8ce1d2b52e576d2e557f1", () => integer(thresholdKey.verificationBase)],
    ["digest of a threshold key", "5870b1aa32003376f2c56c69f6ff5011", () => hex(thresholdKey.digest).slice(0, 32)],
    ["ciphertext", "e6c32859fcbd400c42e6b0d9fe059bce", () => short(encodeCiphertext(key, ciphertext))],
    ["proof of knowledge", "22ce09ee521964d7c5b124d6d3330189", () => short(encodeKnowledgeProof(key, proof))],
    [
      "decryption share",
      "7ce65f591637a4634c90dc20f6fb5f33",
      () => {
        const share = decryptShare(thresholdKey, keyShares[0]!, { ciphertext, context }, fixed("share"));
        return short(encodeShare(thresholdKey, share));
      },
    ],
    ["digest of a layout", "0d9f9166c647851c4f9a84d426477753", () => hex(layout.digest).slice(0, 32)],
    [
      "digest of a contribution",
      "323fe40213d42e9cbcc5a1aac14c6f83",
      () => {
        const collection = { key, statistic: new Uint8Array(32).fill(1), period: 3, layout };
        const contribution = contribute(collection, 4, { records: 5n }, fixed("contribute"));
        return hex(contributionDigest(collection, contribution)).slice(0, 32);
      },
    ],
  ] as const) {
    it(name, () => expect(made()).to.equal(answer));
  }
});
