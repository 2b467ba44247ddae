import { expect } from "chai";
import { getAddress, ZeroAddress, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { connection, DAY, digest, Kind, POINT, prepare, presentKey, Status } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers, deployedPlatform, type Opened } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;

const URL = "https://relayer.example:8443";

/** One application, not admitted. */
async function applied() {
  const platform = await loadFixture(deployedPlatform);
  const [applicant, second, third] = platform.accounts as [(typeof platform.accounts)[0], ...typeof platform.accounts];
  await platform.members.connect(applicant).apply_(Kind.SecuritiesFirm, "alpha", URL);
  return { ...platform, applicant, second: second!, third: third! };
}

/** `another` applies, unless it has; tells whether it did so now. */
async function applyOnce({ members, another }: Opened): Promise<boolean> {
  if ((await members.getOperator(another)).member !== 0n) return false;
  await members.connect(another).apply_(Kind.Bank, "epsilon-bank", URL);
  return true;
}

describe("MemberRegistry", () => {
  shouldBehaveLikeRestricted([
    {
      name: "recordReview",
      role: "DUTY_ROLE",
      call: async (platform, as) => {
        await applyOnce(platform);
        return platform.members.connect(as).recordReview(6, digest("review"));
      },
    },
    {
      name: "recordAcceptance",
      role: "DUTY_ROLE",
      call: async (platform, as) => {
        await applyOnce(platform);
        await platform.members.recordReview(6, digest("review"));
        return platform.members.connect(as).recordAcceptance(6, digest("acceptance"));
      },
    },
    {
      name: "admit",
      role: "ASSOCIATION_ROLE",
      call: async (platform, as) => {
        if (await applyOnce(platform)) await prepare(platform, platform.another);
        return platform.members.connect(as).admit(6);
      },
    },
    {
      name: "suspend",
      role: "DUTY_ROLE",
      call: ({ members }, as) => members.connect(as).suspend(3, digest("r")),
    },
    {
      name: "reinstate",
      role: "DUTY_ROLE",
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
      const { members, accounts, emergency } = await loadFixture(deployedPlatform);
      const applicant = accounts[0]!;
      await expect(members.connect(applicant).apply_(Kind.SecuritiesFirm, "alpha", URL))
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
        ZeroHash,
        ZeroHash,
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
        const { members } = await loadFixture(deployedPlatform);
        await expect(members.apply_(Kind.Bank, name, URL))
          .to.be.revertedWithCustomError(members, "MemberNameInvalid")
          .withArgs(name);
      });
    }

    for (const name of ["ab", "0-9", "a".repeat(32)]) {
      it(`takes the name "${name}"`, async () => {
        const { members } = await loadFixture(deployedPlatform);
        await members.apply_(Kind.Bank, name, URL);
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
        const { members } = await loadFixture(deployedPlatform);
        await expect(members.apply_(Kind.Bank, "delta", endpoint))
          .to.be.revertedWithCustomError(members, "EndpointInvalid")
          .withArgs(endpoint);
      });
    }

    it("refuses a taken name, an operator in use, and no kind", async () => {
      const { members, applicant, second } = await loadFixture(applied);
      await expect(members.connect(second).apply_(Kind.Bank, "alpha", URL))
        .to.be.revertedWithCustomError(members, "MemberNameTaken")
        .withArgs("alpha");
      await expect(members.connect(applicant).apply_(Kind.Bank, "beta", URL))
        .to.be.revertedWithCustomError(members, "OperatorInUse")
        .withArgs(applicant.address, 1);
      await expect(members.connect(second).apply_(Kind.None, "beta", URL))
        .to.be.revertedWithCustomError(members, "MemberKindInvalid")
        .withArgs(Kind.None);
      expect(await members.memberCount()).to.equal(1n);
    });
  });

  describe("admission", () => {
    it("comes after review, acceptance run and certificate, in any case after all three", async () => {
      const platform = await loadFixture(applied);
      const { members, applicant } = platform;
      const index = await presentKey(platform, applicant);
      await expect(members.recordAcceptance(1, digest("a")))
        .to.be.revertedWithCustomError(members, "MemberNotReviewed")
        .withArgs(1);
      await expect(members.admit(1)).to.be.revertedWithCustomError(members, "MemberNotAccepted").withArgs(1);
      await expect(members.recordReview(1, digest("review")))
        .to.emit(members, "MemberReviewed")
        .withArgs(1, digest("review"));
      await expect(members.admit(1)).to.be.revertedWithCustomError(members, "MemberNotAccepted").withArgs(1);
      await expect(members.recordAcceptance(1, digest("acceptance")))
        .to.emit(members, "MemberAccepted")
        .withArgs(1, digest("acceptance"));
      await expect(members.admit(1)).to.be.revertedWithCustomError(members, "KeyNotCertified").withArgs(1);
      await members.certifyKey(1, index, digest("certificate"));
      await members.admit(1);
      const { reviewDigest, acceptanceDigest } = await members.getMember(1);
      expect([reviewDigest, acceptanceDigest]).to.deep.equal([digest("review"), digest("acceptance")]);
    });

    it("is refused to who has only a key that was revoked or is over", async () => {
      const platform = await loadFixture(applied);
      const { members, applicant } = platform;
      await prepare(platform, applicant);
      await members.revokeKey(1, 0, digest("lost"));
      await expect(members.admit(1)).to.be.revertedWithCustomError(members, "KeyNotCertified").withArgs(1);
      await members.certifyKey(1, await presentKey(platform, applicant), digest("second"));
      await members.certifyKey(1, await presentKey(platform, applicant), digest("third"));
      await members.revokeKey(1, 2, digest("lost"));
      // The second key is valid for the overlap still, then no key is.
      await time.increase(7 * DAY);
      await expect(members.admit(1)).to.be.revertedWithCustomError(members, "KeyNotCertified").withArgs(1);
    });

    it("records no empty digest", async () => {
      const { members } = await loadFixture(applied);
      for (const call of [
        async () => members.recordReview(1, ZeroHash),
        async () => members.recordAcceptance(1, ZeroHash),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(members, "MemberDigestEmpty").withArgs(1);
      }
    });

    it("of one that was turned away never comes", async () => {
      const platform = await loadFixture(applied);
      const { members, applicant } = platform;
      await prepare(platform, applicant);
      await members.exit(1);
      await expect(members.admit(1))
        .to.be.revertedWithCustomError(members, "MemberStatusConflict")
        .withArgs(1, Status.Exited, Status.Applied);
      expect(await members.hasValidKey(1)).to.equal(false);
    });
  });

  describe("status", () => {
    it("goes from applied to active, suspended, active, exited", async () => {
      const platform = await loadFixture(applied);
      const { members, points } = platform;
      await prepare(platform, platform.applicant);
      expect(await members.admittedCount()).to.equal(0n);
      await expect(members.admit(1)).to.emit(members, "MemberAdmitted").withArgs(1);
      expect(await members.admittedCount()).to.equal(1n);
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
      for (const [admitted, count] of [
        [true, 1n],
        [false, 0n],
      ] as const) {
        expect([await members.isAdmitted(1), await members.admittedCount()]).to.deep.equal([admitted, count]);
        if (admitted) await expect(members.exit(1)).to.emit(members, "MemberExited").withArgs(1);
      }
      expect((await members.getMember(1)).status).to.equal(Status.Exited);
    });

    it("changes in no other order", async () => {
      const platform = await loadFixture(applied);
      const { members } = platform;
      const refuse = async (call: Promise<unknown>, status: number, needed: number) =>
        expect(call).to.be.revertedWithCustomError(members, "MemberStatusConflict").withArgs(1, status, needed);
      await refuse(members.suspend(1, digest("r")), Status.Applied, Status.Active);
      await refuse(members.reinstate(1), Status.Applied, Status.Suspended);
      await prepare(platform, platform.applicant);
      await members.admit(1);
      await refuse(members.admit(1), Status.Active, Status.Applied);
      await refuse(members.recordReview(1, digest("r")), Status.Active, Status.Applied);
      await refuse(members.recordAcceptance(1, digest("r")), Status.Active, Status.Applied);
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
      const { members } = await loadFixture(applied);
      for (const call of [
        async () => members.admit(2),
        async () => members.recordReview(2, digest("r")),
        async () => members.recordAcceptance(2, digest("r")),
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
      const { members, alpha, spare } = await loadFixture(admittedMembers);
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
      await expect(members.connect(spare).apply_(Kind.Bank, "alpha", URL)).to.be.revertedWithCustomError(
        members,
        "MemberNameTaken",
      );
    });

    it("does not let one member end another", async () => {
      const { members, alpha, beta } = await loadFixture(admittedMembers);
      await expect(members.connect(alpha.operator).exit(beta.id)).to.be.revertedWithCustomError(
        members,
        "AccessManagedUnauthorized",
      );
    });

    it("frees the name of an applicant that was turned away", async () => {
      const { members, second } = await loadFixture(applied);
      await members.exit(1);
      expect(await members.admittedCount()).to.equal(0n);
      expect(await members.memberByName("alpha")).to.equal(0n);
      await members.connect(second).apply_(Kind.Bank, "alpha", URL);
      expect(await members.memberByName("alpha")).to.equal(2n);
    });
  });

  it("lets a member move its endpoint", async () => {
    const { members, alpha, outsider } = await loadFixture(admittedMembers);
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
    const { members, alpha } = await loadFixture(admittedMembers);
    const hash = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["string", "address", "uint32"],
        ["riskveil/vault", await members.getAddress(), alpha.id],
      ),
    );
    expect(await members.vaultOf(alpha.id)).to.equal(getAddress(`0x${hash.slice(-40)}`));
  });

  it("takes rules with code only", async () => {
    const { members, outsider } = await loadFixture(admittedMembers);
    for (const address of [ZeroAddress, outsider.address]) {
      await expect(members.setIncentiveRules(address))
        .to.be.revertedWithCustomError(members, "IncentiveRulesInvalid")
        .withArgs(address);
    }
  });
});
