import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { describe, it } from "mocha";

import { connection } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { DAY, deployedPlatform } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;
const { time } = networkHelpers;
const WEEK = 7 * DAY;

describe("PlatformParameters", () => {
  shouldBehaveLikeRestricted([
    {
      name: "setEpochLength",
      role: "ASSOCIATION_ROLE",
      call: ({ parameters }, as) => parameters.connect(as).setEpochLength(DAY),
    },
    {
      name: "setSettlementWindow",
      role: "ASSOCIATION_ROLE",
      call: ({ parameters }, as) => parameters.connect(as).setSettlementWindow(DAY),
    },
    {
      name: "setMaximumSessionDuration",
      role: "ASSOCIATION_ROLE",
      call: ({ parameters }, as) => parameters.connect(as).setMaximumSessionDuration(DAY),
    },
    {
      name: "setRecordExpiry",
      role: "ASSOCIATION_ROLE",
      call: ({ parameters }, as) => parameters.connect(as).setRecordExpiry(36),
    },
    {
      name: "switchExistingCustomers",
      role: "ASSOCIATION_ROLE",
      call: ({ parameters }, as) => parameters.connect(as).switchExistingCustomers(true),
    },
  ]);

  it("starts with epochs of seven days, a window of one, sessions of seven, records shared for five years after cure, existing customers out", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    expect(await parameters.currentEpoch()).to.equal(1n);
    expect(await parameters.epochLength()).to.equal(WEEK);
    expect(await parameters.settlementWindow()).to.equal(DAY);
    expect(await parameters.maximumSessionDuration()).to.equal(WEEK);
    expect(await parameters.recordExpiry()).to.equal(60n);
    expect(await parameters.existingCustomersIncluded()).to.equal(false);
  });

  it("counts epochs by their bounds, to the second", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    const [start, end] = await parameters.epochBounds(1);
    expect(end - start).to.equal(BigInt(WEEK));
    await time.increaseTo(end - 1n);
    expect(await parameters.currentEpoch()).to.equal(1n);
    await time.increaseTo(end);
    expect(await parameters.currentEpoch()).to.equal(2n);
    expect(await parameters.epochBounds(2)).to.deep.equal([end, end + BigInt(WEEK)]);
    expect(await parameters.epochBounds(1)).to.deep.equal([start, end]);
  });

  it("changes the length from the end of the running epoch on", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    const [start, end] = await parameters.epochBounds(1);
    await expect(parameters.setEpochLength(DAY)).to.emit(parameters, "EpochLengthChanged").withArgs(2, end, DAY);
    expect(await parameters.epochLength()).to.equal(WEEK);
    expect(await parameters.epochBounds(1)).to.deep.equal([start, end]);
    expect(await parameters.epochBounds(3)).to.deep.equal([end + BigInt(DAY), end + BigInt(2 * DAY)]);
    await time.increaseTo(end);
    expect(await parameters.currentEpoch()).to.equal(2n);
    expect(await parameters.epochLength()).to.equal(DAY);
    await time.increaseTo(end + BigInt(3 * DAY));
    expect(await parameters.currentEpoch()).to.equal(5n);
    expect(await parameters.epochBounds(1)).to.deep.equal([start, end]);
  });

  it("replaces a change announced earlier in the same epoch", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    const [, end] = await parameters.epochBounds(1);
    await parameters.setEpochLength(DAY);
    await parameters.setEpochLength(2 * DAY);
    expect(await parameters.epochBounds(2)).to.deep.equal([end, end + BigInt(2 * DAY)]);
    await time.increaseTo(end);
    await parameters.setEpochLength(DAY);
    expect(await parameters.epochBounds(2)).to.deep.equal([end, end + BigInt(2 * DAY)]);
    expect(await parameters.epochBounds(3)).to.deep.equal([end + BigInt(2 * DAY), end + BigInt(3 * DAY)]);
  });

  it("knows no epoch zero", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    await expect(parameters.epochBounds(0))
      .to.be.revertedWithCustomError(parameters, "ParameterOutOfRange")
      .withArgs(encodeBytes32String("epoch"), 0, 1, 0xffffffff);
  });

  for (const [setter, parameter, maximum] of [
    ["setEpochLength", "epochLength", 366 * DAY],
    ["setSettlementWindow", "settlementWindow", 30 * DAY],
    ["setMaximumSessionDuration", "maximumSessionDuration", 90 * DAY],
  ] as const) {
    it(`${setter} takes one minute to ${maximum / DAY} days`, async () => {
      const { parameters } = await loadFixture(deployedPlatform);
      for (const value of [0, 59, maximum + 1]) {
        await expect(parameters[setter](value))
          .to.be.revertedWithCustomError(parameters, "ParameterOutOfRange")
          .withArgs(encodeBytes32String(parameter), value, 60, maximum);
      }
      for (const value of [60, maximum]) await parameters[setter](value);
    });
  }

  it("setRecordExpiry takes one month to twenty years", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    for (const months of [0, 241]) {
      await expect(parameters.setRecordExpiry(months))
        .to.be.revertedWithCustomError(parameters, "ParameterOutOfRange")
        .withArgs(encodeBytes32String("recordExpiry"), months, 1, 240);
    }
    for (const months of [1, 240]) await parameters.setRecordExpiry(months);
    expect(await parameters.recordExpiry()).to.equal(240n);
  });

  it("tells what was changed", async () => {
    const { parameters } = await loadFixture(deployedPlatform);
    await expect(parameters.setSettlementWindow(3600)).to.emit(parameters, "SettlementWindowChanged").withArgs(3600);
    expect(await parameters.settlementWindow()).to.equal(3600n);
    await expect(parameters.setMaximumSessionDuration(7200))
      .to.emit(parameters, "MaximumSessionDurationChanged")
      .withArgs(7200);
    expect(await parameters.maximumSessionDuration()).to.equal(7200n);
    await expect(parameters.setRecordExpiry(36)).to.emit(parameters, "RecordExpiryChanged").withArgs(36);
    expect(await parameters.recordExpiry()).to.equal(36n);
    await expect(parameters.switchExistingCustomers(true))
      .to.emit(parameters, "ExistingCustomersSwitched")
      .withArgs(true);
    expect(await parameters.existingCustomersIncluded()).to.equal(true);
  });
});
