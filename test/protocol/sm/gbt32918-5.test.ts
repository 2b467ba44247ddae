/** Known answers of GB/T 32918.5-2017 annexes A to C: signature, key exchange and encryption over the recommended curve. */
import { expect } from "chai";
import { describe, it } from "mocha";

import { concatBytes, utf8 } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import { multiply, multiplyBase, ORDER as order, reduce, toInteger } from "../../../protocol/sm/sm2-curve.ts";
import { decrypt, encrypt } from "../../../protocol/sm/sm2-encryption.ts";
import { sm2Kdf } from "../../../protocol/sm/sm2-kdf.ts";
import { keyPairOf } from "../../../protocol/sm/sm2-key.ts";
import { identityDigest, messageDigest, signDigest, verify } from "../../../protocol/sm/sm2-signature.ts";
import { bytes, hex, ORDER, scalarSource } from "./fixtures.ts";

const key = keyPairOf(bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"));
const NONCE = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n;

describe("GB/T 32918.5-2017, recommended curve", () => {
  it("has the order and derives the public key", () => {
    expect(order).to.equal(ORDER);
    expect(hex(key.publicKey)).to.equal(
      "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020" +
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    );
  });

  describe('annex A: signature of "message digest" by 1234567812345678', () => {
    const message = utf8("message digest");
    const signature =
      "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3" +
      "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

    it("hashes identity and message", () => {
      expect(hex(identityDigest(key.publicKey))).to.equal(
        "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3",
      );
      expect(hex(messageDigest(key.publicKey, message))).to.equal(
        "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640",
      );
    });

    it("signs with the sample's nonce, whatever the inversion is blinded by", () => {
      const digest = messageDigest(key.publicKey, message);
      expect(hex(signDigest(key.secretKey, digest, NONCE) ?? new Uint8Array())).to.equal(signature);
      expect(hex(signDigest(key.secretKey, digest, NONCE, ORDER - 5n) ?? new Uint8Array())).to.equal(signature);
    });

    it("verifies", () => {
      expect(verify(key.publicKey, message, bytes(signature))).to.equal(true);
      expect(verify(key.publicKey, message, bytes(signature), utf8("1234567812345679"))).to.equal(false);
    });
  });

  describe("annex B: key exchange of two parties, both 1234567812345678", () => {
    // The channel between relayers does not use this exchange (docs/decisions/0012); its sample covers multiplication, Z and KDF.
    const a = keyPairOf(bytes("81eb26e941bb5af16df116495f90695272ae2cd63d6c4ae1678418be48230029"));
    const b = keyPairOf(bytes("785129917d45a9ea5437a59356b82338eaadda6ceb199088f14ae10defa229b5"));
    const ra = 0xd4de15474db74d06491c440d305e012400990f3e390c7e87153c12db2ea60bb3n;
    const rb = 0x7e07124814b309489125eaed101113164ebf0f3458c5bd88335c1f9d596243d6n;
    const pointA = multiplyBase(ra);
    const pointB = multiplyBase(rb);

    /** x of a point reduced to 127 bits, the 128th set (GB/T 32918.3 section 6.1, w = 127). */
    const half = (x: Uint8Array): bigint => (1n << 127n) + (toInteger(x) & ((1n << 127n) - 1n));

    it("has the sample's identities and ephemeral points", () => {
      expect(hex(identityDigest(a.publicKey))).to.equal(
        "3b85a57179e11e7e513aa622991f2ca74d1807a0bd4d4b38f90987a17ac245b1",
      );
      expect(hex(identityDigest(b.publicKey))).to.equal(
        "79c988d63229d97ef19fe02ca1056e01e6a7411ed24694aa8f834f4a4ab022f7",
      );
      expect(hex(pointA.x)).to.equal("64ced1bdbc99d590049b434d0fd73428cf608a5db8fe5ce07f15026940bae40e");
      expect(hex(pointB.x)).to.equal("acc27688a6f7b706098bc91ff3ad1bff7dc2802cdb14ccccdb0a90471f9bd707");
    });

    it("agrees on the sample's key and confirmations", () => {
      const t = (d: Uint8Array, x: Uint8Array, r: bigint): bigint => reduce(toInteger(d) + half(x) * r);
      const tA = t(a.secretKey, pointA.x, ra);
      const tB = t(b.secretKey, pointB.x, rb);
      // U = t_A (P_B + x2 R_B) = t_A t_B G, in two multiplications that both parties' formulas come down to.
      const shared = multiply(tA, multiplyBase(tB).encoded);
      const { x, y } = shared;
      expect(hex(x)).to.equal("c558b44bee5301d9f52b44d939bb59584d75b9034dd6a9fc826872109a65739f");
      const identities = [identityDigest(a.publicKey), identityDigest(b.publicKey)];
      expect(hex(sm2Kdf(concatBytes(x, y, ...identities), 16))).to.equal("6c89347354de2484c60b4ab1fde4c6e5");
      const inner = sm3(x, ...identities, pointA.x, pointA.y, pointB.x, pointB.y);
      expect(hex(sm3(Uint8Array.of(2), y, inner))).to.equal(
        "d3a0fe15dee185ceae907a6b595cc32a266ed7b3367e9983a896dc32fa20f8eb",
      );
      expect(hex(sm3(Uint8Array.of(3), y, inner))).to.equal(
        "18c7894b3816df16cf07b05c5ec0bef5d655d58f779cc1b400a4f3884644db88",
      );
    });
  });

  describe('annex C: encryption of "encryption standard"', () => {
    const ciphertext =
      "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73" +
      "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0" +
      "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766" +
      "21886ca989ca9c7d58087307ca93092d651efa";

    it("encrypts with the sample's nonce and decrypts", () => {
      expect(hex(encrypt(key.publicKey, utf8("encryption standard"), scalarSource(NONCE)))).to.equal(ciphertext);
      expect(Buffer.from(decrypt(key.secretKey, bytes(ciphertext))).toString()).to.equal("encryption standard");
    });
  });
});
