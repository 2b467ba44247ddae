/** One way through the joint computation from end to end, in the order in which its parties act. */
import { expect } from "chai";
import { describe, it } from "mocha";

import { activeNodes, EditionStatus, editionTerms, makeKeys, Phase, Purpose, strippingBegun } from "./computation.ts";
import { connection, DAY, digest, POINT } from "./platform.ts";
import { loadFixture } from "./fixtures.ts";
import { allotted, laneHead } from "./stages.ts";

describe("the joint computation", () => {
  it("makes keys, collects, merges, strips and publishes", async () => {
    const { rounds, tables, alpha, beta } = await loadFixture(strippingBegun);
    expect((await rounds.getRound(1)).phase).to.equal(Phase.Completed);
    for (const purpose of Object.values(Purpose)) expect(await rounds.currentRound(purpose)).to.equal(1);
    for (const { operator } of [alpha, beta]) {
      await tables.connect(operator).postShares(1, 1, digest(`shares ${operator.address}`));
    }
    for (const { operator } of [alpha, beta]) await tables.connect(operator).confirmTable(1, 1, digest("table"));
    const edition = await tables.getEdition(1);
    expect([edition.status, edition.tableRoot]).to.deep.equal([BigInt(EditionStatus.Published), digest("table")]);
    expect(await tables.latestPublished()).to.equal(1);
  });

  it("pays nodes for their services, a fifth to the pool, as holders are paid for their datasets", async () => {
    const platform = await loadFixture(activeNodes);
    const { nodes, ledger, points, alpha, beta } = platform;
    await makeKeys(platform);
    await platform.tables.setTerms(editionTerms(platform));
    const [service, location, decryption] = [
      await nodes.serviceOf(beta.id, Purpose.Evaluation),
      await nodes.serviceOf(beta.id, Purpose.Locator),
      await nodes.serviceOf(beta.id, Purpose.Query),
    ];
    const session = await ledger.sessionIdOf(alpha.id, 9);
    const expiresAt = (await connection.networkHelpers.time.latest()) + DAY;
    await ledger
      .connect(alpha.operator)
      .openSession(9, ...allotted([service, 16], [location, 16], [decryption, 64]), expiresAt);
    const before = await points.pointsOf(beta.id);
    const head = await laneHead(platform, alpha.operator, { session, dataset: service, count: 10 });
    await ledger.connect(beta.operator).settle(session, service, [head]);
    expect((await points.pointsOf(beta.id)) - before).to.equal(8n * POINT);
  });
});
