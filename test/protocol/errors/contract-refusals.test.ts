import { expect } from "chai";
import { describe, it } from "mocha";

import { EXPLAINED_REFUSALS, refusalText } from "../../../protocol/errors/contract-refusals.ts";
import type { ContractName } from "../../../relayer/chain/deployment.ts";
import { INTERFACES } from "../../../scripts/tasks/interfaces.ts";

/** Contracts by which people govern; what relayers call has faults of its own. */
const GOVERNING: readonly ContractName[] = [
  "authority",
  "emergency",
  "platformParameters",
  "memberRegistry",
  "incentiveRules",
  "algorithmNodes",
  "keyRounds",
  "consortiumTables",
  "statisticsBoard",
  "memberCouncil",
  "constitution",
  "contractDirectory",
  "exitPlan",
  "emergencyRecords",
];

/** Faults of their own (PLATFORM_FROZEN, MEMBER_NOT_ACTIVE), what only a deployment can meet, and what no function of ours leads to. */
const ELSEWHERE = [
  "EmergencyPlatformFrozen",
  "MemberNotActive",
  "AccessControlBadConfirmation",
  "AccessManagedInvalidAuthority",
  "AccessManagedRequiredDelay",
  "AddressEmptyCode",
  "CouncilConstitutionInvalid",
  "CouncilConstitutionSet",
  "ERC1967NonPayable",
  "FailedCall",
  "InsufficientBalance",
  "InvalidInitialization",
  "NotInitializing",
  "SM2IdTooLong",
  "SafeCastOverflowedUintDowncast",
];

describe("contract refusals", () => {
  it("explain every error that a contract of the constitution can refuse with", () => {
    const errors = new Set(
      GOVERNING.flatMap((name) => INTERFACES[name].fragments)
        .filter((fragment) => fragment.type === "error")
        .map((fragment) => (fragment as unknown as { name: string }).name)
        // Schedules of OpenZeppelin's manager are not used: the two desks take their place.
        .filter(
          (name) =>
            !/^AccessManager(?:AlreadyScheduled|Not|Expired|LockedFunction|InvalidInitialAdmin|UnauthorizedC)/.test(
              name,
            ),
        ),
    );
    const unexplained = [...errors].filter((name) => !EXPLAINED_REFUSALS.includes(name) && !ELSEWHERE.includes(name));
    expect(unexplained).deep.equal([]);
  });

  it("use only values that the error has, the same in both languages", () => {
    const fragments = Object.values(INTERFACES).flatMap(({ fragments }) => fragments);
    for (const error of EXPLAINED_REFUSALS) {
      const [en, zh] = (["en", "zh"] as const).map((language) => refusalText(error, {}, language) ?? "");
      expect(zh).match(/[\u4e00-\u9fff]/);
      const inputs = fragments.find(
        (fragment) => fragment.type === "error" && "name" in fragment && fragment.name === error,
      )?.inputs;
      const values = (text: string | undefined): string[] =>
        [...(text ?? "").matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
      expect(values(zh), error).deep.equal(values(en));
      for (const value of values(en))
        expect(
          inputs?.map(({ name }) => name),
          error,
        ).include(value);
    }
  });

  it("fill in values, and know nothing of other errors", () => {
    expect(refusalText("MemberUnknown", { member: 7 }, "en")).equal("there is no member 7");
    expect(refusalText("NoSuchError", {}, "en")).equal(undefined);
    expect(refusalText("toString", {}, "en")).equal(undefined);
  });
});
