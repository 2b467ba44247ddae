/** What a node says of itself: real chain, real PostgreSQL, real queue. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex, type Hex } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { healthDigest } from "../../../../relayer/services/nodes/health.ts";
import { createKeyNodes, until, type KeyNode, type KeyNodes } from "../../../support/key-nodes.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "../../../support/platform.ts";

const WINDOW_SECONDS = 3_600;

describe("a node's reports", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let nodes: KeyNodes;
  let firm: TestMember;
  let node: KeyNode;

  before(async () => {
    platform = await startTestPlatform(1);
    nodes = createKeyNodes(platform);
    firm = platform.firms[0]!;
    node = await nodes.start(firm, { settings: { nodeHeartbeatMs: WINDOW_SECONDS * 1_000 } });
  });
  after(async () => {
    await nodes.close();
    await platform.stop();
  });

  const reported = async (member = firm): Promise<string[]> => {
    const { algorithmNodes } = platform.contracts;
    const events = await algorithmNodes.queryFilter(algorithmNodes.filters.NodeHeartbeat(member.id));
    return events.map(({ args }) => args.healthDigest);
  };
  const pass = async (seconds: number): Promise<void> => {
    await platform.provider.send("evm_increaseTime", [seconds]);
    await platform.provider.send("evm_mine", []);
    await node.chain.watcher.look();
  };

  it("are none before it is appointed", async () => {
    await node.service.report();
    expect(await node.service.health()).to.equal(undefined);
    await platform.mined(platform.actingAs(firm).algorithmNodes.register());
    await node.chain.watcher.look();
    await node.service.report();
    expect((await node.service.me())?.status).to.equal("Registered");
    expect([await reported(), await node.service.health()]).to.deep.equal([[], undefined]);
  });

  it("come once a window, and the document opens the digest", async () => {
    await platform.mined(platform.governance.algorithmNodes.activate(firm.id));
    await node.chain.watcher.look();
    for (let time = 0; time < 3; time++) await node.service.report();
    await until(async () => (await reported()).length === 1);
    await node.chain.watcher.look();
    await node.service.report();
    const { document, salt, digest } = (await node.service.health())!;
    expect(await reported()).to.deep.equal([digest]);
    expect(document).to.deep.include({ member: firm.id, shares: [] });
    expect(toHex(healthDigest(JSON.stringify(document), fromHex(salt, 32)))).to.equal(digest);

    await pass(WINDOW_SECONDS);
    await node.service.report();
    await until(async () => (await reported()).length === 2);
    expect(new Set(await reported()).size).to.equal(2);
    expect((await node.service.health())!.document.moment).to.be.at.least(document.moment + WINDOW_SECONDS);
  });

  it("of old windows are not kept", async () => {
    const folder = join(node.keyDir, "..", "data", "node-health");
    for (let window = 1; window <= 30; window++) {
      writeFileSync(join(folder, `${String(window)}.json`), "{}", { mode: 0o600 });
    }
    await pass(WINDOW_SECONDS);
    await node.service.report();
    await until(() => readdirSync(folder).length === 24);
    await until(async () => (await reported()).length === 3);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).to.equal(0o600);
  });

  it("stop when it has retired", async () => {
    await platform.mined(platform.actingAs(firm).algorithmNodes.retire(firm.id));
    await pass(WINDOW_SECONDS);
    await node.service.report();
    expect((await node.service.me())?.status).to.equal("Retired");
    expect((await reported()).length).to.equal(3);
  });

  it("are not made up where a document was changed", async () => {
    const folder = join(node.keyDir, "..", "data", "node-health");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "99999999.json"), '{"document":', { mode: 0o600 });
    const code = await node.service.health().then(
      () => "none",
      (error: unknown) => (isFault(error) ? error.code : String(error)),
    );
    expect(code).to.equal("KEY_FILE_INVALID");
  });

  it("and rounds are not for a relayer whose settings say so", async () => {
    const other = await platform.admit("quiet");
    await nodes.appoint([other]);
    const quiet = await nodes.start(other, { settings: { algorithmNode: "off" } });
    await quiet.service.report();
    await quiet.service.run();
    expect(await reported(other)).to.deep.equal([]);
    const digest: Hex | undefined = (await quiet.service.health())?.digest;
    expect(digest).to.equal(undefined);
  });
});
