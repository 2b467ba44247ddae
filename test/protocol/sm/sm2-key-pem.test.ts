import { expect } from "chai";
import { describe, it } from "mocha";

import { fromPem, toPem } from "../../../protocol/sm/pem.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import {
  privateKeyFromPem,
  privateKeyToPem,
  publicKeyFromPem,
  publicKeyToPem,
} from "../../../protocol/sm/sm2-key-pem.ts";
import { expectFault, flipBit, hex, random } from "./fixtures.ts";

const key = generateKeyPair(random);

/** SM2_key1 of OpenSSL's test/recipes/30-test_evp_data/evppkey_sm2.txt. */
const OPENSSL_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQg0JFWczAXva2An9m7
2MaT9gIwWTFptvlKrxyO4TjMmbWhRANCAAQ5OirZ4n5DrKqrhaGdO4VZHhRAYVcX
Wt3Te/d/8Mr57Tf886i09VwDhSMmH8pmNq/mp6+ioUgqYG9cs6GLLioe
-----END PRIVATE KEY-----
`;

describe("SM2 key files", () => {
  it("come back as they went", () => {
    expect(privateKeyFromPem(privateKeyToPem(key))).to.deep.equal(key);
    expect(publicKeyFromPem(publicKeyToPem(key.publicKey))).to.deep.equal(key.publicKey);
  });

  it("are byte for byte those of OpenSSL", () => {
    const read = privateKeyFromPem(OPENSSL_KEY);
    expect(hex(read.secretKey)).to.equal("d09156733017bdad809fd9bbd8c693f60230593169b6f94aaf1c8ee138cc99b5");
    expect(privateKeyToPem(read)).to.equal(OPENSSL_KEY);
  });

  it("are found among other text", () => {
    expect(privateKeyFromPem(`a comment\n${privateKeyToPem(key)}${publicKeyToPem(key.publicKey)}`)).to.deep.equal(key);
  });

  it("are refused where the public key is another's", () => {
    const der = fromPem("PRIVATE KEY", privateKeyToPem(key)) ?? new Uint8Array();
    const other = der.slice();
    other.set(generateKeyPair(random).publicKey, der.length - 65);
    expectFault(() => privateKeyFromPem(toPem("PRIVATE KEY", other)), "SM2_SECRET_KEY_INVALID");
  });

  it("are refused in any other form, with any flipped bit a fault or another key", () => {
    expectFault(() => privateKeyFromPem(""), "SM2_KEY_FILE_INVALID");
    expectFault(() => privateKeyFromPem(publicKeyToPem(key.publicKey)), "SM2_KEY_FILE_INVALID");
    expectFault(() => publicKeyFromPem(privateKeyToPem(key)), "SM2_KEY_FILE_INVALID");
    expectFault(() => privateKeyFromPem(privateKeyToPem(key).replace(/\n(.)/, "\n!")), "SM2_KEY_FILE_INVALID");
    const der = fromPem("PRIVATE KEY", privateKeyToPem(key)) ?? new Uint8Array();
    for (let bit = 0; bit < der.length * 8; bit++) {
      try {
        privateKeyFromPem(toPem("PRIVATE KEY", flipBit(der, bit)));
      } catch (error) {
        expect((error as { code?: string }).code).to.match(/^SM2_(?:KEY_FILE|SECRET_KEY|PUBLIC_KEY)_INVALID$/);
        continue;
      }
      throw new Error(`bit ${String(bit)} made no difference`);
    }
    for (const length of [0, 1, der.length - 1]) {
      expectFault(() => privateKeyFromPem(toPem("PRIVATE KEY", der.subarray(0, length))), "SM2_KEY_FILE_INVALID");
    }
  });
});
