import { randomBytes } from "node:crypto";

import { expect } from "chai";
import {
  AbiCoder,
  type BaseContract,
  concat,
  dataSlice,
  getBytes,
  hexlify,
  keccak256,
  MaxUint256,
  zeroPadBytes,
} from "ethers";
import { describe, it } from "mocha";

import { ERC7913SM2Verifier__factory } from "../../../types/ethers-contracts/factories/crypto/ERC7913SM2Verifier__factory.ts";
import { connection } from "../platform.ts";
import { OPENSSL_SIGNATURES } from "./openssl-signatures.ts";
import { asNumber, combine, CURVE, DEFAULT_ID, inverse, mod, multiply, Point } from "./sm2-reference.ts";
import { sign, signElsewhere, sm3, word, zA } from "./sm2-reference.ts";
import { loadFixture } from "../fixtures.ts";

const { ethers } = connection;
const { p, n } = CURVE;
const GOOD = ERC7913SM2Verifier__factory.createInterface().getFunction("verify").selector;
const BAD = "0xffffffff";
const ERC1271 = "0x1626ba7e";

interface Account extends BaseContract {
  isValidSignature(hash: string, signature: string): Promise<string>;
  isValidSignatureOf(signer: string, hash: string, signature: string): Promise<boolean>;
}

const random = (): bigint => mod(asNumber(randomBytes(40)), n - 1n) + 1n;
const randomHash = (): string => hexlify(randomBytes(32));

interface Signer {
  readonly d: bigint;
  readonly x: bigint;
  readonly y: bigint;
  readonly z: Uint8Array;
  readonly key: string;
}

function createSigner(id: Uint8Array = Buffer.from(DEFAULT_ID)): Signer {
  const d = random();
  const { x, y } = multiply(Point.BASE, d).toAffine();
  const z = zA(id, x, y);
  return { d, x, y, z, key: concat([word(x), word(y), z]) };
}

const digestOf = (z: Uint8Array, hash: string): bigint => asNumber(sm3(getBytes(concat([z, hash]))));

function signatureOf({ d, z }: Signer, hash: string): string {
  const signature = sign(digestOf(z, hash), d, random());
  return signature === undefined
    ? signatureOf({ d, z } as Signer, hash)
    : concat([word(signature.r), word(signature.s)]);
}

async function deployed() {
  const [deployer] = await ethers.getSigners();
  return new ERC7913SM2Verifier__factory(deployer!).deploy();
}

const verifierOf = () => loadFixture(deployed);

