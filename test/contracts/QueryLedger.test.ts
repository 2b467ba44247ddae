import { expect } from "chai";
import { AbiCoder, keccak256, TypedDataEncoder, ZeroHash } from "ethers";
import { network } from "hardhat";
import { describe, it } from "mocha";

import { IncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import {
  type Connection,
  connection,
  deployBehindProxy,
  deployPlatform,
  digest,
  POINT,
  SessionStatus,
  Status,
} from "./platform.ts";
import { shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import {
  admitMembers,
  admittedMembers,
  allotted,
  balances,
  DAY,
  laneHead,
  leaves,
  type Opened,
  openedSession,
  openSession,
  publishDatasets,
  publishedDatasets,
  settleBeta,
  voucherDomain,
} from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const UNKNOWN = digest("unknown");

/** Two vouchers that fork at `count` of lane 0 of beta's dataset. */
async function fork(platform: Opened, count = 5) {
  const { session, alpha, betaData: dataset } = platform;
  return Promise.all([
    laneHead(platform, alpha.operator, { session, dataset, count, transcript: digest("one") }),
    laneHead(platform, alpha.operator, { session, dataset, count, transcript: digest("other") }),
  ]);
}

describe("QueryLedger", () => {
  shouldBehaveLikeRestricted([
    {
      name: "setIncentiveRules",
      role: "ADMIN_ROLE",
      call: ({ ledger, rules }, as) => ledger.connect(as).setIncentiveRules(rules),
    },
  ]);

  describe("openSession", () => {
    it("locks the allotments at today's prices", async () => {
      const platform = await loadFixture(publishedDatasets);
      const { ledger, rules, points, alpha, betaData, gammaData, emergency } = platform;
      await rules.setPrice(gammaData, 3n * POINT);
      const expiresAt = (await time.latest()) + DAY;
      const session = await ledger.sessionIdOf(alpha.id, 1);
      const [datasets, allotments] = allotted([betaData, 64], [gammaData, 16]);
      await expect(ledger.connect(alpha.operator).openSession(1, datasets, allotments, expiresAt))
        .to.emit(ledger, "SessionOpened")
        .withArgs(session, alpha.id, alpha.operator.address, expiresAt, datasets, allotments, 112n * POINT);
      await rules.setPrice(gammaData, 9n * POINT);
      expect(await ledger.getAllotment(session, gammaData)).to.deep.equal([16n, 0n, 3n * POINT]);
      expect(await ledger.getAllotment(session, betaData)).to.deep.equal([64n, 0n, POINT]);
      expect(await points.balanceOf(ledger)).to.equal(112n * POINT);
      const stored = await ledger.getSession(session);
      expect(stored).to.deep.equal([
        alpha.id,
        alpha.operator.address,
        BigInt(SessionStatus.Open),
        stored.openedAt,
        BigInt(expiresAt),
        0n,
        0n,
        0n,
        112n * POINT,
        0n,
      ]);
      expect(stored.openedAt).to.be.at.most(await emergency.time());
      expect(await ledger.settlesUntil(session)).to.equal(expiresAt + DAY);
    });

    it("names a session by chain, ledger, instance, querier and nonce", async () => {
      const { ledger, alpha } = await loadFixture(publishedDatasets);
      const { chainId } = await ethers.provider.getNetwork();
      const encoded = AbiCoder.defaultAbiCoder().encode(
        ["uint256", "address", "bytes32", "uint32", "uint64"],
        [chainId, await ledger.getAddress(), await ledger.instanceSalt(), alpha.id, 5],
      );
      expect(await ledger.sessionIdOf(alpha.id, 5)).to.equal(keccak256(encoded));
    });

    it("opens a session once", async () => {
      const { ledger, alpha, session, betaData, expiresAt } = await loadFixture(openedSession);
      await expect(ledger.connect(alpha.operator).openSession(7, [betaData], [16], expiresAt))
        .to.be.revertedWithCustomError(ledger, "SessionAlreadyOpened")
        .withArgs(session);
    });

    it("does not open a closed session again", async () => {
      const { ledger, alpha, session, betaData, settlesUntil } = await loadFixture(openedSession);
      await time.increaseTo(settlesUntil + 1);
      await ledger.closeSession(session);
      await expect(
        ledger.connect(alpha.operator).openSession(7, [betaData], [16], settlesUntil + DAY),
      ).to.be.revertedWithCustomError(ledger, "SessionAlreadyOpened");
    });

    it("wants two lists of one length, between 1 and 256", async () => {
      const { ledger, alpha, betaData, expiresAt } = await loadFixture(openedSession);
      const open = async (datasets: string[], allotments: number[]) =>
        ledger.connect(alpha.operator).openSession(1, datasets, allotments, expiresAt);
      await expect(open([betaData], [16, 16]))
        .to.be.revertedWithCustomError(ledger, "SessionListsMismatch")
        .withArgs(1, 2);
      await expect(open([], [])).to.be.revertedWithCustomError(ledger, "SessionDatasetsInvalid").withArgs(0);
      await expect(open(Array(257).fill(betaData) as string[], Array(257).fill(16) as number[]))
        .to.be.revertedWithCustomError(ledger, "SessionDatasetsInvalid")
        .withArgs(257);
    });

    it("wants known datasets, strictly ascending", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, datasets, alpha, betaData, gammaData, expiresAt } = platform;
      const open = async (list: string[]) =>
        ledger.connect(alpha.operator).openSession(
          1,
          list,
          list.map(() => 16),
          expiresAt,
        );
      const [low, high] = [betaData, gammaData].sort() as [string, string];
      await expect(open([high, low]))
        .to.be.revertedWithCustomError(ledger, "SessionDatasetsUnordered")
        .withArgs(high, low);
      await expect(open([low, low])).to.be.revertedWithCustomError(ledger, "SessionDatasetsUnordered");
      await expect(open([UNKNOWN]))
        .to.be.revertedWithCustomError(datasets, "DatasetUnknown")
        .withArgs(UNKNOWN);
    });

    for (const granted of [0, 1, 15, 17, 32, 65_536]) {
      it(`refuses an allotment of ${granted}`, async () => {
        const { ledger, alpha, betaData, expiresAt } = await loadFixture(openedSession);
        await expect(ledger.connect(alpha.operator).openSession(1, [betaData], [granted], expiresAt))
          .to.be.revertedWithCustomError(ledger, "AllotmentNotCoarse")
          .withArgs(granted);
      });
    }

    for (const granted of [16, 64, 256, 1024, 4096, 16_384]) {
      it(`takes an allotment of ${granted}`, async () => {
        const { ledger, alpha, betaData, expiresAt } = await loadFixture(openedSession);
        await ledger.connect(alpha.operator).openSession(1, [betaData], [granted], expiresAt);
        const session = await ledger.sessionIdOf(alpha.id, 1);
        expect((await ledger.getAllotment(session, betaData)).granted).to.equal(BigInt(granted));
      });
    }

    it("expires after now and within the longest duration", async () => {
      const { ledger, alpha, betaData } = await loadFixture(publishedDatasets);
      let now = (await time.latest()) + 100;
      const open = async (nonce: number, expiresAt: number) => {
        await time.setNextBlockTimestamp(now);
        return ledger.connect(alpha.operator).openSession(nonce, [betaData], [16], expiresAt, { gasLimit: 1_000_000 });
      };
      for (const offset of [-1, 0, 7 * DAY + 1]) {
        await expect(open(1, now + offset))
          .to.be.revertedWithCustomError(ledger, "SessionExpiryInvalid")
          .withArgs(now + offset, now + 1, now + 7 * DAY);
        now += 10;
      }
      for (const offset of [1, 7 * DAY]) {
        await open(offset, now + offset);
        now += 10;
      }
    });

    it("is for active members that meet their duties and can pay", async () => {
      const { ledger, datasets, members, alpha, outsider, betaData, expiresAt } = await loadFixture(openedSession);
      const open = async (granted = 16) =>
        ledger.connect(alpha.operator).openSession(1, [betaData], [granted], expiresAt);
      await ledger.connect(alpha.operator).openSession(2, [betaData], [16_384], expiresAt);
      await expect(open(4096))
        .to.be.revertedWithCustomError(ledger, "QuerierBalanceTooLow")
        .withArgs(alpha.id, (20_500n - 80n - 16_384n) * POINT, 4096n * POINT);
      await datasets.connect(alpha.operator).withdraw(await datasets.datasetAt(1), 1, 1, digest("r"));
      await expect(open()).to.be.revertedWithCustomError(ledger, "QuerierDutiesUnmet").withArgs(alpha.id);
      await members.suspend(alpha.id, digest("r"));
      await expect(open())
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(alpha.id, Status.Suspended);
      await expect(ledger.connect(outsider).openSession(1, [betaData], [16], expiresAt))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });

    it("is refused to a firm that has published nothing, but not to a bank, which owns no category", async () => {
      const platform = await loadFixture(admittedMembers);
      const { ledger, datasets, alpha, association, bank } = platform;
      const label = digest("public");
      await datasets.connect(association.operator).registerDataset(label, [ethers.encodeBytes32String("A")]);
      const dataset = await datasets.datasetIdOf(association.id, label);
      const expiresAt = (await time.latest()) + DAY;
      await expect(ledger.connect(alpha.operator).openSession(1, [dataset], [16], expiresAt))
        .to.be.revertedWithCustomError(ledger, "QuerierDutiesUnmet")
        .withArgs(alpha.id);
      await ledger.connect(bank.operator).openSession(1, [dataset], [16], expiresAt);
    });
  });

  describe("anchor", () => {
    for (const size of [16, 64, 256, 1024]) {
      it(`takes a batch of ${size} in one event`, async () => {
        const { ledger, alpha, session } = await loadFixture(openedSession);
        await expect(ledger.connect(alpha.operator).anchor(session, 0, leaves(size)))
          .to.emit(ledger, "LeavesAnchored")
          .withArgs(session, 0, leaves(size));
        const { batches, leavesAnchored } = await ledger.getSession(session);
        expect([batches, leavesAnchored]).to.deep.equal([1n, BigInt(size)]);
      });
    }

    for (const size of [0, 1, 15, 17, 512, 2048]) {
      it(`refuses a batch of ${size}`, async () => {
        const { ledger, alpha, session } = await loadFixture(openedSession);
        await expect(ledger.connect(alpha.operator).anchor(session, 0, leaves(size)))
          .to.be.revertedWithCustomError(ledger, "BatchSizeInvalid")
          .withArgs(size);
      });
    }

    it("takes batches in order, each once", async () => {
      const { ledger, alpha, session } = await loadFixture(openedSession);
      const querier = ledger.connect(alpha.operator);
      await querier.anchor(session, 0, leaves(16));
      for (const batch of [0, 2]) {
        await expect(querier.anchor(session, batch, leaves(16)))
          .to.be.revertedWithCustomError(ledger, "BatchOutOfOrder")
          .withArgs(session, 1, batch);
      }
      await querier.anchor(session, 1, leaves(64));
      expect((await ledger.getSession(session)).leavesAnchored).to.equal(80n);
    });

    it("is for the querier, whatever its status, and any of its operators", async () => {
      const { ledger, members, alpha, beta, spare, outsider, session } = await loadFixture(openedSession);
      await expect(ledger.connect(beta.operator).anchor(session, 0, leaves(16)))
        .to.be.revertedWithCustomError(ledger, "SessionNotOwned")
        .withArgs(session, beta.id);
      await expect(ledger.connect(outsider).anchor(session, 0, leaves(16))).to.be.revertedWithCustomError(
        members,
        "OperatorUnknown",
      );
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      await members.suspend(alpha.id, digest("r"));
      await ledger.connect(spare).anchor(session, 0, leaves(16));
      await members.exit(alpha.id);
      await ledger.connect(alpha.operator).anchor(session, 1, leaves(16));
    });

    it("stays open after expiry and window, until somebody closes", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, alpha, session, settlesUntil } = platform;
      await time.increaseTo(settlesUntil + 10);
      await ledger.connect(alpha.operator).anchor(session, 0, leaves(16));
      await ledger.closeSession(session);
      await expect(ledger.connect(alpha.operator).anchor(session, 1, leaves(16)))
        .to.be.revertedWithCustomError(ledger, "SessionNotOpen")
        .withArgs(session, SessionStatus.Closed);
      await expect(ledger.connect(alpha.operator).anchor(UNKNOWN, 0, leaves(16)))
        .to.be.revertedWithCustomError(ledger, "SessionUnknown")
        .withArgs(UNKNOWN);
    });
  });

  describe("proveFork", () => {
    it("faults the session on two vouchers of one count, and takes the whole rest", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, betaData, outsider, settlesUntil } = platform;
      await settleBeta(platform, 3);
      const [first, second] = await fork(platform);
      await expect(ledger.connect(outsider).proveFork(session, betaData, first, second))
        .to.emit(ledger, "ForkProven")
        .withArgs(session, betaData, outsider.address, 0, 5, digest("one"), digest("other"));
      expect((await ledger.getSession(session)).status).to.equal(SessionStatus.Faulted);
      await settleBeta(platform, 5);
      await ledger.connect(platform.alpha.operator).anchor(session, 0, leaves(16));
      await time.increaseTo(settlesUntil + 1);
      await expect(ledger.closeSession(session))
        .to.emit(ledger, "SessionClosed")
        .withArgs(session, 0, 75n * POINT, 0);
      expect(await balances(platform)).to.deep.equal([20_420n, 20_504n, 20_500n, 76n, 0n]);
    });

    it("wants one lane, one count, two transcripts, two signatures", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, beta, betaData: dataset, gammaData } = platform;
      const [first, second] = await fork(platform);
      const transcript = digest("other");
      const foreign = await laneHead(platform, beta.operator, { session, dataset, count: 5, transcript });
      const later = await laneHead(platform, alpha.operator, { session, dataset, count: 6, transcript });
      const lane = await laneHead(platform, alpha.operator, { session, dataset, lane: 1, count: 5, transcript });
      const elsewhere = await laneHead(platform, alpha.operator, { session, dataset: gammaData, count: 5, transcript });
      for (const [a, b] of [
        [first, first],
        [first, foreign],
        [foreign, first],
        [first, later],
        [first, lane],
        [first, elsewhere],
        [first, { ...second, signature: "0x" }],
      ] as const) {
        await expect(ledger.proveFork(session, dataset, a, b)).to.be.revertedWithCustomError(ledger, "ForkNotProven");
      }
      expect((await ledger.getSession(session)).status).to.equal(SessionStatus.Open);
    });

    it("is about a known, open session and one of its datasets", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, betaData, regulatory, settlesUntil } = platform;
      const [first, second] = await fork(platform);
      await expect(ledger.proveFork(UNKNOWN, betaData, first, second)).to.be.revertedWithCustomError(
        ledger,
        "SessionUnknown",
      );
      await expect(ledger.proveFork(session, regulatory, first, second)).to.be.revertedWithCustomError(
        ledger,
        "AllotmentUnknown",
      );
      await ledger.proveFork(session, betaData, first, second);
      await expect(ledger.proveFork(session, betaData, first, second))
        .to.be.revertedWithCustomError(ledger, "SessionNotOpen")
        .withArgs(session, SessionStatus.Faulted);
      await time.increaseTo(settlesUntil + 1);
      await ledger.closeSession(session);
      await expect(ledger.proveFork(session, betaData, first, second))
        .to.be.revertedWithCustomError(ledger, "SessionNotOpen")
        .withArgs(session, SessionStatus.Closed);
    });
  });

  describe("closeSession", () => {
    it("returns what was not spent when all leaves are there", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, outsider, settlesUntil } = platform;
      await settleBeta(platform, 16);
      await ledger.connect(alpha.operator).anchor(session, 0, leaves(16));
      await time.increaseTo(settlesUntil + 1);
      await expect(ledger.connect(outsider).closeSession(session))
        .to.emit(ledger, "SessionClosed")
        .withArgs(session, 64n * POINT, 0, 0);
      expect((await ledger.getSession(session)).status).to.equal(SessionStatus.Closed);
      expect((await balances(platform))[4]).to.equal(0n);
    });

    it("takes the highest price for each missing leaf", async () => {
      const platform = await loadFixture(publishedDatasets);
      await platform.rules.setPrice(platform.gammaData, 3n * POINT);
      const opened = await openSession(platform);
      const { ledger, alpha, session, settlesUntil } = opened;
      await settleBeta(opened, 20);
      await ledger.connect(alpha.operator).anchor(session, 0, leaves(16));
      await time.increaseTo(settlesUntil + 1);
      await expect(ledger.closeSession(session))
        .to.emit(ledger, "SessionClosed")
        .withArgs(session, (112n - 20n - 12n) * POINT, 12n * POINT, 4);
    });

    it("takes no more than the rest", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, settlesUntil } = platform;
      await settleBeta(platform, 64);
      await time.increaseTo(settlesUntil + 1);
      await expect(ledger.closeSession(session))
        .to.emit(ledger, "SessionClosed")
        .withArgs(session, 0, 16n * POINT, 64);
    });

    it("waits for expiry and window, and happens once", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, settlesUntil } = platform;
      await expect(ledger.closeSession(session))
        .to.be.revertedWithCustomError(ledger, "SessionNotClosable")
        .withArgs(session, settlesUntil + 1);
      await time.increaseTo(settlesUntil + 1);
      await ledger.closeSession(session);
      await expect(ledger.closeSession(session))
        .to.be.revertedWithCustomError(ledger, "SessionNotOpen")
        .withArgs(session, SessionStatus.Closed);
      await expect(ledger.closeSession(UNKNOWN)).to.be.revertedWithCustomError(ledger, "SessionUnknown");
    });
  });

  it("splits by the rules in force, and keeps the price of the opening", async () => {
    const platform = await loadFixture(openedSession);
    const { authority, emergency, members, points, ledger } = platform;
    const dependencies = await Promise.all([authority, emergency, members, points].map((each) => each.getAddress()));
    const rules = IncentiveRules__factory.connect(
      await deployBehindProxy("IncentiveRules", dependencies),
      platform.admin,
    );
    await expect(ledger.setIncentiveRules(rules))
      .to.emit(ledger, "IncentiveRulesChanged")
      .withArgs(await rules.getAddress());
    await platform.rules.setRates(POINT, 10_000, 0, 0);
    await settleBeta(platform, 10);
    expect((await balances(platform))[1]).to.equal(20_508n);
    expect(await points.balanceOf(await rules.pool())).to.equal(2n * POINT);
    await expect(ledger.setIncentiveRules(platform.outsider)).to.be.revertedWithCustomError(
      ledger,
      "IncentiveRulesInvalid",
    );
  });

  it("refuses rules whose parts do not add up, in either direction", async () => {
    const platform = await loadFixture(openedSession);
    const { ledger, points } = platform;
    const locked = await points.balanceOf(ledger);
    for (const [toHolder, toPool] of [
      [8n * POINT, 3n * POINT],
      [8n * POINT, POINT],
      [11n * POINT, 0n],
      [2n ** 256n - 1n, 10n * POINT + 1n],
    ] as const) {
      await ledger.setIncentiveRules(await ethers.deployContract("CrookedRules", [toHolder, toPool]));
      await expect(settleBeta(platform, 10))
        .to.be.revertedWithCustomError(ledger, "SplitInvalid")
        .withArgs(10n * POINT, toHolder, toPool);
    }
    expect(await points.balanceOf(ledger)).to.equal(locked);
    await ledger.setIncentiveRules(await ethers.deployContract("CrookedRules", [9n * POINT, POINT]));
    await settleBeta(platform, 10);
  });

  describe("voucher digest", () => {
    it("is the EIP-712 digest under the ledger's domain", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, betaData } = platform;
      const message = { session, dataset: betaData, lane: 3, count: 2n ** 40n, transcript: digest("t") };
      const types = {
        Voucher: [
          { name: "session", type: "bytes32" },
          { name: "dataset", type: "bytes32" },
          { name: "lane", type: "uint32" },
          { name: "count", type: "uint64" },
          { name: "transcript", type: "bytes32" },
        ],
      };
      expect(await ledger.voucherDigest(session, betaData, 3, message.count, message.transcript)).to.equal(
        TypedDataEncoder.hash(await voucherDomain(ledger), types, message),
      );
      const { name, version, chainId, verifyingContract } = await ledger.eip712Domain();
      expect({ name, version, chainId, verifyingContract }).to.deep.equal(await voucherDomain(ledger));
    });
  });

  it("reads nothing of what does not exist", async () => {
    const { ledger, session, regulatory } = await loadFixture(openedSession);
    expect((await ledger.getSession(UNKNOWN)).status).to.equal(SessionStatus.None);
    expect(await ledger.settlesUntil(UNKNOWN)).to.equal(0n);
    expect(await ledger.getAllotment(session, regulatory)).to.deep.equal([0n, 0n, 0n]);
    expect(await ledger.getLane(session, regulatory, 0)).to.deep.equal([0n, ZeroHash]);
  });

  describe("on a fresh chain with equal addresses and chain id", () => {
    it("knows neither the session nor its vouchers", async () => {
      const chains = [await network.create(), await network.create()] as const;
      const opened = async (chain: Connection) =>
        openSession(await publishDatasets(await admitMembers(await deployPlatform(chain))), chain);
      try {
        const [first, second] = [await opened(chains[0]), await opened(chains[1])];
        // Everything that names a thing is the same, except the session.
        expect(await second.ledger.getAddress()).to.equal(await first.ledger.getAddress());
        expect(await voucherDomain(second.ledger, chains[1])).to.deep.equal(
          await voucherDomain(first.ledger, chains[0]),
        );
        expect([second.alpha.id, second.betaData]).to.deep.equal([first.alpha.id, first.betaData]);
        expect(second.session).not.to.equal(first.session);

        const { session, betaData: dataset, alpha } = first;
        const voucher = await laneHead(first, alpha.operator, { session, dataset, count: 3 }, chains[0]);
        await first.ledger.connect(first.beta.operator).settle.staticCall(session, dataset, [voucher]);
        const holder = second.ledger.connect(second.beta.operator);
        await expect(holder.settle(session, dataset, [voucher]))
          .to.be.revertedWithCustomError(second.ledger, "SessionUnknown")
          .withArgs(session);
        await expect(holder.settle(second.session, dataset, [voucher]))
          .to.be.revertedWithCustomError(second.ledger, "VoucherSignatureInvalid")
          .withArgs(0);
      } finally {
        for (const chain of chains) await chain.close();
      }
    });
  });

  it("refuses a voucher made for another ledger on the same chain", async () => {
    const platform = await loadFixture(openedSession);
    const { session, alpha, beta, betaData, ledger } = platform;
    const other = await deployPlatform(connection);
    const head = await laneHead(other, alpha.operator, { session, dataset: betaData, count: 3 });
    await expect(ledger.connect(beta.operator).settle(session, betaData, [head]))
      .to.be.revertedWithCustomError(ledger, "VoucherSignatureInvalid")
      .withArgs(0);
  });
});
