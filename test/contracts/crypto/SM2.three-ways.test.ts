/**
 * One verdict in three places: the verifier on chain, `protocol/sm` and the `openssl` program, on the same signatures and on
 * the same mutations of them. A hundred of each here, a thousand (RISKVEIL_AGREEMENT_CASES) in the deep tests.
 */
import { execFile } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";

import { expect } from "chai";
import { hexlify } from "ethers";
import { after, before, describe, it } from "mocha";

import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { publicKeyToPem } from "../../../protocol/sm/sm2-key-pem.ts";
import type { Sm2KeyPair, Sm2PublicKey } from "../../../protocol/sm/sm2-curve.ts";
import { identityDigest, sign, verify } from "../../../protocol/sm/sm2-signature.ts";
import type { ERC7913SM2Verifier } from "../../../types/ethers-contracts/crypto/ERC7913SM2Verifier.ts";
import { openssl, type Openssl } from "../../support/openssl.ts";
import { connection } from "../platform.ts";
import { asNumber, CURVE } from "./sm2-reference.ts";

const CASES = Number(process.env["RISKVEIL_AGREEMENT_CASES"] ?? 100);
const KEYS = 8;
const VERIFIED = "0x024ad318";
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

interface Signed {
  readonly publicKey: Sm2PublicKey;
  /** 32 bytes, as a digest that an account signs. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const number = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
const halves = ({ signature }: Signed): [bigint, bigint] => [
  asNumber(signature.slice(0, 32)),
  asNumber(signature.slice(32)),
];
const withHalves = (signed: Signed, r: bigint, s: bigint): Signed => ({
  ...signed,
  signature: Buffer.concat([number(r), number(s)]),
});
const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const at = randomInt(copy.length * 8);
  copy[at >> 3]! ^= 1 << (at & 7);
  return copy;
};

const MUTATIONS: Record<string, (signed: Signed, other: Signed) => Signed> = {
  "a bit of the message": (signed) => ({ ...signed, message: flipped(signed.message) }),
  "a bit of the signature": (signed) => ({ ...signed, signature: flipped(signed.signature) }),
  "r and s exchanged": (signed) => withHalves(signed, halves(signed)[1], halves(signed)[0]),
  "n - s": (signed) => withHalves(signed, halves(signed)[0], CURVE.n - halves(signed)[1]),
  "n - r": (signed) => withHalves(signed, CURVE.n - halves(signed)[0], halves(signed)[1]),
  "r = 0": (signed) => withHalves(signed, 0n, halves(signed)[1]),
  "s = 0": (signed) => withHalves(signed, halves(signed)[0], 0n),
  "s = n": (signed) => withHalves(signed, halves(signed)[0], CURVE.n),
  "r + s = n": (signed) => withHalves(signed, halves(signed)[0], CURVE.n - halves(signed)[0]),
  "another's signature": (signed, other) => ({ ...signed, signature: other.signature }),
  "another's key": (signed, other) => ({ ...signed, publicKey: other.publicKey }),
  "another's message": (signed, other) => ({ ...signed, message: other.message }),
};

describe("SM2 on chain, in Node and by openssl", function () {
  this.timeout(300_000);
  let program: Openssl;
  let contract: ERC7913SM2Verifier;
  let signed: Signed[];

  before(async function () {
    program = openssl(this);
    contract = (await connection.ethers.deployContract("ERC7913SM2Verifier")) as unknown as ERC7913SM2Verifier;
    const keys: Sm2KeyPair[] = Array.from({ length: KEYS }, () => generateKeyPair(random));
    for (const [i, key] of keys.entries()) program.write(`${String(i)}.pem`, publicKeyToPem(key.publicKey));
    signed = Array.from({ length: CASES }, (_, i) => {
      const key = keys[i % KEYS]!;
      const message = random(32);
      return { publicKey: key.publicKey, message, signature: sign(key, message, random) };
    });
  });

  after(() => program.remove());

  async function verdicts(cases: readonly Signed[]): Promise<[boolean, boolean, boolean][]> {
    const files = new Map(signed.slice(0, KEYS).map(({ publicKey }, i) => [hexlify(publicKey), `${String(i)}.pem`]));
    const results: [boolean, boolean, boolean][] = [];
    // Two processes at a time, as there are cores on a small machine.
    for (let from = 0; from < cases.length; from += 2) {
      results.push(
        ...(await Promise.all(
          cases
            .slice(from, from + 2)
            .map(async (each, i): Promise<[boolean, boolean, boolean]> => [
              await onChain(each),
              verify(each.publicKey, each.message, each.signature),
              await byProgram(each, files.get(hexlify(each.publicKey)) ?? "", String(i)),
            ]),
        )),
      );
    }
    return results;
  }

  async function onChain({ publicKey, message, signature }: Signed): Promise<boolean> {
    const key = Buffer.concat([publicKey.slice(1), identityDigest(publicKey)]);
    return (await contract.verify(key, message, signature)) === VERIFIED;
  }

  function byProgram({ message, signature }: Signed, keyFile: string, slot: string): Promise<boolean> {
    program.write(`message-${slot}`, message);
    program.write(`signature-${slot}`, der(signature));
    const args = ["pkeyutl", "-verify", "-pubin", "-inkey", keyFile, "-rawin", "-digest", "sm3"];
    const files = ["-in", `message-${slot}`, "-sigfile", `signature-${slot}`];
    const options = ["-pkeyopt", "distid:1234567812345678"];
    return new Promise((resolve) => {
      execFile("openssl", [...args, ...options, ...files], { cwd: program.directory }, (error) =>
        resolve(error === null),
      );
    });
  }

  it(`all verify the same ${String(CASES)} signatures`, async () => {
    const all = await verdicts(signed);
    expect(all.filter((each) => each.every(Boolean))).to.have.length(CASES);
  });

  it(`all refuse the same ${String(CASES)} mutations`, async () => {
    const names = Object.keys(MUTATIONS);
    const changed = signed.map((each, i) => MUTATIONS[names[i % names.length]!]!(each, signed[(i + 1) % CASES]!));
    const all = await verdicts(changed);
    for (const [i, each] of all.entries()) {
      expect(each, names[i % names.length]).to.deep.equal([false, false, false]);
    }
    expect(all).to.have.length(CASES);
  });
});

/** SEQUENCE of two INTEGERs, also of such as no signer would write. */
function der(signature: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): Uint8Array => {
    const significant = bytes.findIndex((byte) => byte !== 0);
    const content = significant < 0 ? Uint8Array.of(0) : bytes.subarray(significant);
    const padded = (content[0] ?? 0) > 127 ? Buffer.concat([Uint8Array.of(0), content]) : content;
    return Buffer.concat([Uint8Array.of(2, padded.length), padded]);
  };
  const content = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Uint8Array.of(0x30, content.length), content]);
}
