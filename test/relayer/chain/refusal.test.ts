import { expect } from "chai";
import { describe, it } from "mocha";

import { Fault } from "../../../protocol/errors/fault.ts";
import { decodeRevert, isRetryable, revertedWith } from "../../../relayer/chain/refusal.ts";
import { IEmergency__factory } from "../../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IMemberRegistry__factory } from "../../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";

describe("what a contract refuses", () => {
  it("carries the custom error's name and values, small numbers as numbers and large ones as text", () => {
    const data = IQueryLedger__factory.createInterface().encodeErrorResult("QuerierBalanceTooLow", [3, 5n, 10n ** 18n]);
    const fault = decodeRevert(data);
    expect(fault.code).equal("CHAIN_REVERTED");
    expect(fault.values).deep.equal({
      error: "QuerierBalanceTooLow",
      querier: 3,
      balance: 5,
      needed: "1000000000000000000",
    });
  });

  it("has codes of its own for a freeze and for a member that is not active", () => {
    const frozen = decodeRevert(
      IEmergency__factory.createInterface().encodeErrorResult("EmergencyPlatformFrozen", [7]),
    );
    expect([frozen.code, isRetryable(frozen)]).deep.equal(["PLATFORM_FROZEN", true]);
    const inactive = decodeRevert(
      IMemberRegistry__factory.createInterface().encodeErrorResult("MemberNotActive", [2, 3]),
    );
    expect([inactive.code, inactive.values["member"], isRetryable(inactive)]).deep.equal([
      "MEMBER_NOT_ACTIVE",
      2,
      false,
    ]);
  });

  for (const data of [undefined, null, "0x", "0x12", "0xdeadbeef", `0x${"00".repeat(40)}`]) {
    it(`has a name for ${String(data)} too`, () => {
      expect(decodeRevert(data).values["error"]).equal("Unexplained");
    });
  }

  it("may succeed later when it is about something that is not there yet, and not otherwise", () => {
    for (const error of ["SessionUnknown", "OutOfGas", "Unexplained"]) {
      expect(isRetryable(revertedWith(error)), error).equal(true);
    }
    for (const error of ["BatchOutOfOrder", "RevisionOutOfOrder"]) {
      expect(isRetryable(revertedWith(error, { expected: 1, given: 2 })), `${error}, too early`).equal(true);
      expect(isRetryable(revertedWith(error, { expected: 2, given: 1 })), `${error}, too late`).equal(false);
    }
    for (const error of ["VoucherStale", "AllotmentExceeded", "SettlementTooLate", "MemberNameTaken"]) {
      expect(isRetryable(revertedWith(error)), error).equal(false);
    }
    expect(isRetryable(new Fault("CHAIN_UNREACHABLE"))).equal(true);
  });
});
