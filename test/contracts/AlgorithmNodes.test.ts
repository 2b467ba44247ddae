import { expect } from "chai";
import { AbiCoder, encodeBytes32String, keccak256, toBeHex, ZeroHash } from "ethers";
import { describe, it } from "mocha";

import { activeNodes, NodeStatus, Purpose } from "./computation.ts";
import { loadFixture } from "./fixtures.ts";
import { admit, Capability, connection, digest, Kind, POINT, type Signer, Status } from "./platform.ts";
import { type Call, shouldBehaveLikeRestricted } from "./restricted.behavior.ts";
import { admittedMembers, allotted, laneHead, type Members, type Party, publishedDatasets } from "./stages.ts";

const { networkHelpers } = connection;
const NOBODY = 99n;
const REASON = encodeBytes32String("EVALUATION_INVALID");
const EVIDENCE = digest("evidence");

/** Beta offers itself, once: the fixture of the shared behaviour knows no nodes. */
const betaRegisters = async ({ nodes, beta }: Pick<Members, "nodes" | "beta">): Promise<void> => {
  if ((await nodes.getNode(beta.id)).status === BigInt(NodeStatus.None)) await nodes.connect(beta.operator).register();
};

const ofBeta =
  (call: Call): Call =>
  async (platform, as) => {
    await betaRegisters(platform);
    return call(platform, as);
  };

/** Beta is registered and waits to be appointed. */
async function registeredNode() {
  const platform = await loadFixture(publishedDatasets);
  await betaRegisters(platform);
  return platform;
}

