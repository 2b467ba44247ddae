/** SM2 against `openssl`: signatures both ways, encryption both ways, keys both ways; and OpenSSL's own test vectors. */
import { AsnConvert, AsnProp, AsnPropTypes, OctetString, AsnIntegerArrayBufferConverter } from "@peculiar/asn1-schema";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { concatBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { decrypt, encrypt } from "../../../protocol/sm/sm2-encryption.ts";
import { integerContent, toArrayBuffer } from "../../../protocol/sm/der.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { privateKeyFromPem, privateKeyToPem, publicKeyToPem } from "../../../protocol/sm/sm2-key-pem.ts";
import { signatureFromDer, signatureToDer } from "../../../protocol/sm/sm2-signature-der.ts";
import { sign, verify } from "../../../protocol/sm/sm2-signature.ts";
import { openssl, type Openssl } from "../../support/openssl.ts";
import { bytes, DEEP_TIMEOUT, flipBit, random, runs } from "./fixtures.ts";

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQg0JFWczAXva2An9m7
2MaT9gIwWTFptvlKrxyO4TjMmbWhRANCAAQ5OirZ4n5DrKqrhaGdO4VZHhRAYVcX
Wt3Te/d/8Mr57Tf886i09VwDhSMmH8pmNq/mp6+ioUgqYG9cs6GLLioe
-----END PRIVATE KEY-----
`;

/** SM2Cipher of GM/T 0009: x, y, C3, C2. */
class Ciphertext {
  x = new ArrayBuffer(0);
  y = new ArrayBuffer(0);
  hash = new OctetString();
  masked = new OctetString();
}
for (const name of ["x", "y"] as const) {
  AsnProp({ type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter })(Ciphertext.prototype, name);
}
for (const name of ["hash", "masked"] as const) AsnProp({ type: OctetString })(Ciphertext.prototype, name);

function ciphertextFromDer(der: Uint8Array): Uint8Array {
  const { x, y, hash, masked } = AsnConvert.parse(der, Ciphertext);
  const width = (content: ArrayBuffer): Uint8Array => {
    const magnitude = Buffer.from(content).toString("hex").replace(/^00/, "").padStart(64, "0");
    return bytes(magnitude);
  };
  return concatBytes(Uint8Array.of(4), width(x), width(y), new Uint8Array(hash.buffer), new Uint8Array(masked.buffer));
}

function ciphertextToDer(ciphertext: Uint8Array): Uint8Array {
  const value = new Ciphertext();
  value.x = toArrayBuffer(integerContent(ciphertext.subarray(1, 33)));
  value.y = toArrayBuffer(integerContent(ciphertext.subarray(33, 65)));
  value.hash = new OctetString(toArrayBuffer(ciphertext.subarray(65, 97)));
  value.masked = new OctetString(toArrayBuffer(ciphertext.subarray(97)));
  return new Uint8Array(AsnConvert.serialize(value));
}

describe("SM2 and openssl", () => {
  it("decrypts the ciphertext of OpenSSL's evppkey_sm2.txt", () => {
    const der =
      "30818a0220466be2ef5c11782ec77864a0055417f407a5afc11d653c6bce69e417bb1d05b6022062b572e21ff0ddf5c726bd3f9ff2eae5" +
      "6e6294713a607e9b9525628965f62cc804203c1b5713b5db2728eb7bf775e44f4689fc32668bdc564f52ea45b09e8df2a5f40422084a9d" +
      "0cc2997092b7d3c404fce95956eb604d732b2307a8e5b8900ed6608ca5b197";
    const message = decrypt(privateKeyFromPem(KEY).secretKey, ciphertextFromDer(bytes(der)));
    expect(Buffer.from(message).toString()).to.equal("The floofy bunnies hop at midnight");
  });

  describe("the program", () => {
    let ssl: Openssl;
    beforeEach(function () {
      ssl = openssl(this);
    });
    afterEach(() => ssl?.remove());

    const DIGEST = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"];

    it("agrees on signatures and on mutations of them", () => {
      for (let run = 0; run < runs(40) / 4; run++) {
        const key = generateKeyPair(random);
        const message = random(1 + run);
        ssl.write("key.pem", privateKeyToPem(key));
        ssl.write("key.pub", publicKeyToPem(key.publicKey));
        ssl.write("message", message);
        ssl.run("pkeyutl", "-sign", "-inkey", "key.pem", ...DIGEST, "-in", "message", "-out", "signature");
        const theirs = signatureFromDer(ssl.read("signature"));
        expect(theirs && verify(key.publicKey, message, theirs)).to.equal(true);
        const check = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", ...DIGEST, "-in", "message", "-sigfile"];
        const ours = sign(key, message, random);
        ssl.write("signature", signatureToDer(ours));
        expect(ssl.run(...check, "signature")).to.contain("Verified Successfully");
        const mutated = flipBit(ours, (run * 37) % 512) as typeof ours;
        ssl.write("mutated", signatureToDer(mutated));
        expect(ssl.fails(...check, "mutated")).to.contain("Failure");
        expect(verify(key.publicKey, message, mutated)).to.equal(false);
      }
    }).timeout(DEEP_TIMEOUT);

    it("encrypts for us and decrypts from us", () => {
      const key = generateKeyPair(random);
      ssl.write("key.pem", privateKeyToPem(key));
      ssl.write("key.pub", publicKeyToPem(key.publicKey));
      ssl.write("message", "sealed for one recipient");
      ssl.run("pkeyutl", "-encrypt", "-pubin", "-inkey", "key.pub", "-in", "message", "-out", "theirs");
      expect(decrypt(key.secretKey, ciphertextFromDer(ssl.read("theirs")))).to.deep.equal(
        utf8("sealed for one recipient"),
      );
      ssl.write("ours", ciphertextToDer(encrypt(key.publicKey, utf8("and back"), random)));
      ssl.run("pkeyutl", "-decrypt", "-inkey", "key.pem", "-in", "ours", "-out", "opened");
      expect(ssl.readText("opened")).to.equal("and back");
    });

    it("writes keys that we read, and reads ours", () => {
      ssl.run("genpkey", "-algorithm", "SM2", "-out", "theirs.pem");
      const text = ssl.readText("theirs.pem");
      expect(privateKeyToPem(privateKeyFromPem(text))).to.equal(text);
      ssl.run("ecparam", "-genkey", "-name", "SM2", "-noout", "-out", "sec1.pem");
      ssl.run("pkcs8", "-topk8", "-nocrypt", "-in", "sec1.pem", "-out", "converted.pem");
      const converted = privateKeyFromPem(ssl.readText("converted.pem"));
      ssl.write("again.pem", privateKeyToPem(converted));
      expect(ssl.run("pkey", "-in", "again.pem", "-pubout")).to.equal(publicKeyToPem(converted.publicKey));
      expect(ssl.run("pkey", "-in", "again.pem", "-check", "-noout")).to.contain("valid");
    });
  });
});
