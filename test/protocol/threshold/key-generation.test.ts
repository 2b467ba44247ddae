import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { bytesEqual } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { decrypt, encrypt } from "../../../protocol/sm/sm2-encryption.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { keyGeneration } from "../../../protocol/threshold/key-generation.ts";
import { encodeComplaint } from "../../../protocol/threshold/message.ts";
import { expectFault, faultOf, random } from "../oprf/fixtures.ts";
import { changed, type Cheats, expectKey, type GeneratedKey, generateKey, runs } from "./ceremony.ts";

const THREE_OF_FIVE = { threshold: 3, nodes: 5 };

/** A share whose value is another scalar, still reduced. */
const wrongShare = (honest: Uint8Array): Uint8Array => changed(honest, 0);

const excluded = ({ verdict }: GeneratedKey) =>
  verdict.excluded.map(({ dealer, reason, receiver }) => [dealer, reason, receiver]);

describe("generation of a key without a dealer", () => {
  for (const [threshold, nodes] of [
    [1, 1],
    [1, 3],
    [2, 3],
    [3, 5],
    [4, 7],
  ] as const) {
    it(`gives ${String(threshold)} of ${String(nodes)} nodes a key that none of them chose`, () => {
      const generated = generateKey({ threshold, nodes });
      expectKey(generated, nodes);
      expect(generated.verdict.excluded).to.deep.equal([]);
      expect(generated.exposed).to.deep.equal([]);
    });
  }

  it("refuses thresholds that an honest majority could not finish", () => {
    for (const [threshold, nodes] of [
      [0, 3],
      [3, 4],
      [4, 6],
      [1, 0],
      [1, 256],
      [1.5, 3],
      [Number.NaN, 3],
    ] as const) {
      expectFault(() => keyGeneration(random(32), { threshold, nodes }), "THRESHOLD_PARAMETERS_INVALID");
    }
  });

  it("carries shares under SM2 encryption; one that does not decrypt is complained of and revealed", () => {
    const receivers = Array.from({ length: 5 }, () => generateKeyPair(random));
    const generated = generateKey(THREE_OF_FIVE, {
      share: (dealer, receiver, honest) => {
        const sender = dealer === 2 && receiver === 4 ? receivers[0]! : receivers[receiver - 1]!;
        const ciphertext = encrypt(sender.publicKey, honest, random);
        try {
          return decrypt(receivers[receiver - 1]!.secretKey, ciphertext);
        } catch (error) {
          expect(isFault(error, "SM2_CIPHERTEXT_INVALID")).to.equal(true);
          return undefined;
        }
      },
    });
    expect(generated.verdict.revealed.map(({ dealer, receiver }) => [dealer, receiver])).to.deep.equal([[2, 4]]);
    expectKey(generated, 5);
  });

  describe("a cheating dealer", () => {
    const cases: { name: string; cheats: Cheats; expected: unknown[] }[] = [
      {
        name: "that posts nothing is named",
        cheats: { dealing: (dealer, honest) => (dealer === 2 ? undefined : honest) },
        expected: [[2, "DEALING_MISSING", undefined]],
      },
      {
        name: "whose commitments are cut short is named",
        cheats: { dealing: (dealer, honest) => (dealer === 2 ? honest.slice(0, -32) : honest) },
        expected: [[2, "DEALING_MALFORMED", undefined]],
      },
      {
        name: "with the identity among its commitments is named",
        cheats: { dealing: (dealer, honest) => (dealer === 4 ? honest.slice().fill(0, -32) : honest) },
        expected: [[4, "DEALING_MALFORMED", undefined]],
      },
      {
        name: "of another ceremony is named",
        cheats: { dealing: (dealer, honest) => (dealer === 4 ? changed(honest, 5) : honest) },
        expected: [[4, "DEALING_MALFORMED", undefined]],
      },
      {
        name: "that sends a wrong share and justifies it stays, and the receiver uses what was revealed",
        cheats: { share: (dealer, receiver, honest) => (dealer === 1 && receiver === 3 ? wrongShare(honest) : honest) },
        expected: [],
      },
      {
        name: "that sends no share and justifies it stays",
        cheats: { share: (dealer, receiver, honest) => (dealer === 1 && receiver === 3 ? undefined : honest) },
        expected: [],
      },
      {
        name: "that does not answer a complaint is named",
        cheats: {
          share: (dealer, receiver, honest) => (dealer === 1 && receiver === 3 ? wrongShare(honest) : honest),
          justification: () => undefined,
        },
        expected: [[1, "DEALING_COMPLAINT_UNANSWERED", 3]],
      },
      {
        name: "that reveals a wrong share is named",
        cheats: {
          share: (dealer, receiver, honest) => (dealer === 1 && receiver === 3 ? wrongShare(honest) : honest),
          justification: (_dealer, _receiver, honest) => changed(honest),
        },
        expected: [[1, "DEALING_JUSTIFICATION_WRONG", 3]],
      },
      {
        name: "that reveals a scalar above the order is named",
        cheats: {
          share: (dealer, receiver) => (dealer === 1 && receiver === 3 ? new Uint8Array(64).fill(255) : undefined),
          complaints: (receiver, honest) => (receiver === 3 ? honest.slice(0, 1) : []),
          justification: (_dealer, _receiver, honest) => honest.slice().fill(255, -64),
        },
        expected: [[1, "DEALING_JUSTIFICATION_WRONG", 3]],
      },
      {
        name: "of whom as many complain as the threshold is named without a hearing",
        cheats: { share: (dealer, receiver, honest) => (dealer === 5 && receiver <= 3 ? undefined : honest) },
        expected: [[5, "DEALING_COMPLAINTS_TOO_MANY", undefined]],
      },
    ];
    for (const { name, cheats, expected } of cases) {
      it(name, () => {
        const generated = generateKey(THREE_OF_FIVE, cheats);
        expect(excluded(generated)).to.deep.equal(expected);
        if (generated.shares.size === 5) expectKey(generated, 5);
      });
    }

    it("that copies another's dealing falls, as it knows no share of it", () => {
      let copied: Uint8Array | undefined;
      const generated = generateKey(THREE_OF_FIVE, {
        dealing: (dealer, honest) => {
          if (dealer === 1) copied = honest;
          return dealer === 2 ? copied : honest;
        },
      });
      expect(excluded(generated)).to.deep.equal([[2, "DEALING_COMPLAINTS_TOO_MANY", undefined]]);
      expectKey(generated, 5);
    });

    it("too many of them end the ceremony with a fault that says so", () => {
      const fault = faultOf(() =>
        generateKey(THREE_OF_FIVE, { dealing: (dealer, honest) => (dealer > 2 ? undefined : honest) }),
      );
      expect(fault.code).to.equal("DEALINGS_TOO_FEW");
      expect(fault.values).to.deep.equal({ qualified: 2, threshold: 3 });
    });
  });

  describe("a cheating receiver", () => {
    it("that complains falsely of everybody excludes nobody", () => {
      const ceremony = random(32);
      const everybody = [1, 2, 3, 4, 5].map((dealer) => encodeComplaint(ceremony, dealer));
      const complaints = (receiver: number, honest: Uint8Array[]) => (receiver <= 2 ? everybody : honest);
      const generated = generateKey(THREE_OF_FIVE, { complaints }, ceremony);
      expect(generated.verdict.revealed.length).to.equal(10);
      expect(excluded(generated)).to.deep.equal([]);
      expectKey(generated, 5);
    });

    it("that posts junk is not heard", () => {
      const generated = generateKey(THREE_OF_FIVE, {
        complaints: () => [random(34), new Uint8Array(0), new Uint8Array(34).fill(2)],
        extractionComplaints: () => [random(98), new Uint8Array(3)],
      });
      expect(excluded(generated)).to.deep.equal([]);
      expect(generated.exposed).to.deep.equal([]);
      expectKey(generated, 5);
    });
  });

  it("ends alike for everybody, whoever fewer than t cheat and however", () => {
    const fate = fc.constantFrom(
      "honest",
      "silent",
      "short",
      "wrong share",
      "no answer",
      "no extraction",
      "false extraction",
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
        fate,
        fate,
        (cheaters, one, other) => {
          const fates = new Map(cheaters.map((dealer, position) => [dealer, position === 0 ? one : other]));
          const is = (dealer: number, ...names: string[]) => names.includes(fates.get(dealer) ?? "honest");
          const victim = [1, 2, 3, 4, 5].find((node) => !cheaters.includes(node))!;
          const generated = generateKey(THREE_OF_FIVE, {
            dealing: (dealer, honest) => {
              if (is(dealer, "silent")) return undefined;
              return is(dealer, "short") ? honest.slice(0, -1) : honest;
            },
            share: (dealer, receiver, honest) =>
              is(dealer, "wrong share", "no answer") && receiver === victim ? wrongShare(honest) : honest,
            justification: (dealer, _receiver, honest) => (is(dealer, "no answer") ? undefined : honest),
            extraction: (dealer, honest) => {
              if (is(dealer, "no extraction")) return undefined;
              const base = ristretto255.multiplyBase(ristretto255.randomScalar(random));
              return is(dealer, "false extraction") ? Uint8Array.from([...honest.slice(0, -32), ...base]) : honest;
            },
          });
          const out = cheaters.filter((dealer) => is(dealer, "silent", "short", "no answer")).sort();
          expect(generated.verdict.excluded.map(({ dealer }) => dealer)).to.deep.equal(out);
          const shown = cheaters.filter((dealer) => is(dealer, "no extraction", "false extraction")).sort();
          expect(generated.exposed.map(({ dealer }) => dealer)).to.deep.equal(shown);
          expectKey(generated, 5);
        },
      ),
      { numRuns: runs(12) },
    );
  });

  it("depends on every qualified dealer", () => {
    const keys = Array.from({ length: 3 }, () => generateKey({ threshold: 2, nodes: 3 }).keys.publicKey);
    expect(bytesEqual(keys[0]!, keys[1]!) || bytesEqual(keys[1]!, keys[2]!)).to.equal(false);
  });
});
