import { expect } from "chai";
import { Wallet, ZeroAddress } from "ethers";
import { describe, it } from "mocha";

import { MemberCouncil__factory } from "../../types/ethers-contracts/factories/governance/MemberCouncil__factory.ts";
import { callOf, enact, type Founded, foundedCouncil, idOf, operationOf, propose } from "./governance.ts";
import { admit, connection, digest, Kind, type Signer } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;

/** As `admittedMembers` (three firms, one bank, the Association), and two firms more: nobody has a seat, `admin` is all. */
async function unseated() {
  const platform = await loadFixture(admittedMembers);
  const { members, alpha, beta, gamma, bank, spare, another } = platform;
  const firms = [alpha, beta, gamma, bank];
  for (const [index, operator] of [spare, another].entries()) {
    await members.connect(operator).apply_(Kind.Insurer, `insurer-${index}`, "https://insurer.example");
    firms.push({ id: await admit(platform, operator), operator });
  }
  return { ...platform, firms };
}

type Unseated = Awaited<ReturnType<typeof unseated>>;

/** The first `count` firms have claimed seats. */
async function claimed(platform: Unseated, count: number) {
  for (const { operator } of platform.firms.slice(0, count)) await platform.council.connect(operator).claimSeat();
}

async function stop(platform: Pick<Founded, "council" | "constitution" | "staff" | "parameters">, voters: Signer[]) {
  const { council, constitution, staff, parameters } = platform;
  const operation = await operationOf([callOf(parameters, "setSettlementWindow", [3600])]);
  await propose(constitution, staff[0], operation);
  const id = await idOf(constitution, operation);
  for (const voter of voters) await council.connect(voter).object(id, digest("no"));
  return id;
}

