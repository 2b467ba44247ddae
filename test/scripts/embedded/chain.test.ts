import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { isFault, type Fault } from "../../../protocol/errors/fault.ts";
import { startChain, type Chain, type ChainOptions } from "../../../scripts/embedded/chain.ts";
import { callRpc } from "../../../scripts/embedded/json-rpc.ts";
import { listSnapshots } from "../../../scripts/embedded/ledger-snapshots.ts";
import { freePort } from "../../../scripts/embedded/ports.ts";
import { identifyProcess } from "../../../scripts/embedded/process-identity.ts";
import { deployLoggerContract } from "../../support/logger-contract.ts";

describe("the local chain", () => {
  let stateDir: string;
  let port: number;
  let lines: string[];
  const running: Chain[] = [];

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "riskveil-chain-"));
    port = await freePort();
    lines = [];
  });

  afterEach(async () => {
    for (const chain of running.splice(0)) await chain.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  async function start(options: Partial<ChainOptions> = {}): Promise<Chain> {
    const chain = await startChain({ stateDir, port, log: (line) => lines.push(line), ...options });
    running.push(chain);
    return chain;
  }

  async function kill(chain: Chain): Promise<void> {
    process.kill(chain.pid, "SIGKILL");
    await chain.exited;
    // What a killed launcher leaves behind: its own identity, of a process that is no more.
    await writeFile(join(stateDir, "owner.json"), JSON.stringify({ pid: 2 ** 22 + 1, started: "never" }));
  }

  it("comes back after a stop with blocks, transactions, receipts and logs, under the same hashes", async () => {
    const first = await start();
    const contract = await deployLoggerContract(first.rpcUrl);
    const hash = await contract.log(utf8("a".repeat(32)));
    await contract.log(utf8("b".repeat(32)));
    const receipt = (await callRpc(first.rpcUrl, "eth_getTransactionReceipt", [hash])) as { blockNumber: string };
    const block = await callRpc(first.rpcUrl, "eth_getBlockByNumber", [receipt.blockNumber, true]);
    const logs = await contract.logs();
    await first.stop();
    expect(identifyProcess(first.pid)).equal(undefined);

    const second = await start();
    expect(second.restoredBlock).equal(3);
    expect(await callRpc(second.rpcUrl, "eth_getTransactionReceipt", [hash])).deep.equal(receipt);
    expect(await callRpc(second.rpcUrl, "eth_getBlockByNumber", [receipt.blockNumber, true])).deep.equal(block);
    expect(await contract.logs()).deep.equal(logs);
    await contract.log(utf8("c".repeat(32)));
    expect(await contract.logs()).length(3);
  });

  it("loses only what is newer than the last snapshot when everything is killed, and takes the same bytes again", async () => {
    const first = await start();
    const contract = await deployLoggerContract(first.rpcUrl);
    await contract.log(utf8("a".repeat(32)));
    await first.snapshot();
    const raw = await contract.sign(2, utf8("b".repeat(32)));
    const hash = await callRpc(first.rpcUrl, "eth_sendRawTransaction", [raw]);
    await contract.log(utf8("c".repeat(32))).catch(() => undefined);
    await kill(first);

    const second = await start();
    expect(await contract.logs()).length(1);
    expect(await callRpc(second.rpcUrl, "eth_sendRawTransaction", [raw])).equal(hash);
  });

  it("starts from the copy before when the newest is truncated, and says so", async () => {
    const first = await start();
    const contract = await deployLoggerContract(first.rpcUrl);
    await contract.log(utf8("a".repeat(32)));
    await first.snapshot();
    await contract.log(utf8("b".repeat(32)));
    await first.stop();
    const [newest] = await listSnapshots(stateDir);
    const path = join(stateDir, newest ?? "");
    await truncate(path, (await readFile(path)).length - 10);

    const second = await start();
    expect(second.restoredBlock).equal(2);
    expect(await contract.logs()).length(1);
    expect(lines.join("\n")).match(/damaged/);
  });

  it("refuses to start from nothing when there were copies and none is good", async () => {
    const first = await start();
    await deployLoggerContract(first.rpcUrl);
    await first.snapshot();
    await first.stop();
    for (const name of await listSnapshots(stateDir)) await truncate(join(stateDir, name), 7);
    expect(await faultOf(start())).equal("LEDGER_UNREADABLE");
    expect((await start({ fresh: true })).restoredBlock).equal(undefined);
  });

  it("keeps two copies", async () => {
    const chain = await start();
    const contract = await deployLoggerContract(chain.rpcUrl);
    for (let i = 0; i < 4; i++) {
      await contract.log(utf8(String(i).repeat(32)));
      await chain.snapshot();
    }
    expect(await listSnapshots(stateDir)).length(2);
  });

  it("copies by itself when blocks came", async () => {
    const chain = await start({ snapshotEveryMs: 20 });
    const contract = await deployLoggerContract(chain.rpcUrl);
    await contract.log(utf8("a".repeat(32)));
    while (!(await wrote(2))) await new Promise((done) => setTimeout(done, 10));
    await kill(chain);
    expect((await start()).restoredBlock).equal(2);

    async function wrote(block: number): Promise<boolean> {
      const [newest] = await listSnapshots(stateDir);
      if (newest === undefined) return false;
      return (await readFile(join(stateDir, newest), "latin1").catch(() => "")).includes(`"block":${String(block)},`);
    }
  });

  it("never copies the effects of a block without the block, however busy the chain is", async () => {
    const chain = await start();
    const contract = await deployLoggerContract(chain.rpcUrl);
    let busy = true;
    let sent = 0;
    const load = (async () => {
      for (let nonce = 1; busy; nonce++, sent++) {
        const raw = await contract.sign(nonce, utf8(String(nonce % 10).repeat(32)));
        await callRpc(chain.rpcUrl, "eth_sendRawTransaction", [raw]);
      }
    })();
    for (let i = 0; i < 8; i++) await chain.snapshot();
    busy = false;
    await load;
    expect(sent).greaterThan(0);
    const before = (await contract.logs()).map(({ transactionHash }) => transactionHash);
    await kill(chain);

    const again = await start();
    // Every log of the copy is one of the first run, in order; and the account has sent what the blocks hold, no more.
    const after = (await contract.logs()).map(({ transactionHash }) => transactionHash);
    expect(before.slice(0, after.length)).deep.equal(after);
    const nonce = Number(await callRpc(again.rpcUrl, "eth_getTransactionCount", [contract.caller, "latest"]));
    expect(nonce).equal(after.length + 1);
    await contract.log(utf8("z".repeat(32)));
    expect(await contract.logs()).length(after.length + 1);
  });

  it("stops the anvil that a killed run left behind", async () => {
    const first = await start();
    await deployLoggerContract(first.rpcUrl);
    await first.snapshot();
    await writeFile(join(stateDir, "owner.json"), JSON.stringify({ pid: 2 ** 22 + 1, started: "never" }));
    const second = await start();
    await first.exited;
    expect(second.restoredBlock).equal(1);
  });

  it("leaves alone a process that merely has the pid of an old anvil", async () => {
    const stranger = spawn("sleep", ["60"]);
    await once(stranger, "spawn");
    await writeFile(join(stateDir, "anvil.json"), JSON.stringify(identifyProcess(stranger.pid ?? 0)));
    await start();
    expect(stranger.exitCode ?? stranger.signalCode).equal(null);
    stranger.kill("SIGKILL");
  });

  it("does not take the ledger from a run that is alive", async () => {
    await start();
    const other = await freePort();
    expect(await faultOf(startChain({ stateDir, port: other, log: () => undefined }))).equal("CHAIN_IN_USE");
  });

  it("names a taken port", async () => {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    const error: unknown = await start().catch((reason: unknown) => reason);
    server.close();
    expect(isFault(error, "PORT_TAKEN")).equal(true);
    expect((error as Fault).values["port"]).equal(port);
  });
});

async function faultOf(work: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isFault(error) ? error.code : String(error);
}