describe("AlgorithmNodes", () => {
  shouldBehaveLikeRestricted([
    {
      name: "activate",
      role: "ASSOCIATION_ROLE",
      call: ofBeta(({ nodes, beta }, as) => nodes.connect(as).activate(beta.id)),
    },
    {
      name: "retire",
      role: "ASSOCIATION_ROLE",
      call: ofBeta(({ nodes, beta }, as) => nodes.connect(as).retire(beta.id)),
    },
  ]);

  describe("registration", () => {
    it("is the member's own, and names the services that sessions pay for", async () => {
      const { nodes, beta, emergency } = await loadFixture(admittedMembers);
      const { chainId } = await connection.ethers.provider.getNetwork();
      const idOf = async (purpose: number): Promise<string> =>
        keccak256(
          AbiCoder.defaultAbiCoder().encode(
            ["uint256", "address", "uint32", "uint8"],
            [chainId, await nodes.getAddress(), beta.id, purpose],
          ),
        );
      const services = [await idOf(Purpose.Evaluation), await idOf(Purpose.Locator), await idOf(Purpose.Query)];
      expect(await nodes.serviceOf(beta.id, Purpose.Evaluation)).to.equal(services[0]);
      await expect(nodes.connect(beta.operator).register())
        .to.emit(nodes, "NodeRegistered")
        .withArgs(beta.id, ...services);
      expect(await nodes.getNode(beta.id)).to.deep.equal([
        BigInt(NodeStatus.Registered),
        await emergency.time(),
        0n,
        0n,
        0n,
        0n,
      ]);
      expect([await nodes.nodeCount(), await nodes.nodeAt(0)]).to.deep.equal([1n, beta.id]);
      expect(await nodes.isActiveNode(beta.id)).to.equal(false);
    });

    it("is open to whoever may compute: firms, node operators and the Association, not regulators", async () => {
      const platform = await loadFixture(admittedMembers);
      const { members, nodes, association, bank, spare, another, outsider } = platform;
      for (const [operator, kind] of [
        [spare, Kind.NodeOperator],
        [another, Kind.Regulator],
      ] as const) {
        await members.connect(operator).apply_(kind, `kind-${kind}`, "https://a.example");
        await admit(platform, operator);
      }
      for (const operator of [association.operator, bank.operator, spare]) await nodes.connect(operator).register();
      expect(await nodes.nodeCount()).to.equal(3);
      await expect(nodes.connect(another).register())
        .to.be.revertedWithCustomError(members, "MemberNotEntitled")
        .withArgs(await members.memberOf(another), Kind.Regulator, Capability.Compute);
      await expect(nodes.connect(outsider).register())
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });

    it("happens once, for a node that waits and for one in office", async () => {
      const { nodes, beta } = await loadFixture(registeredNode);
      for (const appoint of [async () => undefined, async () => nodes.activate(beta.id)]) {
        await appoint();
        await expect(nodes.connect(beta.operator).register())
          .to.be.revertedWithCustomError(nodes, "NodeAlreadyRegistered")
          .withArgs(beta.id);
      }
    });

    it("stops at 255 nodes, for newcomers", async () => {
      const { nodes, gamma, beta } = await loadFixture(registeredNode);
      // Behind the slot of AccessManaged: the length of the list.
      await networkHelpers.setStorageAt(await nodes.getAddress(), 1, toBeHex(255, 32));
      expect(await nodes.nodeCount()).to.equal(255);
      await expect(nodes.connect(gamma.operator).register())
        .to.be.revertedWithCustomError(nodes, "NodeCatalogueFull")
        .withArgs(255);
      await nodes.retire(beta.id);
      await nodes.connect(beta.operator).register();
    });

    it("comes again after a retirement, in the same place, with the reports there were, and waits anew", async () => {
      const { nodes, alpha, beta, gamma } = await loadFixture(activeNodes);
      await nodes.connect(alpha.operator).report(beta.id, REASON, EVIDENCE);
      await nodes.retire(beta.id);
      await nodes.connect(beta.operator).register();
      const { status, activatedAt, reports } = await nodes.getNode(beta.id);
      expect([status, activatedAt, reports]).to.deep.equal([BigInt(NodeStatus.Registered), 0n, 1n]);
      expect(await nodes.isActiveNode(beta.id)).to.equal(false);
      expect([await nodes.nodeCount(), await nodes.nodeAt(2), await nodes.nodeAt(3)]).to.deep.equal([
        4n,
        beta.id,
        gamma.id,
      ]);
    });
  });

  describe("appointment", () => {
    it("puts a registered node in office", async () => {
      const { nodes, beta, emergency } = await loadFixture(registeredNode);
      await expect(nodes.activate(beta.id)).to.emit(nodes, "NodeActivated").withArgs(beta.id);
      const { status, activatedAt } = await nodes.getNode(beta.id);
      expect([status, activatedAt]).to.deep.equal([BigInt(NodeStatus.Active), await emergency.time()]);
      expect(await nodes.isActiveNode(beta.id)).to.equal(true);
    });

    it("is refused for strangers, twice, after a retirement and for a member that is not active", async () => {
      const { nodes, members, beta } = await loadFixture(registeredNode);
      await expect(nodes.activate(NOBODY)).to.be.revertedWithCustomError(nodes, "NodeUnknown").withArgs(NOBODY);
      await members.suspend(beta.id, digest("reason"));
      await expect(nodes.activate(beta.id))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(beta.id, Status.Suspended);
      await members.reinstate(beta.id);
      await nodes.activate(beta.id);
      await expect(nodes.activate(beta.id))
        .to.be.revertedWithCustomError(nodes, "NodeNotRegistered")
        .withArgs(beta.id, NodeStatus.Active);
      await nodes.retire(beta.id);
      await expect(nodes.activate(beta.id))
        .to.be.revertedWithCustomError(nodes, "NodeNotRegistered")
        .withArgs(beta.id, NodeStatus.Retired);
    });

    it("rests while the member is suspended, and ends with a membership", async () => {
      const { nodes, members, alpha, beta } = await loadFixture(activeNodes);
      const service = await nodes.serviceOf(beta.id, Purpose.Evaluation);
      await members.suspend(beta.id, digest("reason"));
      expect(await nodes.isActiveNode(beta.id)).to.equal(false);
      expect(await nodes.providerOf(service)).to.equal(0);
      await expect(nodes.connect(beta.operator).heartbeat(digest("well")))
        .to.be.revertedWithCustomError(members, "MemberNotActive")
        .withArgs(beta.id, Status.Suspended);
      await members.reinstate(beta.id);
      expect(await nodes.isActiveNode(beta.id)).to.equal(true);
      await members.exit(alpha.id);
      expect(await nodes.isActiveNode(alpha.id)).to.equal(false);
    });
  });

  describe("retirement", () => {
    it("is the node's own as well, also before its appointment", async () => {
      const { nodes, beta } = await loadFixture(registeredNode);
      await expect(nodes.connect(beta.operator).retire(beta.id)).to.emit(nodes, "NodeRetired").withArgs(beta.id);
      expect((await nodes.getNode(beta.id)).status).to.equal(NodeStatus.Retired);
      await expect(nodes.connect(beta.operator).retire(beta.id))
        .to.be.revertedWithCustomError(nodes, "NodeAlreadyRetired")
        .withArgs(beta.id);
    });

    it("is open to a suspended member and to one that has left: nobody is kept in an office", async () => {
      const { nodes, members, beta, gamma } = await loadFixture(activeNodes);
      await members.suspend(beta.id, digest("reason"));
      await nodes.connect(beta.operator).retire(beta.id);
      await members.exit(gamma.id);
      await nodes.connect(gamma.operator).retire(gamma.id);
    });

    it("is not for other nodes, nor for an operator that no longer acts for it", async () => {
      const { nodes, members, beta, gamma, spare } = await loadFixture(activeNodes);
      await members.connect(beta.operator).nominateOperator(spare);
      await members.connect(spare).acceptNomination(beta.id);
      await members.connect(beta.operator).retireOperator(spare);
      for (const stranger of [gamma.operator, spare] as Signer[]) {
        await expect(nodes.connect(stranger).retire(beta.id))
          .to.be.revertedWithCustomError(nodes, "AccessManagedUnauthorized")
          .withArgs(stranger.address);
      }
      await expect(nodes.retire(NOBODY)).to.be.revertedWithCustomError(nodes, "NodeUnknown").withArgs(NOBODY);
    });
  });

  describe("services", () => {
    it("lead to the node while it is active, and to nobody otherwise", async () => {
      const { nodes, beta, regulatory } = await loadFixture(registeredNode);
      const services = [
        await nodes.serviceOf(beta.id, Purpose.Evaluation),
        await nodes.serviceOf(beta.id, Purpose.Locator),
        await nodes.serviceOf(beta.id, Purpose.Query),
      ];
      const providers = async () => Promise.all(services.map(async (service) => nodes.providerOf(service)));
      expect(await providers()).to.deep.equal([0n, 0n, 0n]);
      await nodes.activate(beta.id);
      expect(await providers()).to.deep.equal([beta.id, beta.id, beta.id]);
      await nodes.retire(beta.id);
      expect(await providers()).to.deep.equal([0n, 0n, 0n]);
      expect(await nodes.providerOf(regulatory)).to.equal(0);
    });

    it("are evaluation and decryption: the layer is taken off unpaid", async () => {
      const { nodes, beta } = await loadFixture(registeredNode);
      await expect(nodes.serviceOf(beta.id, Purpose.Layer))
        .to.be.revertedWithCustomError(nodes, "ServiceUnknown")
        .withArgs(Purpose.Layer);
    });

    it("are allotted to active nodes alone, and paid for after a retirement if allotted before", async () => {
      const platform = await loadFixture(activeNodes);
      const { nodes, ledger, datasets, points, alpha, beta } = platform;
      const service = await nodes.serviceOf(beta.id, Purpose.Evaluation);
      const expiresAt = (await networkHelpers.time.latest()) + 3600;
      await ledger.connect(alpha.operator).openSession(1, ...allotted([service, 16]), expiresAt);
      await nodes.retire(beta.id);
      const session = await ledger.sessionIdOf(alpha.id, 1);
      const before = await points.pointsOf(beta.id);
      const head = await laneHead(platform, alpha.operator, { session, dataset: service, count: 10 });
      await ledger.connect(beta.operator).settle(session, service, [head]);
      expect((await points.pointsOf(beta.id)) - before).to.equal(8n * POINT);
      await expect(ledger.connect(alpha.operator).openSession(2, ...allotted([service, 16]), expiresAt))
        .to.be.revertedWithCustomError(datasets, "DatasetUnknown")
        .withArgs(service);
    });
  });

  describe("heartbeats and reports", () => {
    it("a node in office says how it is", async () => {
      const { nodes, beta, emergency } = await loadFixture(activeNodes);
      const sent = nodes.connect(beta.operator).heartbeat(digest("well"));
      await expect(sent).to.emit(nodes, "NodeHeartbeat");
      const moment = await emergency.time();
      await expect(sent).to.emit(nodes, "NodeHeartbeat").withArgs(beta.id, moment, digest("well"));
      expect((await nodes.getNode(beta.id)).lastHeartbeat).to.equal(moment);
    });

    it("nobody else does", async () => {
      const { nodes, members, alpha, beta, outsider } = await loadFixture(registeredNode);
      for (const [party, status] of [
        [alpha, NodeStatus.None],
        [beta, NodeStatus.Registered],
      ] as [Party, number][]) {
        await expect(nodes.connect(party.operator).heartbeat(digest("well")))
          .to.be.revertedWithCustomError(nodes, "NodeNotActive")
          .withArgs(party.id, status);
      }
      await expect(nodes.connect(outsider).heartbeat(digest("well")))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });

    it("any member puts evidence on record, each once, also against a node that has retired", async () => {
      const { nodes, alpha, beta, bank } = await loadFixture(activeNodes);
      const report = async (party: Party, reason = REASON, evidence = EVIDENCE) =>
        nodes.connect(party.operator).report(beta.id, reason, evidence);
      await expect(report(alpha)).to.emit(nodes, "NodeReported").withArgs(beta.id, alpha.id, REASON, EVIDENCE);
      await expect(report(alpha))
        .to.be.revertedWithCustomError(nodes, "ReportRepeated")
        .withArgs(beta.id, alpha.id, EVIDENCE);
      await report(bank);
      await report(alpha, encodeBytes32String("LATE"));
      await nodes.retire(beta.id);
      await report(alpha, REASON, digest("more"));
      expect((await nodes.getNode(beta.id)).reports).to.equal(4);
    });

    it("reporters are counted once each, however much they report and whatever becomes of the node", async () => {
      const { nodes, alpha, beta, bank } = await loadFixture(activeNodes);
      const counts = async (): Promise<bigint[]> => {
        const { reports, reporters } = await nodes.getNode(beta.id);
        return [reports, reporters];
      };
      expect(await counts()).to.deep.equal([0n, 0n]);
      const asAlpha = nodes.connect(alpha.operator);
      for (const evidence of ["one", "two", "three"]) await asAlpha.report(beta.id, REASON, digest(evidence));
      expect(await counts()).to.deep.equal([3n, 1n]);
      await nodes.connect(bank.operator).report(beta.id, REASON, EVIDENCE);
      await nodes.retire(beta.id);
      await nodes.connect(beta.operator).register();
      await asAlpha.report(beta.id, REASON, digest("four"));
      expect(await counts()).to.deep.equal([5n, 2n]);
    });

    it("a report needs a reason, evidence, a node, and somebody else than that node", async () => {
      const { nodes, members, alpha, beta, bank, outsider } = await loadFixture(activeNodes);
      const asAlpha = nodes.connect(alpha.operator);
      for (const [reason, evidence] of [
        [ZeroHash, EVIDENCE],
        [REASON, ZeroHash],
      ] as const) {
        await expect(asAlpha.report(beta.id, reason, evidence)).to.be.revertedWithCustomError(nodes, "ReportEmpty");
      }
      await expect(asAlpha.report(bank.id, REASON, EVIDENCE))
        .to.be.revertedWithCustomError(nodes, "NodeUnknown")
        .withArgs(bank.id);
      await expect(asAlpha.report(alpha.id, REASON, EVIDENCE))
        .to.be.revertedWithCustomError(nodes, "ReportOfOneself")
        .withArgs(alpha.id);
      await expect(nodes.connect(outsider).report(beta.id, REASON, EVIDENCE))
        .to.be.revertedWithCustomError(members, "OperatorUnknown")
        .withArgs(outsider.address);
    });
  });

  it("is set up once", async () => {
    const { nodes } = await loadFixture(admittedMembers);
    await expect(nodes.initialize()).to.be.revertedWithCustomError(nodes, "InvalidInitialization");
  });
});
