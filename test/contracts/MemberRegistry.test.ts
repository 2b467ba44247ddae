import { expect } from "chai";
import { getAddress, Wallet, ZeroAddress } from "ethers";
import { describe, it } from "mocha";

import { connection, digest, Kind, POINT, Status } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers, deployedPlatform } from "./stages.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const URL = "https://relayer.example:8443";
const CERTIFICATE = digest("certificate");

/** One application, not admitted. */
async function applied() {
  const platform = await deployedPlatform();
  const [applicant, second, third] = platform.accounts as [(typeof platform.accounts)[0], ...typeof platform.accounts];
  await platform.members.connect(applicant).apply_(Kind.SecuritiesFirm, "alpha", URL, CERTIFICATE);
  return { ...platform, applicant, second: second!, third: third! };
}

describe("MemberRegistry", () => {
  shouldBehaveLikeRestricted([
    {
      name: "admit",
      role: "ASSOCIATION_ROLE",
      call: async ({ members, another }, as) => {
        await members
          .connect(another)
          .apply_(Kind.Bank, `bank-${another.address.slice(2, 8).toLowerCase()}`, URL, CERTIFICATE)
          .catch(() => undefined);
        return members.connect(as).admit(6);
      },
    },
    {
      name: "suspend",
      role: "ASSOCIATION_ROLE",
      call: ({ members }, as) => members.connect(as).suspend(3, digest("r")),
    },
    {
      name: "reinstate",
      role: "ASSOCIATION_ROLE",
      call: async ({ members }, as) => {
        await members.suspend(3, digest("r")).catch(() => undefined);
        return members.connect(as).reinstate(3);
      },
    },
    {
      name: "exit of another member",
      role: "ASSOCIATION_ROLE",
      call: ({ members }, as) => members.connect(as).exit(3),
    },
    {
      name: "setIncentiveRules",
      role: "ADMIN_ROLE",
      call: ({ members, rules }, as) => members.connect(as).setIncentiveRules(rules),
    },
  ]);

  describe("application", () => {
    it("makes the caller the first operator of a new member", async () => {
      const { members, accounts, emergency } = await networkHelpers.loadFixture(deployedPlatform);
      const applicant = accounts[0]!;
      await expect(members.connect(applicant).apply_(Kind.SecuritiesFirm, "alpha", URL, CERTIFICATE))
        .to.emit(members, "MemberApplied")
        .withArgs(1, Kind.SecuritiesFirm, applicant.address, "alpha")
        .and.to.emit(members, "OperatorAppointed")
        .withArgs(1, applicant.address);
      const moment = await emergency.time();
      expect(await members.getMember(1)).to.deep.equal([
        BigInt(Kind.SecuritiesFirm),
        BigInt(Status.Applied),
        moment,
        moment,
        CERTIFICATE,
        "alpha",
        URL,
      ]);
      expect(await members.getOperator(applicant)).to.deep.equal([1n, moment, 0n]);
      expect(await members.memberOf(applicant)).to.equal(1n);
      expect(await members.memberByName("alpha")).to.equal(1n);
      expect(await members.memberCount()).to.equal(1n);
      expect(await members.isActive(1)).to.equal(false);
    });

    for (const name of ["", "a", "a".repeat(33), "Alpha", "al pha", "älpha", "alpha_", "证券"]) {
      it(`refuses the name "${name}"`, async () => {
        const { members } = await networkHelpers.loadFixture(deployedPlatform);
        await expect(members.apply_(Kind.Bank, name, URL, CERTIFICATE))
          .to.be.revertedWithCustomError(members, "MemberNameInvalid")
          .withArgs(name);
      });
    }

    for (const name of ["ab", "0-9", "a".repeat(32)]) {
      it(`takes the name "${name}"`, async () => {
        const { members } = await networkHelpers.loadFixture(deployedPlatform);
        await members.apply_(Kind.Bank, name, URL, CERTIFICATE);
        expect(await members.memberByName(name)).to.equal(1n);
      });
    }

    for (const endpoint of [
      "",
      "http://",
      "https://",
      "ftp://a",
      "HTTP://a",
      "http://a b",
      "http://ä",
      `http://${"a".repeat(194)}`,
    ]) {
      it(`refuses the endpoint "${endpoint.slice(0, 20)}" of ${endpoint.length} characters`, async () => {
        const { members } = await networkHelpers.loadFixture(deployedPlatform);
        await expect(members.apply_(Kind.Bank, "delta", endpoint, CERTIFICATE))
          .to.be.revertedWithCustomError(members, "EndpointInvalid")
          .withArgs(endpoint);
      });
    }

    it("refuses a taken name, an operator in use, and no kind", async () => {
      const { members, applicant, second } = await networkHelpers.loadFixture(applied);
      await expect(members.connect(second).apply_(Kind.Bank, "alpha", URL, CERTIFICATE))
        .to.be.revertedWithCustomError(members, "MemberNameTaken")
        .withArgs("alpha");
      await expect(members.connect(applicant).apply_(Kind.Bank, "beta", URL, CERTIFICATE))
        .to.be.revertedWithCustomError(members, "OperatorInUse")
        .withArgs(applicant.address, 1);
      await expect(members.connect(second).apply_(Kind.None, "beta", URL, CERTIFICATE))
        .to.be.revertedWithCustomError(members, "MemberKindInvalid")
        .withArgs(Kind.None);
      expect(await members.memberCount()).to.equal(1n);
    });
  });

  describe("status", () => {
    it("goes from applied to active, suspended, active, exited", async () => {
      const { members, points } = await networkHelpers.loadFixture(applied);
      await expect(members.admit(1)).to.emit(members, "MemberAdmitted").withArgs(1);
      expect(await members.isActive(1)).to.equal(true);
      expect(await points.pointsOf(1)).to.equal(20_000n * POINT);
      await expect(members.suspend(1, digest("r")))
        .to.emit(members, "MemberSuspended")
        .withArgs(1, digest("r"));
      expect(await members.isActive(1)).to.equal(false);
      const moment = (await time.latest()) + 50;
      await time.setNextBlockTimestamp(moment);
      await expect(members.reinstate(1)).to.emit(members, "MemberReinstated").withArgs(1);
      expect((await members.getMember(1)).statusAt).to.equal(moment);
      await expect(members.exit(1)).to.emit(members, "MemberExited").withArgs(1);
      expect((await members.getMember(1)).status).to.equal(Status.Exited);
    });

    it("changes in no other order", async () => {
      const { members } = await networkHelpers.loadFixture(applied);
      const refuse = async (call: Promise<unknown>, status: number, needed: number) =>
        expect(call).to.be.revertedWithCustomError(members, "MemberStatusConflict").withArgs(1, status, needed);
      await refuse(members.suspend(1, digest("r")), Status.Applied, Status.Active);
      await refuse(members.reinstate(1), Status.Applied, Status.Suspended);
      await members.admit(1);
      await refuse(members.admit(1), Status.Active, Status.Applied);
      await refuse(members.reinstate(1), Status.Active, Status.Suspended);
      await members.suspend(1, digest("r"));
      await refuse(members.admit(1), Status.Suspended, Status.Applied);
      await refuse(members.suspend(1, digest("r")), Status.Suspended, Status.Active);
      await members.exit(1);
      await refuse(members.exit(1), Status.Exited, Status.Active);
      await refuse(members.admit(1), Status.Exited, Status.Applied);
      await refuse(members.reinstate(1), Status.Exited, Status.Suspended);
    });

    it("is of known members only", async () => {
      const { members } = await networkHelpers.loadFixture(applied);
      for (const call of [
        async () => members.admit(2),
        async () => members.suspend(0, digest("r")),
        async () => members.exit(2),
        async () => members.getMember(2),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(members, "MemberUnknown");
      }
      expect(await members.isActive(2)).to.equal(false);
      expect(await members.memberByName("nobody")).to.equal(0n);
    });

    it("lets a member leave by itself, for good", async () => {
      const { members, alpha, spare } = await networkHelpers.loadFixture(admittedMembers);
      await members.connect(alpha.operator).exit(alpha.id);
      const mine = members.connect(alpha.operator);
      for (const call of [
        async () => mine.setEndpoint(URL),
        async () => mine.nominateOperator(spare),
        async () => mine.retireOperator(alpha.operator),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(members, "MemberNotActive")
          .withArgs(alpha.id, Status.Exited);
      }
      await expect(members.activeMemberOf(alpha.operator)).to.be.revertedWithCustomError(members, "MemberNotActive");
      await expect(members.connect(spare).apply_(Kind.Bank, "alpha", URL, CERTIFICATE)).to.be.revertedWithCustomError(
        members,
        "MemberNameTaken",
      );
    });

    it("does not let one member end another", async () => {
      const { members, alpha, beta } = await networkHelpers.loadFixture(admittedMembers);
      await expect(members.connect(alpha.operator).exit(beta.id)).to.be.revertedWithCustomError(
        members,
        "AccessManagedUnauthorized",
      );
    });

    it("frees the name of an applicant that was turned away", async () => {
      const { members, second } = await networkHelpers.loadFixture(applied);
      await members.exit(1);
      expect(await members.memberByName("alpha")).to.equal(0n);
      await members.connect(second).apply_(Kind.Bank, "alpha", URL, CERTIFICATE);
      expect(await members.memberByName("alpha")).to.equal(2n);
    });
  });

  describe("operators", () => {
    it("are nominated by one in office and accept themselves", async () => {
      const { members, alpha, spare } = await networkHelpers.loadFixture(admittedMembers);
      await expect(members.connect(alpha.operator).nominateOperator(spare))
        .to.emit(members, "OperatorNominated")
        .withArgs(alpha.id, spare.address);
      await expect(members.memberOf(spare)).to.be.revertedWithCustomError(members, "OperatorUnknown");
      await expect(members.connect(spare).acceptNomination(alpha.id))
        .to.emit(members, "OperatorAppointed")
        .withArgs(alpha.id, spare.address);
      expect(await members.activeMemberOf(spare)).to.equal(alpha.id);
    });

    it("serve nobody uninvited", async () => {
      const { members, alpha, beta, spare, outsider } = await networkHelpers.loadFixture(admittedMembers);
      await members.connect(alpha.operator).nominateOperator(spare);
      for (const [account, member] of [
        [outsider, alpha.id],
        [spare, beta.id],
        [outsider, 0n],
        [outsider, 99n],
      ] as const) {
        await expect(members.connect(account).acceptNomination(member))
          .to.be.revertedWithCustomError(members, "OperatorNotNominated")
          .withArgs(account.address, member);
      }
      await expect(members.connect(outsider).nominateOperator(spare))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });

    it("serve one member, ever", async () => {
      const { members, alpha, beta, spare } = await networkHelpers.loadFixture(admittedMembers);
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(beta.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      await expect(members.connect(spare).acceptNomination(beta.id))
        .to.be.revertedWithCustomError(members, "OperatorInUse")
        .withArgs(spare.address, alpha.id);
      await members.connect(alpha.operator).retireOperator(spare);
      await expect(members.connect(beta.operator).nominateOperator(spare)).to.be.revertedWithCustomError(
        members,
        "OperatorInUse",
      );
      await expect(members.connect(spare).apply_(Kind.Bank, "zeta", URL, CERTIFICATE)).to.be.revertedWithCustomError(
        members,
        "OperatorInUse",
      );
    });

    it("lose their nominations when they retire", async () => {
      const { members, alpha, spare, another } = await networkHelpers.loadFixture(admittedMembers);
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      await members.connect(spare).nominateOperator(another);
      await members.connect(alpha.operator).retireOperator(spare);
      await expect(members.connect(another).acceptNomination(alpha.id))
        .to.be.revertedWithCustomError(members, "OperatorNotNominated")
        .withArgs(another.address, alpha.id);
    });

    it("are retired by their own member, all but the last", async () => {
      const { members, alpha, beta, spare } = await networkHelpers.loadFixture(admittedMembers);
      await expect(members.connect(alpha.operator).retireOperator(alpha.operator))
        .to.be.revertedWithCustomError(members, "OperatorLast")
        .withArgs(alpha.id, alpha.operator.address);
      await expect(members.connect(alpha.operator).retireOperator(beta.operator))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(beta.operator.address);
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      await expect(members.connect(spare).retireOperator(alpha.operator))
        .to.emit(members, "OperatorRetired")
        .withArgs(alpha.id, alpha.operator.address);
      await expect(members.memberOf(alpha.operator)).to.be.revertedWithCustomError(members, "OperatorUnknown");
      await expect(members.connect(spare).retireOperator(alpha.operator)).to.be.revertedWithCustomError(
        members,
        "OperatorUnknown",
      );
    });

    it("were in office from their appointment until, not at, their retirement", async () => {
      const { members, alpha, beta, spare } = await networkHelpers.loadFixture(admittedMembers);
      await members.connect(alpha.operator).nominateOperator(spare);
      const since = (await time.latest()) + 100;
      const until = since + 100;
      await time.setNextBlockTimestamp(since);
      await members.connect(spare).acceptNomination(alpha.id);
      expect(await members.wasOperatorOf(alpha.id, spare, until + 1_000_000)).to.equal(true);
      await time.setNextBlockTimestamp(until);
      await members.connect(alpha.operator).retireOperator(spare);
      for (const [moment, expected] of [
        [since - 1, false],
        [since, true],
        [until - 1, true],
        [until, false],
      ] as const) {
        expect(await members.wasOperatorOf(alpha.id, spare, moment)).to.equal(expected);
      }
      expect(await members.wasOperatorOf(beta.id, spare, since)).to.equal(false);
      expect(await members.wasOperatorOf(0, Wallet.createRandom(), since)).to.equal(false);
    });

    it("of a suspended member still act for it, but not as for an active one", async () => {
      const { members, alpha } = await networkHelpers.loadFixture(admittedMembers);
      await members.suspend(alpha.id, digest("r"));
      expect(await members.memberOf(alpha.operator)).to.equal(alpha.id);
      await expect(members.activeMemberOf(alpha.operator))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
    });
  });

  it("lets a member move its endpoint", async () => {
    const { members, alpha, outsider } = await networkHelpers.loadFixture(admittedMembers);
    await expect(members.connect(alpha.operator).setEndpoint(URL))
      .to.emit(members, "EndpointChanged")
      .withArgs(alpha.id, URL);
    expect((await members.getMember(alpha.id)).endpoint).to.equal(URL);
    await expect(members.connect(alpha.operator).setEndpoint("nowhere")).to.be.revertedWithCustomError(
      members,
      "EndpointInvalid",
    );
    await expect(members.connect(outsider).setEndpoint(URL)).to.be.revertedWithCustomError(members, "OperatorUnknown");
  });

  it("derives vaults from the registry's address and the member's number", async () => {
    const { members, alpha } = await networkHelpers.loadFixture(admittedMembers);
    const hash = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["string", "address", "uint32"],
        ["riskveil/vault", await members.getAddress(), alpha.id],
      ),
    );
    expect(await members.vaultOf(alpha.id)).to.equal(getAddress(`0x${hash.slice(-40)}`));
  });

  it("takes rules with code only", async () => {
    const { members, outsider } = await networkHelpers.loadFixture(admittedMembers);
    for (const address of [ZeroAddress, outsider.address]) {
      await expect(members.setIncentiveRules(address))
        .to.be.revertedWithCustomError(members, "IncentiveRulesInvalid")
        .withArgs(address);
    }
  });
});
