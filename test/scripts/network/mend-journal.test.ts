import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";
import { after, before, describe, it } from "mocha";

import { mendJournal } from "../../../scripts/network/mend-journal.ts";

/** That a hash is found again is shown with a real deployment in test/tasks/processes.test.ts. */
describe("the journal of a deployment that was killed", () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "riskveil-journal-"));
  });

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const entry = (type: string, futureId: string, nonce: number): string =>
    `\n${JSON.stringify({ type, futureId, networkInteractionId: 1, nonce })}`;
  const begun = (futureId: string): string =>
    ["DEPLOYMENT_EXECUTION_STATE_INITIALIZE", "NETWORK_INTERACTION_REQUEST"]
      .map((type) => `\n${JSON.stringify({ type, futureId })}`)
      .join("");
  const first = begun("A") + entry("TRANSACTION_PREPARE_SEND", "A", 0) + entry("TRANSACTION_SEND", "A", 0);

  const mend = async (provider: Partial<JsonRpcProvider>): Promise<boolean> =>
    await mendJournal({
      ...{ provider: provider as JsonRpcProvider, directory, deployer: "0x", fromBlock: 1 },
      ignitionProvider: { request: () => Promise.reject(new Error("nothing to ask")) },
    });

  async function mended(journal: string, used: number): Promise<string> {
    const file = join(directory, "journal.jsonl");
    writeFileSync(file, journal);
    expect(await mend({ getTransactionCount: () => Promise.resolve(used) })).equal(true);
    return readFileSync(file, "utf8");
  }

  it("stays as it is where every nonce has its hash", async () => {
    expect(await mended(first, 1)).equal(first);
  });

  it("forgets a nonce that was taken and never used", async () => {
    const taken = first + begun("B");
    expect(await mended(taken + entry("TRANSACTION_PREPARE_SEND", "B", 1), 1)).equal(taken);
  });

  for (const kind of ["DEPLOYMENT", "CALL", "SEND_DATA"]) {
    it(`forgets a ${kind} that was begun and for which nothing was requested`, async () => {
      const type = `${kind}_EXECUTION_STATE_INITIALIZE`;
      expect(await mended(`${first}\n${JSON.stringify({ type, futureId: "B" })}`, 1)).equal(first);
    });
  }

  it("keeps what needs no transaction", async () => {
    const read = `${first}\n${JSON.stringify({ type: "READ_EVENT_ARGUMENT_EXECUTION_STATE_INITIALIZE", futureId: "B" })}`;
    expect(await mended(read, 1)).equal(read);
  });

  it("forgets a line that was cut off", async () => {
    expect(await mended(`${first}\n{"type":"TRANSACT`, 1)).equal(first);
  });

  it("is past mending where a nonce is counted and no block has its transaction", async () => {
    const journal = first + begun("B") + entry("TRANSACTION_PREPARE_SEND", "B", 1);
    writeFileSync(join(directory, "journal.jsonl"), journal);
    const isWhole = await mend({
      getTransactionCount: () => Promise.resolve(2),
      getBlockNumber: () => Promise.resolve(3),
      getBlock: () => Promise.resolve(null),
    });
    expect(isWhole).equal(false);
    expect(readFileSync(join(directory, "journal.jsonl"), "utf8")).equal(journal);
  });

  it("need not be there", async () => {
    rmSync(join(directory, "journal.jsonl"));
    expect(await mend({})).equal(true);
  });
});
