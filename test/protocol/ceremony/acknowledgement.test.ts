import { describe, it } from "mocha";

import {
  acknowledge,
  acknowledgementSchema,
  checkAcknowledgements,
} from "../../../protocol/ceremony/acknowledgement.ts";
import { expectFault, random } from "../paillier/fixtures.ts";
import { AT, dealer, held, holders } from "./fixtures.ts";

const { record } = held();
const given = holders.map((holder) => acknowledge(record, holder, AT, random));

describe("acknowledgements of a ceremony", () => {
  it("are complete when every participant's is there, in any order, also twice", () => {
    checkAcknowledgements(record, given);
    const read = given.map((each) => acknowledgementSchema.parse(JSON.parse(JSON.stringify(each))));
    checkAcknowledgements(record, [...read.toReversed(), given[0]!]);
  });

  it("are not when one is missing", () => {
    expectFault(() => checkAcknowledgements(record, given.slice(1)), "CEREMONY_ACKNOWLEDGEMENT_MISSING");
    expectFault(() => checkAcknowledgements(record, []), "CEREMONY_ACKNOWLEDGEMENT_MISSING");
    expectFault(
      () => checkAcknowledgements(record, [given[0]!, given[0]!, given[1]!]),
      "CEREMONY_ACKNOWLEDGEMENT_MISSING",
    );
  });

  it("of another record, or under another number, are refused", () => {
    const other = held().record;
    const foreign = acknowledge(other, holders[0]!, AT, random);
    expectFault(() => checkAcknowledgements(record, [foreign, ...given.slice(1)]), "CEREMONY_ACKNOWLEDGEMENT_INVALID");
    for (const index of [2, 4]) {
      expectFault(() => checkAcknowledgements(record, [{ ...given[0]!, index }]), "CEREMONY_ACKNOWLEDGEMENT_INVALID");
    }
  });

  it("signed by another or changed are refused", () => {
    const { institution, index } = given[1]!;
    for (const forged of [
      { ...given[0]!, institution, index },
      { ...given[0]!, at: "2027-01-01T00:00:00Z" },
      { ...given[0]!, signature: given[1]!.signature },
      { ...foreignRecord(given[0]!.record) },
    ]) {
      expectFault(() => checkAcknowledgements(record, [forged, ...given.slice(1)]), "CEREMONY_SIGNATURE_INVALID");
    }
    expectFault(() => acknowledge(record, dealer, AT, random), "CEREMONY_NOT_A_PARTICIPANT");
  });
});

/** One made for another record and labelled as of this one. */
function foreignRecord(digest: string) {
  return { ...acknowledge(held().record, holders[0]!, AT, random), record: digest };
}
