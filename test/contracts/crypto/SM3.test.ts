import { createHash, randomBytes } from "node:crypto";

import { expect } from "chai";
import { describe, it } from "mocha";

import { sm3Harness } from "./harness.ts";
import { loadFixture } from "../fixtures.ts";

const expected = (data: Uint8Array): string => `0x${createHash("sm3").update(data).digest("hex")}`;

/** GB/T 32905-2016, appendix A. */
const STANDARD: [message: string, digest: string][] = [
  ["abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"],
  ["abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"],
];

/** Inputs of Z_A from GmSSL's tests/sm3test.c, vectors 2, 4 and 8: the examples' curve twice and a CA of 2012 on the real one. */
const GMSSL: [message: string, digest: string][] = [
  [
    "0090414c494345313233405941484f4f2e434f4d787968b4fa32c3fd2417842e73bbfeff2f3c848b6831d7e0ec65228b3937e49863e4c6d3b23b0c849cf84241484bfe48f61d59a5b16ba06e6e12d1da27c5249a421debd61b62eab6746434ebc3cc315e32220b3badd50bdc4c4e6c147fedd43d0680512bcbb42c07d47349d2153b70c4e5d7fdfcbfa36ea1a85841b9e46e09a20ae4c7798aa0f119471bee11825be46202bb79e2a5844495e97c04ff4df2548a7c0240f88f1cd4e16352a73c17b7f16f07353e53a176d684a9fe0c6bb798e857",
    "f4a38489e32b45b6f876e3ac2168ca392362dc8f23459c1d1146fc3dbfb7bc9a",
  ],
  [
    "0090414c494345313233405941484f4f2e434f4d787968b4fa32c3fd2417842e73bbfeff2f3c848b6831d7e0ec65228b3937e49863e4c6d3b23b0c849cf84241484bfe48f61d59a5b16ba06e6e12d1da27c5249a421debd61b62eab6746434ebc3cc315e32220b3badd50bdc4c4e6c147fedd43d0680512bcbb42c07d47349d2153b70c4e5d7fdfcbfa36ea1a85841b9e46e09a23099093bf3c137d8fcbbcdf4a2ae50f3b0f216c3122d79425fe03a45dbfe16553df79e8dac1cf0ecbaa2f2b49d51a4b387f2efaf482339086a27a8e05baed98b",
    "e4d1d0c3ca4c7f11bc8ff8cb3f4c02a78f108fa098e51a668487240f75e20f31",
  ],
  [
    "008031323334353637383132333435363738fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e9332c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0d69c2f1eec3bfb6b95b30c28085c77b125d77a9c39525d8190768f37d6b205b589dcd316bbe7d89a9dc21917f17799e698531f5e6e3e10bd31370b259c3f81c3",
    "4d38d2958ca7fd2cfae3af04486959cf92c8ef48e8b83a05c112e739d5f181d0",
  ],
];

describe("SM3", () => {
  it("hashes the standard's examples", async () => {
    const harness = await loadFixture(sm3Harness);
    for (const [message, digest] of STANDARD) expect(await harness.hash(Buffer.from(message))).to.equal(`0x${digest}`);
  });

  it("hashes GmSSL's published inputs", async () => {
    const harness = await loadFixture(sm3Harness);
    for (const [message, digest] of GMSSL) {
      expect(await harness.hash(Buffer.from(message, "hex"))).to.equal(`0x${digest}`);
    }
  });

  it("agrees with OpenSSL for every length from 0 to 200", async () => {
    const harness = await loadFixture(sm3Harness);
    for (const content of [(length: number) => randomBytes(length), (length: number) => Buffer.alloc(length, 255)]) {
      const inputs = Array.from({ length: 201 }, (_, length) => content(length));
      expect(await harness.hashAll(inputs)).to.deep.equal(inputs.map(expected));
    }
  });

  it("agrees with OpenSSL for random inputs of up to 2 KB", async () => {
    const harness = await loadFixture(sm3Harness);
    for (let round = 0; round < 10; round++) {
      const inputs = Array.from({ length: 10 }, () => randomBytes(randomBytes(2).readUInt16BE() % 2049));
      expect(await harness.hashAll(inputs)).to.deep.equal(inputs.map(expected));
    }
  });

  it("takes each bit of a block to the digest", async () => {
    const harness = await loadFixture(sm3Harness);
    const flipped = Array.from({ length: 512 }, (_, bit) => {
      const block = Buffer.alloc(64);
      block[bit >> 3] = 128 >> (bit & 7);
      return block;
    });
    for (const half of [flipped.slice(0, 256), flipped.slice(256)]) {
      expect(await harness.hashAll(half)).to.deep.equal(half.map(expected));
    }
  });

  it("leaves its input as it was and gives back the memory it took", async () => {
    const harness = await loadFixture(sm3Harness);
    for (const length of [0, 1, 55, 56, 64, 500]) {
      expect(await harness.memoryKept(randomBytes(length))).to.deep.equal([true, 0n]);
    }
  });
});
