import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { describe, it } from "mocha";

import { connection, digest, POINT } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers, publication, publishedDatasets } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;

describe("IncentiveRules", () => {
  shouldBehaveLikeRestricted([
    {
      name: "setPrice",
      role: "ASSOCIATION_ROLE",
      call: ({ rules, betaData }, as) => rules.connect(as).setPrice(betaData, 1),
    },
    { name: "setRates", role: "ASSOCIATION_ROLE", call: ({ rules }, as) => rules.connect(as).setRates(1, 1, 1, 1) },
    { name: "onAdmitted", role: "REGISTRY_ROLE", call: ({ rules }, as) => rules.connect(as).onAdmitted(1) },
    {
      name: "onPublished",
      role: "REGISTRY_ROLE",
      call: ({ rules, betaData }, as) => rules.connect(as).onPublished(1, betaData, 1, 1, 1024),
    },
  ]);

  it("starts with the published rates", async () => {
    const { rules } = await loadFixture(admittedMembers);
    expect(await rules.rates()).to.deep.equal([POINT, 2000n, 20_000n * POINT, 500n * POINT]);
  });

  it("pays an opening grant on first admission, and nothing on reinstatement", async () => {
    const { rules, members, points, alpha } = await loadFixture(admittedMembers);
    expect(await points.pointsOf(alpha.id)).to.equal(20_000n * POINT);
    await members.suspend(alpha.id, digest("r"));
    await expect(members.reinstate(alpha.id)).not.to.emit(rules, "OpeningGrantPaid");
    expect(await points.pointsOf(alpha.id)).to.equal(20_000n * POINT);
  });

  it("rewards the first revision of a dataset in an epoch only", async () => {
    const { rules, datasets, points, beta, betaData, parameters } = await loadFixture(publishedDatasets);
    const publisher = datasets.connect(beta.operator);
    expect(await points.pointsOf(beta.id)).to.equal(20_500n * POINT);
    await expect(publisher.publish(betaData, publication(betaData, { revision: 2 }))).not.to.emit(
      rules,
      "PublicationRewarded",
    );
    const [, end] = await parameters.epochBounds(1);
    await networkHelpers.time.increaseTo(end);
    await expect(publisher.publish(betaData, publication("second", { epoch: 2 })))
      .to.emit(rules, "PublicationRewarded")
      .withArgs(beta.id, betaData, 2, 500n * POINT);
    expect(await points.pointsOf(beta.id)).to.equal(21_000n * POINT);
  });

  it("pays nothing and says nothing when a rate is zero", async () => {
    const { rules, authority, admin, points } = await loadFixture(admittedMembers);
    await authority.grantRole(await authority.REGISTRY_ROLE(), admin, 0);
    await rules.setRates(POINT, 0, 0, 0);
    const supply = await points.totalSupply();
    await expect(rules.onAdmitted(1)).not.to.emit(rules, "OpeningGrantPaid");
    await expect(rules.onPublished(1, digest("d"), 1, 1, 1024)).not.to.emit(rules, "PublicationRewarded");
    expect(await points.totalSupply()).to.equal(supply);
  });

  it("prices a dataset by its own price, or else by the default", async () => {
    const { rules, betaData, gammaData } = await loadFixture(publishedDatasets);
    await expect(rules.setPrice(betaData, 3n * POINT))
      .to.emit(rules, "PriceChanged")
      .withArgs(betaData, 3n * POINT);
    expect(await rules.priceOf(betaData)).to.equal(3n * POINT);
    expect(await rules.priceOf(gammaData)).to.equal(POINT);
    await rules.setRates(2n * POINT, 0, 0, 0);
    expect(await rules.priceOf(betaData)).to.equal(3n * POINT);
    expect(await rules.priceOf(gammaData)).to.equal(2n * POINT);
    await rules.setPrice(betaData, 0);
    expect(await rules.priceOf(betaData)).to.equal(2n * POINT);
  });

  it("splits every amount without loss, for the holder's benefit", async () => {
    const { rules } = await loadFixture(admittedMembers);
    expect(await rules.split(100)).to.deep.equal([80n, 20n]);
    expect(await rules.split(1)).to.deep.equal([1n, 0n]);
    expect(await rules.split(9)).to.deep.equal([8n, 1n]);
    await rules.setRates(POINT, 10_000, 0, 0);
    expect(await rules.split(7)).to.deep.equal([0n, 7n]);
  });

  it("keeps the pool at an address of its own", async () => {
    const { rules, members } = await loadFixture(admittedMembers);
    const addresses = [await rules.pool(), await rules.getAddress(), ZeroAddress];
    for (const member of [1, 2, 3, 4, 5]) addresses.push(await members.vaultOf(member));
    expect(new Set(addresses).size).to.equal(addresses.length);
  });

  it("refuses rates out of range, each by name of its bound", async () => {
    const { rules, betaData } = await loadFixture(publishedDatasets);
    const price = 10n ** 24n;
    const earning = 10n ** 27n;
    for (const [call, value, maximum] of [
      [async () => rules.setPrice(betaData, price + 1n), price + 1n, price],
      [async () => rules.setRates(price + 1n, 0, 0, 0), price + 1n, price],
      [async () => rules.setRates(0, 10_001, 0, 0), 10_001n, 10_000n],
      [async () => rules.setRates(0, 0, earning + 1n, 0), earning + 1n, earning],
      [async () => rules.setRates(0, 0, 0, earning + 1n), earning + 1n, earning],
    ] as const) {
      await expect(call()).to.be.revertedWithCustomError(rules, "RateOutOfRange").withArgs(value, maximum);
    }
    await expect(rules.setRates(price, 10_000, earning, earning))
      .to.emit(rules, "RatesChanged")
      .withArgs(price, 10_000, earning, earning);
  });
});
