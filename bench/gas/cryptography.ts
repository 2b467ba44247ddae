/**
 * Gas of SM3 and SM2. The libraries are measured inside a call, without a transaction around them; the verifier as a
 * transaction of its own, all in. The signature is the standard's example or made with fixed numbers: the gas depends on
 * how many of the scalars' 128 hexadecimal digits are zero, so a random one moves by one part in a hundred.
 */
import { concat, getBytes } from "ethers";

import { sm2Harness, sm3Harness, onChain } from "../../test/contracts/crypto/harness.ts";
import { asNumber, multiply, Point, sign, sm3, word } from "../../test/contracts/crypto/sm2-reference.ts";
import { GB_T_32918_5 } from "../../test/contracts/crypto/sm2-vectors.ts";
import type { Connection, Signer } from "../../test/contracts/platform.ts";
import { ERC7913SM2Verifier__factory } from "../../types/ethers-contracts/factories/crypto/ERC7913SM2Verifier__factory.ts";

const BLOCKS = 16;

export async function measureCryptography(chain: Connection): Promise<Record<string, number>> {
  const [hashing, verifying] = [await sm3Harness(chain), await sm2Harness(chain)];
  const hashed = async (length: number): Promise<number> =>
    Number(await hashing.gasOfHash(new Uint8Array(length).fill(0x5a)));
  const perBlock = Math.round(((await hashed(64 * BLOCKS)) - (await hashed(0))) / BLOCKS);
  return {
    "SM3.hash, 32 bytes": await hashed(32),
    "SM3.hash, per 64-byte block": perBlock,
    "SM2.verify": Number(await verifying.gasOfVerify(onChain(GB_T_32918_5))),
    ...(await verifier(chain)),
  };
}

async function verifier({ ethers }: Connection): Promise<Record<string, number>> {
  const [sender] = (await ethers.getSigners()) as [Signer];
  const contract = await new ERC7913SM2Verifier__factory(sender).deploy();
  const deployment = await contract.deploymentTransaction()?.wait();
  const d = asNumber(sm3(new Uint8Array([1])));
  const { x, y } = multiply(Point.BASE, d).toAffine();
  const key = await contract["keyOf(uint256,uint256)"](x, y);
  const hash = word(asNumber(sm3(new Uint8Array([2]))));
  const e = asNumber(sm3(getBytes(concat([getBytes(key).slice(64), hash]))));
  const { r, s } = sign(e, d, asNumber(sm3(new Uint8Array([3])))) ?? { r: 0n, s: 0n };
  const signature = concat([word(r), word(s)]);
  if ((await contract.verify(key, hash, signature)) === "0xffffffff")
    throw new Error("The verifier refuses its example");
  // A view function, sent as a transaction: what a verification on its own costs.
  const call = await contract.verify.populateTransaction(key, hash, signature);
  const receipt = await (await sender.sendTransaction(call)).wait();
  return {
    "ERC7913SM2Verifier, deployment": Number(deployment?.gasUsed ?? 0n),
    "ERC7913SM2Verifier.verify": Number(receipt?.gasUsed ?? 0n),
  };
}
