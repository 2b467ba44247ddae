import { readFileSync } from "node:fs";

import { expect } from "chai";
import { computeAddress, recoverAddress as ethersRecover, Signature, SigningKey, TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import {
  addressOf,
  LEDGER_DOMAIN_NAME,
  LEDGER_DOMAIN_VERSION,
  RECEIPT_TYPE,
  receiptDigest,
  recoverAddress,
  signDigest,
  VOUCHER_TYPE,
  voucherDigest,
  type LedgerDomain,
  type Receipt,
} from "../../../protocol/oblivious-lookup/typed-data.ts";

const voucherFields = [
  { name: "session", type: "bytes32" },
  { name: "dataset", type: "bytes32" },
  { name: "lane", type: "uint32" },
  { name: "count", type: "uint64" },
  { name: "transcript", type: "bytes32" },
];
const receiptFields = [...voucherFields, { name: "response", type: "bytes32" }];

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const receipts = fc.record({
  session: bytes32,
  dataset: bytes32,
  lane: fc.nat(15),
  count: fc.nat(0xffff_ffff),
  transcript: bytes32,
  response: bytes32,
});
const domains = fc.record({
  chainId: fc.integer({ min: 1, max: 0xffff_ffff }),
  ledger: fc.uint8Array({ minLength: 20, maxLength: 20 }).map(toHex),
});
const privateKeys = bytes32.map((bytes) => Uint8Array.from(bytes, (byte, i) => (i === 0 ? byte & 0x7f : byte || 1)));

function ethersDomain(domain: LedgerDomain): object {
  return {
    name: LEDGER_DOMAIN_NAME,
    version: LEDGER_DOMAIN_VERSION,
    chainId: domain.chainId,
    verifyingContract: domain.ledger,
  };
}

function hexFields(receipt: Receipt): Record<string, unknown> {
  const hex = ([name, value]: [string, Uint8Array | number]): [string, unknown] => [
    name,
    typeof value === "number" ? value : toHex(value),
  ];
  return Object.fromEntries(Object.entries(receipt).map(hex));
}

describe("typed data", () => {
  it("hashes vouchers and receipts as ethers does", () => {
    fc.assert(
      fc.property(domains, receipts, (domain, receipt) => {
        const { response, ...voucher } = hexFields(receipt);
        const expected = TypedDataEncoder.hash(ethersDomain(domain), { Voucher: voucherFields }, voucher);
        expect(toHex(voucherDigest(domain, receipt))).to.equal(expected);
        const expectedReceipt = TypedDataEncoder.hash(
          ethersDomain(domain),
          { Receipt: receiptFields },
          { ...voucher, response },
        );
        expect(toHex(receiptDigest(domain, receipt))).to.equal(expectedReceipt);
      }),
    );
  });

  it("uses the type that the ledger's interface states", () => {
    const solidity = readFileSync(new URL("../../../contracts/query/IQueryLedger.sol", import.meta.url), "utf8");
    expect(solidity).to.include(VOUCHER_TYPE);
    expect(TypedDataEncoder.from({ Receipt: receiptFields }).encodeType("Receipt")).to.equal(RECEIPT_TYPE);
  });

  it("signs what ethers recovers and recovers what ethers signs", () => {
    fc.assert(
      fc.property(privateKeys, bytes32, (privateKey, digest) => {
        const address = computeAddress(toHex(privateKey));
        const signature = signDigest(privateKey, digest);
        expect(signature).to.have.length(65);
        expect(ethersRecover(toHex(digest), toHex(signature))).to.equal(address);
        const theirs = fromHex(new SigningKey(toHex(privateKey)).sign(digest).serialized);
        expect(toHex(theirs)).to.equal(toHex(signature));
        expect(recoverAddress(digest, theirs)).to.equal(address.toLowerCase()).and.to.equal(addressOf(privateKey));
      }),
      { numRuns: 25 },
    );
  });

  it("refuses the other texts of a signature", () => {
    const privateKey = new Uint8Array(32).fill(7);
    const digest = new Uint8Array(32).fill(9);
    const signature = signDigest(privateKey, digest);
    const { r, s } = Signature.from(toHex(signature));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const highS = fromHex(
      `${r}${(order - BigInt(s)).toString(16).padStart(64, "0")}${signature[64] === 27 ? "1c" : "1b"}`,
    );
    const withV = (v: number): Uint8Array => Uint8Array.from(signature, (byte, i) => (i === 64 ? v : byte));
    const refused = [
      highS,
      withV(0),
      withV(1),
      withV(29),
      signature.subarray(0, 64),
      new Uint8Array(0),
      new Uint8Array(65),
      withV(27).fill(0, 0, 64),
      withV(27).fill(0, 0, 32),
      withV(27).fill(0, 32, 64),
      withV(27).fill(0xff, 0, 32),
    ];
    for (const bad of refused) expectInvalid(digest, bad);
  });

  it("never fails with anything but its fault on random signatures", () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ maxLength: 70 }), fc.constantFrom(27, 28), (digest, bytes, v) => {
        const signature = Uint8Array.from({ length: 65 }, (_, i) => (i === 64 ? v : (bytes[i] ?? 1)));
        try {
          expect(recoverAddress(digest, signature)).to.match(/^0x[0-9a-f]{40}$/);
        } catch (error) {
          expect(isFault(error, "SIGNATURE_INVALID")).to.equal(true);
        }
      }),
    );
  });
});

function expectInvalid(digest: Uint8Array, signature: Uint8Array): void {
  let thrown: unknown;
  try {
    recoverAddress(digest, signature);
  } catch (error) {
    thrown = error;
  }
  expect(isFault(thrown, "SIGNATURE_INVALID"), toHex(signature)).to.equal(true);
}
