import { expect } from "chai";
import { recoverAddress, Transaction, Wallet } from "ethers";
import fc from "fast-check";
import { describe, it } from "mocha";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { createOperatorKey } from "../../../relayer/chain/operator-key.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
// The group order begins with 32 bits of ones, so this is always a valid key.
const privateKey = bytes32.map((bytes) => Uint8Array.of(0x01, ...bytes.subarray(1)));

describe("the operator key", () => {
  it("has ethers' address, in lower case, and makes ethers' signatures", () => {
    fc.assert(
      fc.property(privateKey, bytes32, (key, digest) => {
        const wallet = new Wallet(toHex(key));
        const operator = createOperatorKey(key);
        expect(operator.address).equal(wallet.address.toLowerCase());
        const signature = toHex(operator.sign(digest));
        expect(recoverAddress(toHex(digest), signature)).equal(wallet.address);
        expect(signature).equal(wallet.signingKey.sign(digest).serialized);
      }),
      { numRuns: 20 },
    );
  });

  for (const fields of [
    { type: 2, maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
    { type: 2, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n },
    { type: 0, gasPrice: 7n },
    { type: 0, gasPrice: 0n },
  ]) {
    it(`signs a type ${String(fields.type)} transaction as ethers does, with fees ${Object.values(fields).slice(1).join(" and ")}`, async () => {
      const key = fromHex(`0x${"17".repeat(32)}`);
      const transaction = {
        ...fields,
        chainId: 31337,
        nonce: 5,
        gasLimit: 90_000n,
        to: `0x${"ab".repeat(20)}`,
        data: "0x1234",
      };
      const signed = createOperatorKey(key).signTransaction(transaction);
      expect(signed.raw).equal(await new Wallet(toHex(key)).signTransaction(transaction));
      expect(signed.hash).equal(Transaction.from(signed.raw).hash);
    });
  }

  it("refuses what is no key", () => {
    expect(() => createOperatorKey(new Uint8Array(32))).throw(RangeError);
    expect(() => createOperatorKey(new Uint8Array(32).fill(0xff))).throw(RangeError);
    expect(() => createOperatorKey(new Uint8Array(31).fill(1))).throw();
  });
});
