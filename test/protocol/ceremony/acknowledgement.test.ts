import { describe, it } from "mocha";

import {
  acknowledge,
  acknowledgementSchema,
  checkAcknowledgements,
  type Acknowledgement,
} from "../../../protocol/ceremony/acknowledgement.ts";
import { holdCeremony, openRecord, type CeremonyRecord } from "../../../protocol/ceremony/record.ts";
import { lengthPrefixed, toHex, utf8 } from "../../../protocol/encoding/bytes.ts";
import { canonicalJson } from "../../../protocol/evidence/canonical-json.ts";
import { openThresholdKey } from "../../../protocol/paillier/threshold-key.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { expectFault, random } from "../paillier/fixtures.ts";
import { PRIMES_512 } from "../paillier/safe-primes.ts";
import { AT, dealer, expectation, held, holders, plan, testKey } from "./fixtures.ts";

const { thresholdKey, keyShares } = testKey;
const { record } = held();

function by(position: number, to: CeremonyRecord = record, keyShare = keyShares[position]!): Acknowledgement {
  return acknowledge({ record: to, thresholdKey, participant: holders[position]!, keyShare, at: AT }, random);
}

const given = holders.map((_, position) => by(position));
const check = (acknowledgements: readonly Acknowledgement[]) =>
  checkAcknowledgements(record, thresholdKey, acknowledgements);

describe("acknowledgements of a ceremony", () => {
  it("are complete when every participant's is there, in any order, also twice", () => {
    check(given);
    const read = given.map((each) => acknowledgementSchema.parse(JSON.parse(JSON.stringify(each))));
    check([...read.toReversed(), given[0]!]);
  });

  it("are not when one is missing", () => {
    expectFault(() => check(given.slice(1)), "CEREMONY_ACKNOWLEDGEMENT_MISSING");
    expectFault(() => check([]), "CEREMONY_ACKNOWLEDGEMENT_MISSING");
    expectFault(() => check([given[0]!, given[0]!, given[1]!]), "CEREMONY_ACKNOWLEDGEMENT_MISSING");
  });

  it("of another record, or under another number, are refused", () => {
    const foreign = by(0, held().record);
    expectFault(() => check([foreign, ...given.slice(1)]), "CEREMONY_ACKNOWLEDGEMENT_INVALID");
    for (const index of [2, 4]) {
      expectFault(() => check([{ ...given[0]!, index }]), "CEREMONY_ACKNOWLEDGEMENT_INVALID");
    }
  });

  it("signed by another or changed are refused", () => {
    const { institution, index } = given[1]!;
    for (const forged of [
      { ...given[0]!, institution, index },
      { ...given[0]!, at: "2027-01-01T00:00:00Z" },
      { ...given[0]!, signature: given[1]!.signature },
      { ...given[0]!, trial: by(0).trial },
      { ...by(0, held().record), record: given[0]!.record },
    ]) {
      expectFault(() => check([forged, ...given.slice(1)]), "CEREMONY_SIGNATURE_INVALID");
    }
    const stranger = { record, thresholdKey, participant: dealer, keyShare: keyShares[0]!, at: AT };
    expectFault(() => acknowledge(stranger, random), "CEREMONY_NOT_A_PARTICIPANT");
  });

  it("without the share, or with a part of the trial that is none, are refused", () => {
    const signedAgain = (trial: string): Acknowledgement => {
      const { signature: _, ...content } = { ...given[0]!, trial };
      const domain = utf8("riskveil/ceremony/acknowledgement/1");
      const message = lengthPrefixed(domain, utf8(canonicalJson(content)));
      return { ...content, signature: toHex(sign(holders[0]!, message, random)) };
    };
    check([signedAgain(given[0]!.trial), ...given.slice(1)]);
    for (const wrong of [
      by(0, record, { ...keyShares[0]!, value: keyShares[0]!.value + 1n }),
      by(0, record, { ...keyShares[1]!, index: 1 }),
      signedAgain(given[1]!.trial),
      signedAgain(by(0, held().record).trial),
      signedAgain(given[0]!.trial.slice(4)),
      signedAgain(""),
      signedAgain("="),
    ]) {
      expectFault(() => check([wrong, ...given.slice(1)]), "CEREMONY_ACKNOWLEDGEMENT_INVALID");
    }
  });

  it("of a wrong secret, whose shares agree in all that is public, do not decrypt the trial", () => {
    // Twice the secret: 0 modulo p'q' as it should be, and 2 modulo n.
    const { key } = thresholdKey;
    const verificationKeys = thresholdKey.verificationKeys.map((each) => key.square.multiply(each, each));
    const doubled = openThresholdKey({ key, threshold: 2, verificationKeys });
    const order = (key.n * (PRIMES_512.p - 1n) * (PRIMES_512.q - 1n)) / 4n;
    const shares = keyShares.map(({ index, value }) => ({ index, value: (2n * value) % order }));
    const dealing = { thresholdKey: doubled, keyShares: shares };
    const wrong = holdCeremony({ plan, dealing, dealer, at: AT, rehearsal: true }, random).record;
    const opened = openRecord(wrong, expectation);
    const all = holders.map((participant, position) =>
      acknowledge({ record: wrong, thresholdKey: opened, participant, keyShare: shares[position]!, at: AT }, random),
    );
    expectFault(() => checkAcknowledgements(wrong, opened, all), "CEREMONY_TRIAL_FAILED");
  });
});
