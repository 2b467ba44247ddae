import { expect } from "chai";
import { encodeBytes32String, keccak256, resolveAddress, ZeroAddress } from "ethers";
import { describe, it } from "mocha";

import { changeTo, dependenciesOf, implementationOf, NAMES } from "./changes.ts";
import { connection, DAY, deployBehindProxy, digest } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { openedSession } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const WEEK = 7 * DAY;
const OTHER = encodeBytes32String("other");

describe("ContractDirectory", () => {
  shouldBehaveLikeRestricted([
    {
      name: "register",
      role: "ASSOCIATION_ROLE",
      call: async (platform, as) => {
        const proxy = await deployBehindProxy("Points", dependenciesOf(platform, "points"));
        return platform.directory.connect(as).register(digest(proxy), proxy, platform.points);
      },
    },
    {
      name: "change",
      role: "ASSOCIATION_ROLE",
      call: async (platform, as) =>
        platform.directory.connect(as).change([await changeTo(platform, "points", "Points")], platform.check),
    },
    {
      name: "takeBack",
      role: "DUTY_ROLE",
      call: async (platform, as) => {
        const { directory, check } = platform;
        if ((await directory.versionOf(NAMES.points)) === 1n) {
          await directory.change([await changeTo(platform, "points", "Points")], check);
        }
        return directory.connect(as).takeBack(NAMES.points, check);
      },
    },
  ]);

  it("knows every contract behind a proxy by name, version and code", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, parameters, members, points, rules, datasets, ledger } = platform;
    const proxies = {
      platformParameters: parameters,
      memberRegistry: members,
      points,
      incentiveRules: rules,
      datasetRegistry: datasets,
      queryLedger: ledger,
    };
    expect(await directory.names()).to.have.members(Object.values(NAMES));
    for (const [name, proxy] of Object.entries(proxies)) {
      const id = NAMES[name as keyof typeof NAMES];
      const implementation = await implementationOf(proxy);
      expect(await directory.addressOf(id)).to.equal(await proxy.getAddress());
      expect(await directory.versionOf(id)).to.equal(1n);
      const version = await directory.getVersion(id, 1);
      expect([version.implementation, version.codeHash, version.reversible, version.takenBack]).to.deep.equal([
        implementation,
        keccak256(await ethers.provider.getCode(implementation)),
        false,
        false,
      ]);
    }
  });

  it("knows nothing else", async () => {
    const { directory } = await loadFixture(openedSession);
    for (const call of [
      async () => directory.addressOf(OTHER),
      async () => directory.versionOf(OTHER),
      async () => directory.getVersion(OTHER, 1),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(directory, "ContractUnknown").withArgs(OTHER);
    }
    for (const version of [0, 2]) {
      await expect(directory.getVersion(NAMES.points, version))
        .to.be.revertedWithCustomError(directory, "ContractVersionUnknown")
        .withArgs(NAMES.points, version);
    }
  });

  it("enters a name once, a proxy under one name, and only what has code", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, points, outsider } = platform;
    await expect(directory.register(NAMES.points, points, points))
      .to.be.revertedWithCustomError(directory, "ContractNameTaken")
      .withArgs(NAMES.points);
    // Under a second name, version 1 could be said to be something that never ran, and be "put back".
    await expect(directory.register(OTHER, points, points))
      .to.be.revertedWithCustomError(directory, "ContractRegisteredAs")
      .withArgs(await points.getAddress(), NAMES.points);
    const proxy = await deployBehindProxy("Points", dependenciesOf(platform, "points"));
    for (const [at, implementation, invalid] of [
      [outsider.address, await points.getAddress(), outsider.address],
      [proxy, outsider.address, outsider.address],
      [proxy, ZeroAddress, ZeroAddress],
    ] as const) {
      await expect(directory.register(OTHER, at, implementation))
        .to.be.revertedWithCustomError(directory, "ContractInvalid")
        .withArgs(invalid);
    }
    await expect(directory.register(OTHER, proxy, points))
      .to.emit(directory, "ContractRegistered")
      .withArgs(OTHER, proxy, await points.getAddress());
  });

  it("changes to a contract only, and to one that can be changed again", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, ledger, emergency, outsider } = platform;
    const good = await changeTo(platform, "queryLedger", "QueryLedgerV2");
    const to = async (implementation: string) => directory.change([{ ...good, implementation }], check);
    await expect(directory.change([], check)).to.be.revertedWithCustomError(directory, "ChangeEmpty");
    await expect(to(outsider.address))
      .to.be.revertedWithCustomError(directory, "ContractInvalid")
      .withArgs(outsider.address);
    await expect(to(await emergency.getAddress()))
      .to.be.revertedWithCustomError(ledger, "ERC1967InvalidImplementation")
      .withArgs(await emergency.getAddress());
    await expect(directory.change([{ ...good, name: OTHER }], check))
      .to.be.revertedWithCustomError(directory, "ContractUnknown")
      .withArgs(OTHER);
    await expect(directory.change([good], outsider))
      .to.be.revertedWithCustomError(directory, "ContractInvalid")
      .withArgs(outsider.address);
  });

  it("takes no change within a change: what it records is what is behind the proxy", async () => {
    const platform = await loadFixture(openedSession);
    const { directory, check, ledger } = platform;
    const [shown, hidden] = [
      await changeTo(platform, "queryLedger", "QueryLedgerV2"),
      await changeTo(platform, "queryLedger", "QueryLedger"),
    ];
    const before = await implementationOf(ledger);
    const smuggled = ledger.interface.encodeFunctionData("upgradeToAndCall", [
      await resolveAddress(hidden.implementation),
      "0x",
    ]);
    await expect(directory.change([{ ...shown, initialization: smuggled }], check))
      .to.be.revertedWithCustomError(directory, "ChangeInitializationInvalid")
      .withArgs(NAMES.queryLedger, smuggled.slice(0, 10));
    expect(await implementationOf(ledger)).to.equal(before);
  });

  it("is alone in changing what is behind a proxy", async () => {
    const platform = await loadFixture(openedSession);
    const { authority, admin, constitution, dutyDesk, staff, deployer, directory } = platform;
    const CHANGE = await authority.CHANGE_ROLE();
    const holders = (await authority.queryFilter(authority.filters.RoleGranted(CHANGE))).map(
      ({ args }) => args.account,
    );
    expect(holders).to.deep.equal([await directory.getAddress()]);
    const { implementation } = await changeTo(platform, "points", "Points");
    for (const proxy of [platform.members, platform.points, platform.ledger, platform.datasets, platform.rules]) {
      for (const person of [admin, deployer, ...staff]) {
        await expect(proxy.connect(person).upgradeToAndCall(implementation, "0x"))
          .to.be.revertedWithCustomError(proxy, "AccessManagedUnauthorized")
          .withArgs(person.address);
      }
    }
    for (const desk of [constitution, dutyDesk]) {
      expect((await authority.hasRole(CHANGE, desk))[0]).to.equal(false);
    }
  });

  describe("taking back", () => {
    it("puts the version before in force within a week, once", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check, ledger } = platform;
      const before = await implementationOf(ledger);
      const change = await changeTo(platform, "queryLedger", "QueryLedgerV2");
      await expect(directory.change([change], check))
        .to.emit(directory, "ContractChanged")
        .withArgs(
          NAMES.queryLedger,
          2,
          change.implementation,
          keccak256(await ethers.provider.getCode(await resolveAddress(change.implementation))),
        )
        .and.to.emit(directory, "ChangePassed")
        .withArgs(await check.getAddress());
      expect(await implementationOf(ledger)).to.equal(change.implementation);
      const { since } = await directory.getVersion(NAMES.queryLedger, 2);
      await time.setNextBlockTimestamp(since + BigInt(WEEK));
      await expect(directory.takeBack(NAMES.queryLedger, check))
        .to.emit(directory, "ChangeTakenBack")
        .withArgs(NAMES.queryLedger, 2);
      expect(await implementationOf(ledger)).to.equal(before);
      expect(await directory.versionOf(NAMES.queryLedger)).to.equal(3n);
      expect((await directory.getVersion(NAMES.queryLedger, 2)).takenBack).to.equal(true);
      await expect(directory.takeBack(NAMES.queryLedger, check))
        .to.be.revertedWithCustomError(directory, "ChangeNotReversible")
        .withArgs(NAMES.queryLedger, 3);
    });

    it("is over after a week", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check } = platform;
      await directory.change([await changeTo(platform, "queryLedger", "QueryLedgerV2")], check);
      const { since } = await directory.getVersion(NAMES.queryLedger, 2);
      await time.setNextBlockTimestamp(since + BigInt(WEEK) + 1n);
      await expect(directory.takeBack(NAMES.queryLedger, check))
        .to.be.revertedWithCustomError(directory, "ChangeProbationOver")
        .withArgs(NAMES.queryLedger, since + BigInt(WEEK));
    });

    it("is refused for the first version, for what was declared irreversible and for what is unknown", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check } = platform;
      await expect(directory.takeBack(OTHER, check))
        .to.be.revertedWithCustomError(directory, "ContractUnknown")
        .withArgs(OTHER);
      await expect(directory.takeBack(NAMES.points, check))
        .to.be.revertedWithCustomError(directory, "ChangeNotReversible")
        .withArgs(NAMES.points, 1);
      const change = await changeTo(platform, "points", "Points", { reversible: false });
      await directory.change([change], check);
      await expect(directory.takeBack(NAMES.points, check))
        .to.be.revertedWithCustomError(directory, "ChangeNotReversible")
        .withArgs(NAMES.points, 2);
    });

    it("takes back together what was changed together", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check, ledger, members } = platform;
      const before = [await implementationOf(ledger), await implementationOf(members)];
      const pair = [
        await changeTo(platform, "queryLedger", "QueryLedgerV2"),
        await changeTo(platform, "memberRegistry", "MemberRegistryV2"),
      ];
      await directory.change(pair, check);
      await expect(directory.takeBack(NAMES.memberRegistry, check))
        .to.emit(directory, "ChangeTakenBack")
        .withArgs(NAMES.queryLedger, 2)
        .and.to.emit(directory, "ChangeTakenBack")
        .withArgs(NAMES.memberRegistry, 2);
      expect([await implementationOf(ledger), await implementationOf(members)]).to.deep.equal(before);
    });

    it("is refused when one of a pair is irreversible or was changed again since", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check } = platform;
      await directory.change(
        [
          await changeTo(platform, "queryLedger", "QueryLedgerV2"),
          await changeTo(platform, "points", "Points", { reversible: false }),
        ],
        check,
      );
      await expect(directory.takeBack(NAMES.queryLedger, check))
        .to.be.revertedWithCustomError(directory, "ChangeNotReversible")
        .withArgs(NAMES.points, 2);
      await directory.change(
        [
          await changeTo(platform, "queryLedger", "QueryLedgerV2"),
          await changeTo(platform, "memberRegistry", "MemberRegistryV2"),
        ],
        check,
      );
      await directory.change([await changeTo(platform, "memberRegistry", "MemberRegistryV2")], check);
      await expect(directory.takeBack(NAMES.queryLedger, check))
        .to.be.revertedWithCustomError(directory, "ChangeNotReversible")
        .withArgs(NAMES.memberRegistry, 3);
      await directory.takeBack(NAMES.memberRegistry, check);
    });
  });

  describe("the check", () => {
    it("that finds something makes that nothing was changed", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, ledger } = platform;
      const before = await implementationOf(ledger);
      const unhappy = await ethers.deployContract("FixedCheck", [encodeBytes32String("NOT_NICE")]);
      await expect(
        directory.change([await changeTo(platform, "queryLedger", "QueryLedgerV2")], await unhappy.getAddress()),
      )
        .to.be.revertedWithCustomError(directory, "ChangeCheckFailed")
        .withArgs(await unhappy.getAddress(), encodeBytes32String("NOT_NICE"));
      expect(await implementationOf(ledger)).to.equal(before);
      expect(await directory.versionOf(NAMES.queryLedger)).to.equal(1n);
    });

    it("that finds something keeps the changed version in force, too, when it was to be taken back", async () => {
      const platform = await loadFixture(openedSession);
      const { directory, check, ledger } = platform;
      const change = await changeTo(platform, "queryLedger", "QueryLedgerV2");
      await directory.change([change], check);
      const unhappy = await ethers.deployContract("FixedCheck", [encodeBytes32String("NOT_NICE")]);
      await expect(directory.takeBack(NAMES.queryLedger, await unhappy.getAddress())).to.be.revertedWithCustomError(
        directory,
        "ChangeCheckFailed",
      );
      expect(await implementationOf(ledger)).to.equal(change.implementation);
      expect((await directory.getVersion(NAMES.queryLedger, 2)).takenBack).to.equal(false);
      await directory.takeBack(NAMES.queryLedger, check);
    });

    for (const inVerify of [false, true]) {
      it(`can change nothing while it looks ${inVerify ? "after" : "before"}: it is called statically`, async () => {
        const platform = await loadFixture(openedSession);
        const { directory, ledger, authority, admin } = platform;
        const before = await implementationOf(ledger);
        const meddling = await ethers.deployContract("MeddlingCheck", [await directory.getAddress(), inVerify]);
        await authority.grantRole(await authority.ASSOCIATION_ROLE(), meddling, 0);
        const change = await changeTo(platform, "queryLedger", "QueryLedgerV2");
        let failure = "";
        await directory
          .connect(admin)
          .change([change], await meddling.getAddress(), { gasLimit: 10_000_000 })
          .catch((error: unknown) => (failure = String(error)));
        expect(failure).to.contain("revert");
        expect(await meddling.getFunction("asked")()).to.equal(0n);
        expect(await implementationOf(ledger)).to.equal(before);
      });
    }
  });
});
