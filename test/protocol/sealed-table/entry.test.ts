import { expect } from "chai";
import { describe, it } from "mocha";

import { toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { ristretto255Sha512 as oprf } from "../../../protocol/oprf/oprf.ts";
import {
  dummyInput,
  dummyNonce,
  ENTRY_OVERHEAD_BYTES,
  entryBytes,
  entryTag,
  openEntry,
  sealDummy,
  sealEntry,
} from "../../../protocol/sealed-table/entry.ts";
import { padPayload, PAYLOAD_CLASSES, unpadPayload } from "../../../protocol/sealed-table/payload.ts";
import { decodeRecords, encodeRecords } from "../../../protocol/sealed-table/record.ts";
import { ristretto255Aes256Gcm, ristretto255Sm4HmacSm3 } from "../../../protocol/sealed-table/suite.ts";
import { sampleRecord, sampleSealer, sampleTable, seededRandom } from "./sample.ts";

const input = utf8("cn-resident-id:11010119000101001X");
const payload = padPayload(encodeRecords([sampleRecord]), 512);

for (const suite of [ristretto255Aes256Gcm, ristretto255Sm4HmacSm3]) {
  describe(`an entry sealed by ${suite.name}`, () => {
    const sealer = sampleSealer(suite);
    const y = oprf.evaluate(sealer.secretKey, input);
    const entry = sealEntry(sealer, input, payload);

    it("is 48 bytes longer than its padded payload", () => {
      expect(ENTRY_OVERHEAD_BYTES).to.equal(48);
      for (const size of PAYLOAD_CLASSES) {
        const sealed = sealEntry(sealer, input, padPayload(encodeRecords([sampleRecord]), size));
        expect(sealed.length)
          .to.equal(size + 48)
          .and.to.equal(entryBytes(size));
      }
    });

    it("opens for who evaluated the subject obliviously", () => {
      const blind = oprf.randomScalar(seededRandom("blind"));
      const [evaluated] = oprf.evaluateWithoutProof(sealer.secretKey, [oprf.blind(input, blind)]);
      if (!evaluated) throw new Error("nothing evaluated");
      const learnt = oprf.finalize(input, blind, evaluated);
      expect(suite.deriveTag(learnt, sampleTable)).to.deep.equal(entryTag(entry));
      const opened = openEntry(suite, sampleTable, learnt, entry);
      expect(opened && decodeRecords(unpadPayload(opened))).to.deep.equal([sampleRecord]);
    });

    it("does not open once any bit of it was flipped", () => {
      for (let bit = 0; bit < entry.length * 8; bit++) {
        const flipped = entry.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openEntry(suite, sampleTable, y, flipped), `bit ${String(bit)}`).to.equal(undefined);
      }
    });

    it("does not open as of another dataset, epoch, subject or key, nor cut short", () => {
      const otherKey = oprf.deriveKeyPair(new Uint8Array(32).fill(2), utf8("other")).secretKey;
      expect(openEntry(suite, { ...sampleTable, epoch: 8 }, y, entry)).to.equal(undefined);
      expect(openEntry(suite, { ...sampleTable, dataset: new Uint8Array(32) }, y, entry)).to.equal(undefined);
      expect(openEntry(suite, sampleTable, oprf.evaluate(sealer.secretKey, utf8("x")), entry)).to.equal(undefined);
      expect(openEntry(suite, sampleTable, oprf.evaluate(otherKey, input), entry)).to.equal(undefined);
      for (const length of [0, 15, 16, 47, 48, entry.length - 1]) {
        expect(openEntry(suite, sampleTable, y, entry.subarray(0, length))).to.equal(undefined);
      }
    });

    it("does not open with the tag of one table and the ciphertext of another", () => {
      const elsewhere = sealEntry(sampleSealer(suite, { ...sampleTable, epoch: 8 }), input, payload);
      const spliced = elsewhere.slice();
      spliced.set(entryTag(entry));
      expect(openEntry(suite, sampleTable, y, spliced)).to.equal(undefined);
      expect(openEntry(suite, { ...sampleTable, epoch: 8 }, y, spliced)).to.equal(undefined);
    });

    it("sealed again has the same tag, a fresh rev, a fresh key and shares no block of ciphertext", () => {
      const seen = new Set<string>();
      const keys = new Set<string>();
      for (let i = 0; i < 100; i++) {
        const again = sealEntry(sealer, input, payload);
        expect(entryTag(again)).to.deep.equal(entryTag(entry));
        const rev = again.slice(16, 32);
        keys.add(toHex(suite.deriveKey(y, sampleTable, rev as never)));
        for (let offset = 16; offset < again.length; offset += 16) seen.add(toHex(again.slice(offset, offset + 16)));
      }
      expect(keys.size).to.equal(100);
      expect(seen.size).to.equal((100 * (entry.length - 16)) / 16);
    });
  });

  describe(`a dummy sealed by ${suite.name}`, () => {
    const sealer = sampleSealer(suite);
    const seed = new Uint8Array(32).fill(6);

    it("looks like a subject without records to who can evaluate its input", () => {
      const entry = sealDummy(sealer, dummyNonce(seed, 3), 1024);
      expect(entry.length).to.equal(entryBytes(1024));
      const opened = openEntry(
        suite,
        sampleTable,
        oprf.evaluate(sealer.secretKey, dummyInput(dummyNonce(seed, 3))),
        entry,
      );
      expect(opened && decodeRecords(unpadPayload(opened))).to.deep.equal([]);
    });

    it("has another nonce for each number and seed", () => {
      const nonces = [0, 1, 2, 2 ** 33].map((i) => toHex(dummyNonce(seed, i)));
      expect(new Set([...nonces, toHex(dummyNonce(new Uint8Array(32), 0))]).size).to.equal(5);
      expect(() => dummyNonce(new Uint8Array(31), 0)).to.throw(RangeError);
      expect(() => dummyInput(new Uint8Array(15))).to.throw(RangeError);
    });
  });
}