describe("ERC7913SM2Verifier", () => {
  it("verifies a signature over a hash, by two libraries and by OpenSSL", async () => {
    const verifier = await verifierOf();
    const signer = createSigner();
    const hash = randomHash();
    expect(await verifier.verify(signer.key, hash, signatureOf(signer, hash))).to.equal(GOOD);
    const { r, s } = signElsewhere(getBytes(hash), signer.d);
    expect(await verifier.verify(signer.key, hash, concat([word(r), word(s)]))).to.equal(GOOD);
    for (const { hash: signed, x, y, signature } of OPENSSL_SIGNATURES) {
      const key = await verifier["keyOf(uint256,uint256)"](x, y);
      expect(await verifier.verify(key, signed, signature)).to.equal(GOOD);
      expect(await verifier.verify(key, keccak256(signed), signature)).to.equal(BAD);
    }
  });

  it("makes the key of a point, for the usual id and for any other", async () => {
    const verifier = await verifierOf();
    const usual = createSigner();
    expect(await verifier["keyOf(uint256,uint256)"](usual.x, usual.y)).to.equal(usual.key);
    for (const id of [Buffer.from(DEFAULT_ID), Buffer.alloc(0), randomBytes(18), randomBytes(400)]) {
      const { x, y, key } = createSigner(id);
      expect(await verifier["keyOf(bytes,uint256,uint256)"](id, x, y)).to.equal(key);
    }
    await expect(verifier["keyOf(bytes,uint256,uint256)"](randomBytes(8192), usual.x, usual.y))
      .to.be.revertedWithCustomError(verifier, "SM2IdTooLong")
      .withArgs(8192);
  });

  it("makes no key of what is no point", async () => {
    const verifier = await verifierOf();
    const { x, y } = createSigner();
    for (const [badX, badY] of [
      [0n, 0n],
      [x, y ^ 1n],
      [y, x],
      [p, y],
      [x, y + p < 2n ** 256n ? y + p : MaxUint256],
      [MaxUint256, MaxUint256],
    ] as [bigint, bigint][]) {
      await expect(verifier["keyOf(uint256,uint256)"](badX, badY))
        .to.be.revertedWithCustomError(verifier, "ERC7913SM2VerifierInvalidPoint")
        .withArgs(badX, badY);
      await expect(verifier["keyOf(bytes,uint256,uint256)"]("0x", badX, badY)).to.be.revertedWithCustomError(
        verifier,
        "ERC7913SM2VerifierInvalidPoint",
      );
    }
  });

  it("answers 0xffffffff to every other hash, key and signature, whatever its form", async () => {
    const verifier = await verifierOf();
    const [signer, other] = [createSigner(), createSigner()];
    const hash = randomHash();
    const signature = signatureOf(signer, hash);
    const longer = { ...signer, z: getBytes(concat([signer.z, "0x00"])) };
    const shorter = { ...signer, z: signer.z.slice(0, 31) };
    const flip = (bytes: string): string => {
      const copy = getBytes(bytes);
      copy[randomBytes(1)[0]! % copy.length]! ^= 1 << (randomBytes(1)[0]! % 8);
      return hexlify(copy);
    };
    const cases: [name: string, key: string, hash: string, signature: string][] = [
      ["another hash", signer.key, flip(hash), signature],
      ["a bit of the key", flip(signer.key), hash, signature],
      ["a bit of the signature", signer.key, hash, flip(signature)],
      ["another signer", other.key, hash, signature],
      ["another signer's Z_A", concat([dataSlice(signer.key, 0, 64), other.z]), hash, signature],
      ["no key", "0x", hash, signature],
      ["a key without Z_A", dataSlice(signer.key, 0, 64), hash, signature],
      ["a key one byte short", dataSlice(signer.key, 0, 95), hash, signature],
      ["a key one byte long", concat([signer.key, "0x00"]), hash, signature],
      ["a key one byte long, signed as such", concat([signer.key, "0x00"]), hash, signatureOf(longer, hash)],
      ["a key one byte short, signed as such", dataSlice(signer.key, 0, 95), hash, signatureOf(shorter, hash)],
      ["a key with a prefix", concat(["0x04", signer.key]), hash, signature],
      ["a key of zeros", zeroPadBytes("0x", 96), hash, signature],
      ["a key of ones", `0x${"ff".repeat(96)}`, hash, signature],
      ["no signature", signer.key, hash, "0x"],
      ["a signature one byte short", signer.key, hash, dataSlice(signature, 0, 63)],
      ["a signature one byte long", signer.key, hash, concat([signature, "0x1b"])],
      ["a signature of zeros", signer.key, hash, zeroPadBytes("0x", 64)],
      ["a signature of ones", signer.key, hash, `0x${"ff".repeat(64)}`],
      ["nothing at all", "0x", zeroPadBytes("0x", 32), "0x"],
      ["long ones", hexlify(randomBytes(5000)), hash, hexlify(randomBytes(5000))],
    ];
    for (const [name, ...asked] of cases) expect(await verifier.verify(...asked), name).to.equal(BAD);
    expect(await verifier.verify(signer.key, hash, signature)).to.equal(GOOD);
  });

  it("cannot see a Z_A that belongs to somebody else: why keys are compared with keyOf", async () => {
    const verifier = await verifierOf();
    const victim = createSigner();
    const hash = randomHash();
    const signature = signatureOf(victim, hash);
    // From one signature alone: a second point under which it verifies, P' = (R' - s G) / t for R' = -R.
    const [r, s] = [asNumber(getBytes(dataSlice(signature, 0, 32))), asNumber(getBytes(dataSlice(signature, 32)))];
    const t = mod(r + s);
    const sum = combine(s, t, Point.fromAffine({ x: victim.x, y: victim.y }));
    const { x, y } = multiply(sum.negate().subtract(multiply(Point.BASE, s)), inverse(t)).toAffine();
    expect(x).not.to.equal(victim.x);
    const forged = concat([word(x), word(y), victim.z]);
    expect(await verifier.verify(forged, hash, signature)).to.equal(GOOD);
    // Registration stops it: this is not the key of that point.
    const honest = await verifier["keyOf(uint256,uint256)"](x, y);
    expect(honest).not.to.equal(forged);
    expect(await verifier.verify(honest, hash, signature)).to.equal(BAD);
  });
});

