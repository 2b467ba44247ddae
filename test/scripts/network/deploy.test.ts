import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { connectContracts } from "../../../relayer/chain/contracts.ts";
import { readDeployment, type Deployment } from "../../../relayer/chain/deployment.ts";
import { createProvider } from "../../../relayer/chain/provider.ts";
import { startChain, type Chain } from "../../../scripts/embedded/chain.ts";
import { callRpc } from "../../../scripts/embedded/json-rpc.ts";
import { freePort } from "../../../scripts/embedded/ports.ts";
import { admitMembers } from "../../../scripts/network/admit-members.ts";
import { deployPlatform, deploymentFileIn } from "../../../scripts/network/deploy.ts";
import { applicant, newStaff, TEST_DELAY } from "../../support/staff.ts";

describe("deploying the platform", () => {
  const staff = newStaff();
  const log = (): void => undefined;
  let directory: string;
  let outDir: string;
  let chain: Chain;
  let deployment: Deployment;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-deploy-"));
    outDir = join(directory, "platform");
    chain = await startChain({ stateDir: join(directory, "chain"), port: await freePort(), log });
    deployment = await deploy();
  });

  after(async () => {
    await chain.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function deploy(): Promise<Deployment> {
    const { rpcUrl, chainId } = chain;
    return await deployPlatform({ rpcUrl, chainId, outDir, staff: staff.accounts, membersDelay: TEST_DELAY, log });
  }

  it("writes the file that relayers read, and keeps no deployer's key", async () => {
    expect(await readDeployment(deploymentFileIn(outDir))).deep.equal(deployment);
    expect(await readdir(outDir)).not.include("deployer.json");
    for (const file of await readdir(outDir, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(await readFile(join(file.parentPath, file.name), "utf8")).not.match(/deployerKey/);
    }
  });

  it("does nothing when the platform is there", async () => {
    const block = await callRpc(chain.rpcUrl, "eth_blockNumber");
    expect(await deploy()).deep.equal(deployment);
    expect(await callRpc(chain.rpcUrl, "eth_blockNumber")).equal(block);
  });

  it("finds every event of the platform from the block it names", async () => {
    const addresses = Object.values(deployment.addresses);
    const all = await callRpc(chain.rpcUrl, "eth_getLogs", [{ fromBlock: "0x0", address: addresses }]);
    const fromBlock = `0x${deployment.deployedAtBlock.toString(16)}`;
    expect(await callRpc(chain.rpcUrl, "eth_getLogs", [{ fromBlock, address: addresses }])).deep.equal(all);
  });

  it("admits members once, and brings a changed endpoint up to date", async () => {
    const members = ["association", "firm-a"].map((name, index) =>
      applicant({
        name,
        kind: index === 0 ? "Association" : "SecuritiesFirm",
        operatorKey: new Uint8Array(randomBytes(32)),
      }),
    );
    const options = { deployment, staffKeys: staff.keys, log };
    const ids = await admitMembers({ ...options, members });
    expect(await admitMembers({ ...options, members })).deep.equal(ids);
    await admitMembers({ ...options, members: members.map((m) => ({ ...m, endpoint: "http://127.0.0.1:7001" })) });

    const provider = createProvider(chain.rpcUrl, chain.chainId);
    const { memberRegistry } = connectContracts(deployment.addresses, provider);
    expect(await memberRegistry.memberCount()).equal(2n);
    const firm = await memberRegistry.getMember(ids.get("firm-a") ?? 0);
    expect([firm.status, firm.endpoint]).deep.equal([2n, "http://127.0.0.1:7001"]);
    provider.destroy();
  });

  it("names what the contract refuses an applicant with", async () => {
    const operatorKey = new Uint8Array(randomBytes(32));
    const error: unknown = await admitMembers({
      deployment,
      staffKeys: staff.keys,
      members: [applicant({ name: "NOT A NAME", kind: "Bank", operatorKey })],
      log,
    }).catch((reason: unknown) => reason);
    expect(isFault(error, "CHAIN_REVERTED") && error.values["error"]).equal("MemberNameInvalid");
  });

  it("deploys anew, elsewhere, when the ledger was forgotten", async () => {
    const { port } = new URL(chain.rpcUrl);
    await chain.stop();
    chain = await startChain({ stateDir: join(directory, "chain"), port: Number(port), log, fresh: true });
    const again = await deploy();
    expect(again.addresses.queryLedger).not.equal(deployment.addresses.queryLedger);
    expect(await readDeployment(deploymentFileIn(outDir))).deep.equal(again);
  });

  for (const blocks of [5, 25, 60]) {
    it(`goes on where it was interrupted, after ${String(blocks)} blocks`, async () => {
      const { port } = new URL(chain.rpcUrl);
      await chain.stop();
      chain = await startChain({ stateDir: join(directory, "chain"), port: Number(port), log, fresh: true });
      // The chain dies in the middle: replies are lost, the first run cannot finish and is given up.
      const first = deploy().catch((reason: unknown) => reason);
      let isOver = false;
      void first.then(() => (isOver = true));
      while (!isOver && Number(await callRpc(chain.rpcUrl, "eth_blockNumber")) < blocks) {
        await new Promise((done) => setTimeout(done, 5));
      }
      expect(isOver, "over before it could be interrupted").equal(false);
      const { pid } = chain;
      await chain.snapshot();
      process.kill(pid, "SIGKILL");
      expect(await first).instanceOf(Error);
      await chain.stop();
      chain = await startChain({ stateDir: join(directory, "chain"), port: Number(port), log });
      deployment = await deploy();
      expect(await deploy()).deep.equal(deployment);
    });
  }
});
