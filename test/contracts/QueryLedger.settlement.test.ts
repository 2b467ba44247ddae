import { expect } from "chai";
import { ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { connection, digest, POINT, SessionStatus, Status } from "./platform.ts";
import { balances, laneHead, type Opened, openedSession, settleBeta } from "./stages.ts";
import { loadFixture } from "./fixtures.ts";

const { ethers, networkHelpers } = connection;
const { time } = networkHelpers;
const UNKNOWN = digest("unknown");

describe("QueryLedger: settlement", () => {
  describe("settle", () => {
    it("pays the holder and the pool by the last voucher of each lane", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, beta, betaData: dataset } = platform;
      expect(await balances(platform)).to.deep.equal([20_420n, 20_500n, 20_500n, 0n, 80n]);
      const heads = [
        await laneHead(platform, alpha.operator, { session, dataset, lane: 0, count: 10, transcript: digest("a") }),
        await laneHead(platform, alpha.operator, { session, dataset, lane: 15, count: 20, transcript: digest("b") }),
      ];
      await expect(ledger.connect(beta.operator).settle(session, dataset, heads))
        .to.emit(ledger, "LaneSettled")
        .withArgs(session, dataset, beta.id, 0, 10, digest("a"), 8n * POINT, 2n * POINT)
        .and.to.emit(ledger, "LaneSettled")
        .withArgs(session, dataset, beta.id, 15, 20, digest("b"), 16n * POINT, 4n * POINT);
      expect(await balances(platform)).to.deep.equal([20_420n, 20_524n, 20_500n, 6n, 50n]);
      expect(await ledger.getLane(session, dataset, 15)).to.deep.equal([20n, digest("b")]);
      expect((await ledger.getAllotment(session, dataset)).settled).to.equal(30n);
      const { paid, largestSettled } = await ledger.getSession(session);
      expect([paid, largestSettled]).to.deep.equal([30n * POINT, 30n]);
    });

    it("pays the difference for a later voucher, and nothing twice", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, beta, betaData, alpha } = platform;
      await settleBeta(platform, 10);
      await settleBeta(platform, 15);
      expect((await balances(platform))[1]).to.equal(20_512n);
      for (const count of [15, 14]) {
        await expect(settleBeta(platform, count))
          .to.be.revertedWithCustomError(ledger, "VoucherStale")
          .withArgs(0, 15, count);
      }
      const twice = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 16 });
      await expect(ledger.connect(beta.operator).settle(session, betaData, [twice, twice]))
        .to.be.revertedWithCustomError(ledger, "VoucherStale")
        .withArgs(0, 16, 16);
    });

    it("tracks the largest count over datasets", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, gamma, gammaData } = platform;
      await settleBeta(platform, 9);
      const head = await laneHead(platform, alpha.operator, { session, dataset: gammaData, count: 12 });
      await ledger.connect(gamma.operator).settle(session, gammaData, [head]);
      expect((await ledger.getSession(session)).largestSettled).to.equal(12n);
      await settleBeta(platform, 11);
      expect((await ledger.getSession(session)).largestSettled).to.equal(12n);
    });

    it("refuses more than the allotment, in one lane or in all together", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, betaData } = platform;
      await expect(settleBeta(platform, 65))
        .to.be.revertedWithCustomError(ledger, "AllotmentExceeded")
        .withArgs(session, betaData, 65, 64);
      await settleBeta(platform, 60, 0);
      await expect(settleBeta(platform, 5, 1))
        .to.be.revertedWithCustomError(ledger, "AllotmentExceeded")
        .withArgs(session, betaData, 65, 64);
      await settleBeta(platform, 4, 1);
      const largest = 2n ** 64n - 1n;
      const head = await laneHead(platform, platform.alpha.operator, {
        session,
        dataset: betaData,
        lane: 2,
        count: largest,
      });
      await expect(ledger.connect(platform.beta.operator).settle(session, betaData, [head]))
        .to.be.revertedWithCustomError(ledger, "AllotmentExceeded")
        .withArgs(session, betaData, 64n + largest, 64);
    });

    it("refuses one dataset's allotment or voucher at another", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, association, beta, gamma, betaData, gammaData, regulatory } = platform;
      const forBeta = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
      await expect(ledger.connect(gamma.operator).settle(session, gammaData, [forBeta]))
        .to.be.revertedWithCustomError(ledger, "VoucherSignatureInvalid")
        .withArgs(0);
      await expect(ledger.connect(gamma.operator).settle(session, betaData, [forBeta]))
        .to.be.revertedWithCustomError(ledger, "SettlementNotByHolder")
        .withArgs(betaData, gamma.id);
      const above = await laneHead(platform, alpha.operator, { session, dataset: gammaData, count: 17 });
      await expect(ledger.connect(gamma.operator).settle(session, gammaData, [above]))
        .to.be.revertedWithCustomError(ledger, "AllotmentExceeded")
        .withArgs(session, gammaData, 17, 16);
      const elsewhere = await laneHead(platform, alpha.operator, { session, dataset: regulatory, count: 1 });
      await expect(ledger.connect(association.operator).settle(session, regulatory, [elsewhere]))
        .to.be.revertedWithCustomError(ledger, "AllotmentUnknown")
        .withArgs(session, regulatory);
      await expect(ledger.connect(beta.operator).settle(UNKNOWN, betaData, [forBeta]))
        .to.be.revertedWithCustomError(ledger, "SessionUnknown")
        .withArgs(UNKNOWN);
    });

    it("refuses lanes above 15 and an empty settlement", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, beta, betaData } = platform;
      await expect(settleBeta(platform, 1, 16))
        .to.be.revertedWithCustomError(ledger, "LaneOutOfRange")
        .withArgs(16, 16);
      await expect(ledger.connect(beta.operator).settle(session, betaData, [])).to.be.revertedWithCustomError(
        ledger,
        "SettlementEmpty",
      );
    });

    it("refuses a voucher that is not the signer's, to the last byte", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, alpha, beta, spare, members, betaData: dataset } = platform;
      const good = await laneHead(platform, alpha.operator, { session, dataset, count: 3 });
      const signature = String(good.signature);
      const { r, s, yParity } = ethers.Signature.from(signature);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const highS = ethers.toBeHex(order - BigInt(s), 32);
      // A second operator of the querier is not the session's signer either.
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      const colleague = await laneHead(platform, spare, { session, dataset, count: 3 });
      for (const head of [
        { ...good, count: 4 },
        { ...good, lane: 1 },
        { ...good, transcript: digest("other") },
        { ...good, signature: "0x" },
        { ...good, signature: ethers.concat([r, s]) },
        { ...good, signature: ethers.concat([signature, "0x00"]) },
        { ...good, signature: ethers.concat([r, highS, yParity === 0 ? "0x1c" : "0x1b"]) },
        { ...good, signature: ethers.concat([r, s, "0x00"]) },
        { ...good, signature: ethers.concat([ZeroHash, ZeroHash, "0x1b"]) },
        colleague,
      ]) {
        await expect(ledger.connect(beta.operator).settle(session, dataset, [head])).to.be.revertedWithCustomError(
          ledger,
          "VoucherSignatureInvalid",
        );
      }
      await ledger.connect(beta.operator).settle(session, dataset, [good]);
    });

    it("accepts vouchers of a signer that has retired since, for the session it opened", async () => {
      const platform = await loadFixture(openedSession);
      const { members, alpha, spare } = platform;
      await members.connect(alpha.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(alpha.id);
      await members.connect(spare).retireOperator(alpha.operator);
      await settleBeta(platform, 3);
    });

    it("accepts vouchers of a signer whose account has become a contract", async () => {
      const platform = await loadFixture(openedSession);
      // What EIP-7702 does: code that answers every call, ERC-1271 included, with nothing.
      await networkHelpers.setCode(platform.alpha.operator.address, "0x00");
      await settleBeta(platform, 3);
    });

    it("still pays a suspended holder, not one that has left", async () => {
      const platform = await loadFixture(openedSession);
      const { members, beta } = platform;
      await members.suspend(beta.id, digest("r"));
      await settleBeta(platform, 3);
      expect((await balances(platform))[3]).to.equal(0n);
      await members.connect(beta.operator).exit(beta.id);
      await expect(settleBeta(platform, 4))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(beta.id, Status.Exited);
    });

    it("pays although the querier was suspended", async () => {
      const platform = await loadFixture(openedSession);
      await platform.members.suspend(platform.alpha.id, digest("r"));
      await settleBeta(platform, 3);
    });

    it("pays after expiry, until the window is over", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, expiresAt, settlesUntil } = platform;
      await time.increaseTo(expiresAt + 1);
      await settleBeta(platform, 3);
      await time.increaseTo(settlesUntil + 1);
      await expect(settleBeta(platform, 4))
        .to.be.revertedWithCustomError(ledger, "SettlementTooLate")
        .withArgs(session, settlesUntil);
    });

    it("keeps the window the session was opened under", async () => {
      const platform = await loadFixture(openedSession);
      await platform.parameters.setSettlementWindow(60);
      await time.increaseTo(platform.expiresAt + 61);
      await settleBeta(platform, 3);
      await expect(platform.ledger.closeSession(platform.session)).to.be.revertedWithCustomError(
        platform.ledger,
        "SessionNotClosable",
      );
    });
  });

  describe("a refund racing a settlement", () => {
    /** Both transactions in one block of the given second, in the given order; returns which succeeded. */
    async function race(platform: Opened, second: number, order: readonly ("settle" | "close")[]) {
      const { ledger, session, alpha, beta, betaData, outsider } = platform;
      const head = await laneHead(platform, alpha.operator, { session, dataset: betaData, count: 3 });
      await connection.provider.request({ method: "evm_setAutomine", params: [false] });
      const sent = [];
      for (const [index, what] of order.entries()) {
        const overrides = { gasLimit: 1_000_000, maxPriorityFeePerGas: 10n ** 9n * BigInt(2 - index) };
        sent.push(
          what === "settle"
            ? await ledger.connect(beta.operator).settle(session, betaData, [head], overrides)
            : await ledger.connect(outsider).closeSession(session, overrides),
        );
      }
      await time.setNextBlockTimestamp(second);
      await networkHelpers.mine();
      await connection.provider.request({ method: "evm_setAutomine", params: [true] });
      const receipts = await Promise.all(sent.map(({ hash }) => ethers.provider.getTransactionReceipt(hash)));
      expect(receipts.map((receipt) => receipt?.index)).to.deep.equal([0, 1]);
      return order.filter((_, index) => receipts[index]?.status === 1);
    }

    for (const order of [
      ["settle", "close"],
      ["close", "settle"],
    ] as const) {
      it(`is won by the settlement in the window's last second (${order.join(", ")})`, async () => {
        const platform = await loadFixture(openedSession);
        expect(await race(platform, platform.settlesUntil, order)).to.deep.equal(["settle"]);
        expect((await balances(platform))[4]).to.equal(77n);
      });

      it(`is won by the refund a second later (${order.join(", ")})`, async () => {
        const platform = await loadFixture(openedSession);
        expect(await race(platform, platform.settlesUntil + 1, order)).to.deep.equal(["close"]);
        expect(await balances(platform)).to.deep.equal([20_500n, 20_500n, 20_500n, 0n, 0n]);
      });
    }

    it("names the reason to who comes second", async () => {
      const platform = await loadFixture(openedSession);
      const { ledger, session, settlesUntil } = platform;
      await time.setNextBlockTimestamp(settlesUntil);
      await settleBeta(platform, 3);
      await expect(ledger.closeSession.staticCall(session))
        .to.be.revertedWithCustomError(ledger, "SessionNotClosable")
        .withArgs(session, settlesUntil + 1);
      await time.increaseTo(settlesUntil + 1);
      await ledger.closeSession(session);
      await expect(settleBeta(platform, 4))
        .to.be.revertedWithCustomError(ledger, "SessionNotOpen")
        .withArgs(session, SessionStatus.Closed);
    });
  });
});
