import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { deploymentSchema, readDeployment } from "../../../relayer/chain/deployment.ts";

const names = Object.keys(deploymentSchema.shape.addresses.shape);
const good = {
  chainId: 31337,
  rpcUrl: "http://127.0.0.1:8545",
  deployedAtBlock: 1,
  addresses: Object.fromEntries(names.map((name, index) => [name, `0xABcd${(index % 16).toString(16).repeat(36)}`])),
};

describe("the deployment file", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-deployment-"));
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function reading(content: string): Promise<unknown> {
    const file = join(directory, "deployment.json");
    await writeFile(file, content);
    return await readDeployment(file).catch((error: unknown) => error);
  }

  it("is read with addresses in lower case", async () => {
    const found = (await reading(JSON.stringify(good))) as typeof good;
    expect(found.addresses["queryLedger"]).equal(`0xabcd${"7".repeat(36)}`);
  });

  const bad: Record<string, unknown> = {
    "an unknown contract": { ...good, addresses: { ...good.addresses, extra: good.addresses["points"] } },
    "a missing contract": { ...good, addresses: { ...good.addresses, points: undefined } },
    "no address": { ...good, addresses: { ...good.addresses, points: "0x12" } },
    "chain id 0": { ...good, chainId: 0 },
  };
  for (const [what, content] of Object.entries(bad)) {
    it(`is refused with ${what}`, async () => {
      expect(isFault(await reading(JSON.stringify(content)), "DEPLOYMENT_UNREADABLE")).equal(true);
    });
  }

  it("is refused when truncated or missing", async () => {
    expect(isFault(await reading(JSON.stringify(good).slice(0, 50)), "DEPLOYMENT_UNREADABLE")).equal(true);
    const missing: unknown = await readDeployment(join(directory, "none.json")).catch((error: unknown) => error);
    expect(isFault(missing, "DEPLOYMENT_UNREADABLE")).equal(true);
  });
});