describe("ERC7913SM2Verifier in OpenZeppelin's accounts", () => {
  async function withAccount() {
    const verifier = await deployed();
    const at = await verifier.getAddress();
    const people = [createSigner(), createSigner()];
    const [, externallyOwned] = await ethers.getSigners();
    const signers = [...people.map(({ key }) => concat([at, key])), externallyOwned!.address];
    const account = (await ethers.deployContract("MultiSignerAccount", [signers, 2])) as unknown as Account;
    return {
      at,
      people: people as [Signer, Signer],
      signers: signers as [string, string, string],
      externallyOwned: externallyOwned!,
      account,
    };
  }

  const encode = (pairs: [signer: string, signature: string][]): string => {
    const sorted = pairs.toSorted(([a], [b]) => (keccak256(a) < keccak256(b) ? -1 : 1));
    return AbiCoder.defaultAbiCoder().encode(
      ["bytes[]", "bytes[]"],
      [sorted.map(([signer]) => signer), sorted.map(([, signature]) => signature)],
    );
  };

  it("is called by SignatureChecker", async () => {
    const { people, signers, account, at } = await loadFixture(withAccount);
    const hash = randomHash();
    const signature = signatureOf(people[0], hash);
    expect(await account.isValidSignatureOf(signers[0], hash, signature)).to.equal(true);
    expect(await account.isValidSignatureOf(signers[1], hash, signature)).to.equal(false);
    expect(await account.isValidSignatureOf(signers[0], randomHash(), signature)).to.equal(false);
    expect(await account.isValidSignatureOf(signers[0], hash, dataSlice(signature, 0, 63))).to.equal(false);
    // The verifier alone is a signer too, by ERC-1271, which it does not speak.
    expect(await account.isValidSignatureOf(at, hash, signature)).to.equal(false);
  });

  it("signs for an account of several signers, with another SM2 key and with an Ethereum key", async () => {
    const { people, signers, account, externallyOwned } = await loadFixture(withAccount);
    const hash = randomHash();
    const [first, second] = people.map((person) => signatureOf(person, hash)) as [string, string];
    const third = await externallyOwned.signMessage(getBytes(hash));
    const ask = (of: string, ...pairs: [string, string][]) => account.isValidSignature(of, encode(pairs));
    expect(await ask(hash, [signers[0], first], [signers[1], second])).to.equal(ERC1271);
    // signMessage prefixes what it signs.
    const prefixed = ethers.hashMessage(getBytes(hash));
    const mixed = signatureOf(people[0], prefixed);
    expect(await ask(prefixed, [signers[0], mixed], [signers[2], third])).to.equal(ERC1271);

    expect(await ask(hash, [signers[0], first])).to.equal(BAD);
    expect(await ask(hash, [signers[0], first], [signers[0], first])).to.equal(BAD);
    expect(await ask(hash, [signers[0], second], [signers[1], first])).to.equal(BAD);
    expect(await ask(hash, [signers[0], first], [signers[1], dataSlice(second, 1)])).to.equal(BAD);
    expect(await ask(randomHash(), [signers[0], first], [signers[1], second])).to.equal(BAD);
  });

  it("does not sign for a key that is not the account's, nor for the same point with another Z_A", async () => {
    const { people, signers, account, at } = await loadFixture(withAccount);
    const hash = randomHash();
    const stranger = createSigner();
    const renamed = { ...people[1], z: zA(Buffer.from("another id"), people[1].x, people[1].y) };
    const renamedKey = concat([word(renamed.x), word(renamed.y), renamed.z]);
    const first: [string, string] = [signers[0], signatureOf(people[0], hash)];
    for (const [signer, key] of [
      [stranger, stranger.key],
      [renamed, renamedKey],
    ] as const) {
      const second: [string, string] = [concat([at, key]), signatureOf(signer, hash)];
      expect(await account.isValidSignatureOf(...(second.toSpliced(1, 0, hash) as [string, string, string]))).to.equal(
        true,
      );
      expect(await account.isValidSignature(hash, encode([first, second]))).to.equal(BAD);
    }
  });
});
