/** Members' SM2 keys, with real keys and signatures. */
import { expect } from "chai";
import { concat, dataSlice, toBeHex, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { sign } from "../../protocol/sm/sm2-signature.ts";
import { connection, DAY, digest, newIdentityKey, possession, presentKey, prepare, Status } from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const OVERLAP = 7 * DAY;

/** The parameters of the curve, GB/T 32918.5. */
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

describe("IdentityKeys", () => {
  shouldBehaveLikeRestricted([
    {
      name: "certifyKey",
      role: "DUTY_ROLE",
      call: async (platform, as) => {
        const { members, alpha } = platform;
        if ((await members.keyCount(alpha.id)) === 1n) await presentKey(platform, alpha.operator);
        return members.connect(as).certifyKey(alpha.id, 1, digest("certificate"));
      },
    },
    {
      name: "revokeKey of another member",
      role: "DUTY_ROLE",
      call: ({ members, beta }, as) => members.connect(as).revokeKey(beta.id, 0, digest("stolen")),
    },
  ]);

  describe("presenting", () => {
    it("binds account and key by a signature that is verified here", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha, emergency, verifier } = platform;
      const given = newIdentityKey();
      const proof = await possession(platform, alpha.operator.address, given);
      await expect(members.connect(alpha.operator).presentKey(given.x, given.y, proof))
        .to.emit(members, "KeyPresented")
        .withArgs(alpha.id, 1, given.x, given.y);
      const key = await members.getKey(alpha.id, 1);
      const zA = dataSlice(await verifier["keyOf(uint256,uint256)"](given.x, given.y), 64);
      expect([...key]).to.deep.equal([BigInt(given.x), BigInt(given.y), zA, ZeroHash, await emergency.time(), 0n, 0n]);
      expect(await members.keyCount(alpha.id)).to.equal(2n);
      expect(await members.sm2Verifier()).to.equal(await verifier.getAddress());
    });

    it("refuses a signature that is another's, another account's, or none", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha, beta } = platform;
      const [given, other] = [newIdentityKey(), newIdentityKey()];
      const good = await possession(platform, alpha.operator.address, given);
      const [r, s] = [BigInt(dataSlice(good, 0, 32)), BigInt(dataSlice(good, 32))];
      const words = (first: bigint, second: bigint) => concat([toBeHex(first, 32), toBeHex(second, 32)]);
      for (const bad of [
        await possession(platform, beta.operator.address, given),
        await possession(platform, alpha.operator.address, { ...other, x: given.x, y: given.y }),
        sign(given.key, ethers.getBytes(digest("something else")), (length) => ethers.randomBytes(length)),
        "0x",
        dataSlice(good, 0, 63),
        concat([good, "0x00"]),
        words(0n, s),
        words(r, 0n),
        words(N, s),
        words(r, N),
        words(s, r),
        words(r, N - s),
        words(r ^ 1n, s),
      ]) {
        await expect(members.connect(alpha.operator).presentKey(given.x, given.y, bad))
          .to.be.revertedWithCustomError(members, "KeyPossessionUnproven")
          .withArgs(alpha.id);
      }
      await members.connect(alpha.operator).presentKey(given.x, given.y, good);
    });

    it("refuses what is no point of the curve", async () => {
      const { members, alpha, verifier } = await loadFixture(admittedMembers);
      const { x, y } = newIdentityKey();
      for (const [badX, badY] of [
        [0n, 0n],
        [BigInt(x), BigInt(y) ^ 1n],
        [BigInt(y), BigInt(x)],
        [P, BigInt(y)],
        [BigInt(x), BigInt(y) + P > 2n ** 256n - 1n ? P : BigInt(y) + P],
      ] as const) {
        await expect(members.connect(alpha.operator).presentKey(badX, badY, "0x"))
          .to.be.revertedWithCustomError(verifier, "ERC7913SM2VerifierInvalidPoint")
          .withArgs(badX, badY);
      }
    });

    it("takes a key once in the world: not from another member, not again, not after it was revoked", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha, beta } = platform;
      const given = newIdentityKey();
      await presentKey(platform, alpha.operator, given);
      await members.connect(alpha.operator).revokeKey(alpha.id, 1, digest("stolen"));
      for (const { operator } of [alpha, beta]) {
        const proof = await possession(platform, operator.address, given);
        await expect(members.connect(operator).presentKey(given.x, given.y, proof))
          .to.be.revertedWithCustomError(members, "KeyInUse")
          .withArgs(given.x, given.y, alpha.id);
      }
    });

    it("is for operators of members that have not left", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha, outsider } = platform;
      const given = newIdentityKey();
      const proof = await possession(platform, outsider.address, given);
      await expect(members.connect(outsider).presentKey(given.x, given.y, proof))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
      await members.exit(alpha.id);
      await expect(
        members
          .connect(alpha.operator)
          .presentKey(given.x, given.y, await possession(platform, alpha.operator.address, given)),
      )
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Exited);
    });

    it("asks for a signature that holds for this chain, registry, account and key alone", async () => {
      const { members, alpha } = await loadFixture(admittedMembers);
      const { chainId } = await ethers.provider.getNetwork();
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(
        ["string", "uint256", "address", "address", "uint256", "uint256"],
        ["riskveil/sm2-possession", chainId, await members.getAddress(), alpha.operator.address, 5, 6],
      );
      expect(await members.possessionDigest(alpha.operator, 5, 6)).to.equal(ethers.keccak256(encoded));
    });
  });

  describe("certifying", () => {
    it("makes a key valid, and leaves the one before it a week", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha } = platform;
      const index = await presentKey(platform, alpha.operator);
      const moment = (await time.latest()) + 100;
      expect(await members.wasKeyOf(alpha.id, index, moment)).to.equal(false);
      await time.setNextBlockTimestamp(moment);
      await expect(members.certifyKey(alpha.id, index, digest("next certificate")))
        .to.emit(members, "KeyCertified")
        .withArgs(alpha.id, index, digest("next certificate"));
      const { since, until, certificateDigest } = await members.getKey(alpha.id, index);
      expect([since, until, certificateDigest]).to.deep.equal([BigInt(moment), 0n, digest("next certificate")]);
      expect((await members.getKey(alpha.id, 0)).until).to.equal(moment + OVERLAP);
      for (const [key, when, valid] of [
        [0n, moment - 1, true],
        [0n, moment + OVERLAP - 1, true],
        [0n, moment + OVERLAP, false],
        [index, moment - 1, false],
        [index, moment, true],
        [index, moment + 1000 * DAY, true],
      ] as const) {
        expect(await members.wasKeyOf(alpha.id, key, when), `key ${key} at ${when}`).to.equal(valid);
      }
    });

    it("of a third key within the overlap lengthens nothing", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha } = platform;
      await members.certifyKey(alpha.id, await presentKey(platform, alpha.operator), digest("second"));
      const { until } = await members.getKey(alpha.id, 0);
      await time.increase(DAY);
      await members.certifyKey(alpha.id, await presentKey(platform, alpha.operator), digest("third"));
      expect((await members.getKey(alpha.id, 0)).until).to.equal(until);
      expect((await members.getKey(alpha.id, 1)).until).to.be.above(until);
    });

    it("happens once, with a certificate, for a key that is there and not over", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha } = platform;
      const certify = async (index: number, certificate = digest("c")) =>
        members.certifyKey(alpha.id, index, certificate);
      await expect(certify(0)).to.be.revertedWithCustomError(members, "KeyAlreadyCertified").withArgs(alpha.id, 0);
      await expect(certify(1)).to.be.revertedWithCustomError(members, "KeyUnknown").withArgs(alpha.id, 1);
      await presentKey(platform, alpha.operator);
      await expect(certify(1, ZeroHash))
        .to.be.revertedWithCustomError(members, "KeyCertificateMissing")
        .withArgs(alpha.id, 1);
      await members.revokeKey(alpha.id, 1, digest("never mind"));
      await expect(certify(1)).to.be.revertedWithCustomError(members, "KeyAlreadyOver").withArgs(alpha.id, 1);
    });

    it("goes on for a suspended member and stops with one that has left", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha } = platform;
      await presentKey(platform, alpha.operator);
      await presentKey(platform, alpha.operator);
      await members.suspend(alpha.id, digest("r"));
      await members.certifyKey(alpha.id, 1, digest("c"));
      await members.exit(alpha.id);
      await expect(members.certifyKey(alpha.id, 2, digest("c")))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Exited);
    });
  });

  describe("revoking", () => {
    it("ends a key at once, by the member itself", async () => {
      const { members, alpha } = await loadFixture(admittedMembers);
      const moment = (await time.latest()) + 100;
      await time.setNextBlockTimestamp(moment);
      await expect(members.connect(alpha.operator).revokeKey(alpha.id, 0, digest("stolen")))
        .to.emit(members, "KeyRevoked")
        .withArgs(alpha.id, 0, digest("stolen"));
      expect(await members.wasKeyOf(alpha.id, 0, moment - 1)).to.equal(true);
      expect(await members.wasKeyOf(alpha.id, 0, moment)).to.equal(false);
      await expect(members.revokeKey(alpha.id, 0, digest("again")))
        .to.be.revertedWithCustomError(members, "KeyAlreadyOver")
        .withArgs(alpha.id, 0);
      await expect(members.revokeKey(alpha.id, 1, digest("none")))
        .to.be.revertedWithCustomError(members, "KeyUnknown")
        .withArgs(alpha.id, 1);
    });

    it("ends a key that would have ended later", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha, emergency } = platform;
      await members.certifyKey(alpha.id, await presentKey(platform, alpha.operator), digest("second"));
      await members.revokeKey(alpha.id, 0, digest("stolen"));
      expect((await members.getKey(alpha.id, 0)).until).to.equal(await emergency.time());
    });

    it("of the only key leaves the member in, without a key, until the next one is certified", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, alpha } = platform;
      await members.revokeKey(alpha.id, 0, digest("stolen"));
      expect([await members.isActive(alpha.id), await members.hasValidKey(alpha.id)]).to.deep.equal([true, false]);
      await members.certifyKey(alpha.id, await presentKey(platform, alpha.operator), digest("second"));
      expect(await members.hasValidKey(alpha.id)).to.equal(true);
    });

    it("is not for one member to do to another", async () => {
      const { members, alpha, beta } = await loadFixture(admittedMembers);
      await expect(members.connect(alpha.operator).revokeKey(beta.id, 0, digest("spite")))
        .to.be.revertedWithCustomError(members, "AccessManagedUnauthorized")
        .withArgs(alpha.operator.address);
    });
  });

  it("end with the membership, whatever was said of them", async () => {
    const { members, alpha } = await loadFixture(admittedMembers);
    expect(await members.hasValidKey(alpha.id)).to.equal(true);
    const moment = (await time.latest()) + 100;
    await time.setNextBlockTimestamp(moment);
    await members.exit(alpha.id);
    expect(await members.hasValidKey(alpha.id)).to.equal(false);
    expect(await members.wasKeyOf(alpha.id, 0, moment - 1)).to.equal(true);
    expect(await members.wasKeyOf(alpha.id, 0, moment)).to.equal(false);
  });

  it("end their overlap in ledger time: a freeze takes nothing from it", async () => {
    const platform = await loadFixture(admittedMembers);
    const { members, alpha, emergency } = platform;
    await members.certifyKey(alpha.id, await presentKey(platform, alpha.operator), digest("second"));
    await members.revokeKey(alpha.id, 1, digest("stolen"));
    await emergency.freeze(15, DAY, digest("incident"));
    await time.increase(2 * OVERLAP);
    expect(await members.hasValidKey(alpha.id)).to.equal(true);
    await emergency.unfreeze();
    await time.increase(OVERLAP);
    expect(await members.hasValidKey(alpha.id)).to.equal(false);
  });

  it("of a member are known by index only", async () => {
    const { members, alpha } = await loadFixture(admittedMembers);
    for (const call of [
      async () => members.getKey(alpha.id, 1),
      async () => members.wasKeyOf(alpha.id, 1, 0),
      async () => members.getKey(99, 0),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(members, "KeyUnknown");
    }
    expect([await members.keyCount(99), await members.hasValidKey(99)]).to.deep.equal([0n, false]);
  });

  it("are what an applicant shows before it is admitted", async () => {
    const platform = await loadFixture(admittedMembers);
    const { members, spare } = platform;
    await members.connect(spare).apply_(3, "epsilon-bank", "https://epsilon.example");
    const id = await prepare(platform, spare);
    expect(await members.hasValidKey(id)).to.equal(true);
    await members.admit(id);
  });
});