describe("MemberCouncil", () => {
  shouldBehaveLikeRestricted([
    {
      name: "seat",
      role: "ASSOCIATION_ROLE",
      call: async (platform, as) => {
        const { council, members, accounts, bank } = platform;
        if ((await council.seats()).length === 0) {
          const firms = [platform.alpha, platform.beta, platform.gamma];
          for (const [index, operator] of accounts.slice(10, 12).entries()) {
            await members.connect(operator).apply_(Kind.Insurer, `insurer-${index}`, "https://insurer.example");
            firms.push({ id: await admit(platform, operator), operator });
          }
          for (const { operator } of firms) await council.connect(operator).claimSeat();
        }
        return council.connect(as).seat(bank.id);
      },
    },
    {
      name: "vacate of a member that stays",
      role: "ASSOCIATION_ROLE",
      call: async ({ council, alpha, beta, gamma, bank }, as) => {
        if ((await council.seats()).length === 0) {
          for (const { operator } of [alpha, beta, gamma, bank]) await council.connect(operator).claimSeat();
        }
        return council.connect(as).vacate(alpha.id);
      },
    },
  ]);

  describe("founding seats", () => {
    it("are claimed by five firms themselves, each one", async () => {
      const platform = await loadFixture(unseated);
      const { council, firms } = platform;
      const [first] = firms as [(typeof firms)[0]];
      await expect(council.connect(first.operator).claimSeat()).to.emit(council, "SeatTaken").withArgs(first.id);
      await expect(council.connect(first.operator).claimSeat())
        .to.be.revertedWithCustomError(council, "CouncilSeatHeld")
        .withArgs(first.id);
      await claimed({ ...platform, firms: firms.slice(1) }, 4);
      expect(await council.seats()).to.deep.equal(firms.slice(0, 5).map(({ id }) => id));
      await expect(council.connect(firms[5]?.operator).claimSeat())
        .to.be.revertedWithCustomError(council, "CouncilSeatsTaken")
        .withArgs(5);
    });

    it("are for firms that were admitted: no applicant, no Association, no outsider", async () => {
      const { council, members, association, accounts, outsider } = await loadFixture(unseated);
      const applicant = accounts[12] as Signer;
      await members.connect(applicant).apply_(Kind.SecuritiesFirm, "applicant", "https://applicant.example");
      for (const [operator, id] of [
        [association.operator, association.id],
        [applicant, 8n],
      ] as const) {
        await expect(council.connect(operator).claimSeat())
          .to.be.revertedWithCustomError(council, "CouncilMemberNotEligible")
          .withArgs(id);
      }
      await expect(council.connect(outsider).claimSeat())
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });

    it("are open to a suspended firm: the Association chooses no council by suspending", async () => {
      const { council, members, alpha } = await loadFixture(unseated);
      await members.suspend(alpha.id, digest("before it claims"));
      await council.connect(alpha.operator).claimSeat();
      expect(await council.seats()).to.deep.equal([alpha.id]);
    });

    it("cannot be given away by the constitution before firms have claimed them", async () => {
      const platform = await loadFixture(unseated);
      const { council, firms } = platform;
      await claimed(platform, 4);
      await expect(council.seat(firms[5]?.id ?? 0))
        .to.be.revertedWithCustomError(council, "CouncilFounding")
        .withArgs(4);
      await claimed({ ...platform, firms: firms.slice(4) }, 1);
      await expect(council.seat(firms[5]?.id ?? 0))
        .to.emit(council, "SeatTaken")
        .withArgs(firms[5]?.id);
    });

    it("stay open when a founder leaves before all are taken, and close when the constitution takes one back", async () => {
      const platform = await loadFixture(unseated);
      const { council, members, firms, outsider } = platform;
      await claimed(platform, 4);
      await members.exit(firms[0]?.id ?? 0);
      await council.connect(outsider).vacate(firms[0]?.id ?? 0);
      await council.connect(firms[4]?.operator).claimSeat();
      await council.vacate(firms[1]?.id ?? 0);
      for (const { operator } of [firms[1], firms[5]] as (typeof firms)[0][]) {
        await expect(council.connect(operator).claimSeat())
          .to.be.revertedWithCustomError(council, "CouncilSeatsTaken")
          .withArgs(3);
      }
    });
  });

  describe("later seats", () => {
    it("are given by the constitution to firms that have none", async () => {
      const platform = await loadFixture(foundedCouncil);
      const { council, association, regulator, alpha, zeta, applicant } = platform;
      for (const { id } of [association, regulator, applicant, { id: 99 }]) {
        await expect(enact(platform, callOf(council, "seat", [id])))
          .to.be.revertedWithCustomError(council, "CouncilMemberNotEligible")
          .withArgs(id);
      }
      await expect(enact(platform, callOf(council, "seat", [alpha.id])))
        .to.be.revertedWithCustomError(council, "CouncilSeatHeld")
        .withArgs(alpha.id);
      await enact(platform, callOf(council, "seat", [zeta.id]));
      expect((await council.seats()).at(-1)).to.equal(zeta.id);
    });

    it("are 32 at most", async () => {
      const platform = await loadFixture(unseated);
      const { council, members, verifier, accounts } = platform;
      await claimed(platform, 5);
      const [funder] = accounts as [Signer];
      await networkHelpers.setCode(
        await verifier.getAddress(),
        (await (await connection.ethers.deployContract("YesVerifier")).getDeployedCode()) ?? "0x",
      );
      for (let id = 8; id <= 36; id++) {
        const operator = Wallet.createRandom(connection.ethers.provider);
        await funder.sendTransaction({ to: operator, value: 10n ** 18n });
        await members.connect(operator).apply_(Kind.Bank, `bank-${id}`, "https://bank.example");
        await members.connect(operator).presentKey(id, id, "0x");
        await members.certifyKey(id, 0, digest("c"));
        await members.recordReview(id, digest("r"));
        await members.recordAcceptance(id, digest("a"));
        await members.admit(id);
        if (id < 35) await council.seat(id);
      }
      expect(await council.seats()).to.have.length(32);
      await expect(council.seat(36)).to.be.revertedWithCustomError(council, "CouncilSeatsTooMany").withArgs(32);
    });

    it("are taken back by the constitution, all but three", async () => {
      const platform = await loadFixture(foundedCouncil);
      const { council, seated, alpha, beta, gamma, zeta } = platform;
      await expect(enact(platform, callOf(council, "vacate", [zeta.id])))
        .to.be.revertedWithCustomError(council, "CouncilSeatNotHeld")
        .withArgs(zeta.id);
      await expect(enact(platform, callOf(council, "vacate", [alpha.id])))
        .to.emit(council, "SeatVacated")
        .withArgs(alpha.id);
      await enact(platform, callOf(council, "vacate", [beta.id]));
      expect(await council.seats()).to.deep.equal([seated[4]?.id, seated[3]?.id, seated[2]?.id]);
      await expect(enact(platform, callOf(council, "vacate", [gamma.id])))
        .to.be.revertedWithCustomError(council, "CouncilSeatsTooFew")
        .withArgs(3);
      await expect(council.connect(alpha.operator).object(digest("x"), digest("y")))
        .to.be.revertedWithCustomError(council, "CouncilSeatNotHeld")
        .withArgs(alpha.id);
    });
  });

  describe("a member that has left the platform", () => {
    it("has no voice from that moment, and loses its seat by anybody's call", async () => {
      const platform = await loadFixture(foundedCouncil);
      const { council, members, alpha, outsider } = platform;
      await expect(council.connect(outsider).vacate(alpha.id))
        .to.be.revertedWithCustomError(council, "AccessManagedUnauthorized")
        .withArgs(outsider.address);
      await members.connect(alpha.operator).exit(alpha.id);
      for (const call of [
        async () => council.connect(alpha.operator).object(digest("x"), digest("y")),
        async () => council.connect(alpha.operator).approve(digest("x")),
        async () => council.connect(alpha.operator).liftFreeze(),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(council, "CouncilSeatNotHeld").withArgs(alpha.id);
      }
      await expect(council.connect(outsider).vacate(alpha.id)).to.emit(council, "SeatVacated").withArgs(alpha.id);
      await expect(council.connect(outsider).vacate(alpha.id))
        .to.be.revertedWithCustomError(council, "CouncilSeatNotHeld")
        .withArgs(alpha.id);
      expect(await council.seats()).to.have.length(4);
    });

    it("leaves its objection behind, not its approval", async () => {
      const platform = await loadFixture(foundedCouncil);
      const { council, members, alpha, beta, outsider } = platform;
      const id = await stop(platform, [alpha.operator]);
      await council.connect(alpha.operator).approve(id);
      expect((await council.approvals(id)).given).to.equal(1n);
      await members.connect(alpha.operator).exit(alpha.id);
      await council.connect(outsider).vacate(alpha.id);
      expect((await council.approvals(id)).given).to.equal(0n);
      await expect(council.connect(beta.operator).object(id, digest("no"))).to.emit(council, "OperationStopped");
    });

    it("counts neither for nor against two thirds once its seat is vacated", async () => {
      const platform = await loadFixture(foundedCouncil);
      const { council, members, alpha, beta, gamma, delta, epsilon, outsider } = platform;
      const id = digest("whatever");
      for (const { operator } of [alpha, beta, gamma]) await council.connect(operator).approve(id);
      expect([await council.isApproved(id), ...(await council.approvals(id))]).to.deep.equal([false, 3n, 4n]);
      for (const { operator, id: member } of [delta, epsilon]) {
        await members.connect(operator).exit(member);
        await council.connect(outsider).vacate(member);
      }
      expect([await council.isApproved(id), ...(await council.approvals(id))]).to.deep.equal([true, 3n, 2n]);
    });
  });

  it("refills itself without the Association when members leave it with fewer than three", async () => {
    const platform = await loadFixture(foundedCouncil);
    const { council, members, seated, delta, epsilon, zeta, outsider } = platform;
    const leave = async ({ operator, id }: (typeof seated)[0]) => {
      await members.connect(operator).exit(id);
      await council.connect(outsider).vacate(id);
    };
    for (const party of seated.slice(0, 2)) await leave(party);
    await expect(council.connect(zeta.operator).claimSeat())
      .to.be.revertedWithCustomError(council, "CouncilSeatsTaken")
      .withArgs(3);
    await leave(seated[2] as (typeof seated)[0]);
    const approved = digest("by all that are left");
    for (const { operator } of [delta, epsilon]) await council.connect(operator).approve(approved);
    // Two are not a council: they stop, and approve nothing.
    expect([await council.isApproved(approved), ...(await council.approvals(approved))]).to.deep.equal([false, 2n, 3n]);
    await stop(platform, [delta.operator, epsilon.operator]);
    await council.connect(zeta.operator).claimSeat();
    expect(await council.approvals(approved)).to.deep.equal([2n, 2n]);
  });

  it("is told its constitution once, in deployment", async () => {
    const platform = await loadFixture(unseated);
    const { council, constitution, authority, members, emergency, admin, outsider } = platform;
    expect(await council.constitution()).to.equal(await constitution.getAddress());
    await expect(council.setConstitution(outsider))
      .to.be.revertedWithCustomError(council, "CouncilConstitutionSet")
      .withArgs(await constitution.getAddress());
    const fresh = await new MemberCouncil__factory(admin).deploy(authority, members, emergency);
    for (const nothing of [ZeroAddress, outsider.address]) {
      await expect(fresh.setConstitution(nothing))
        .to.be.revertedWithCustomError(fresh, "CouncilConstitutionInvalid")
        .withArgs(nothing);
    }
    await expect(fresh.setConstitution(constitution))
      .to.emit(fresh, "ConstitutionSet")
      .withArgs(await constitution.getAddress());
  });
});
