import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { faultOf, medium, random, small } from "../../protocol/paillier/fixtures.ts";
import { readStatisticsKeyShare, storeStatisticsKeyShare } from "../../../relayer/keys/statistics-key-share.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const { thresholdKey, keyShares } = medium;
const [first, second] = [keyShares[0]!, keyShares[1]!];

describe("a node's share of the statistics key", () => {
  const directory = temporaryDirectory();
  let run = 0;
  const home = (): string => join(directory, String(run++));

  it("is kept readable by its owner only, and read back checked", async () => {
    const keyDir = home();
    expect(await readStatisticsKeyShare(keyDir, thresholdKey)).to.equal(undefined);
    await storeStatisticsKeyShare(keyDir, thresholdKey, first, random);
    expect(await readStatisticsKeyShare(keyDir, thresholdKey)).to.deep.equal(first);
    expect(await readStatisticsKeyShare(keyDir, small.thresholdKey)).to.equal(undefined);
    const [file = ""] = readdirSync(join(keyDir, "statistics"));
    expect(statSync(join(keyDir, "statistics", file)).mode & 0o777).to.equal(0o600);
  });

  it("is never replaced: the same again is fine, another is refused", async () => {
    const keyDir = home();
    await storeStatisticsKeyShare(keyDir, thresholdKey, first, random);
    await storeStatisticsKeyShare(keyDir, thresholdKey, first, random);
    await refused(storeStatisticsKeyShare(keyDir, thresholdKey, second, random), "STATISTICS_KEY_SHARE_EXISTS");
    expect(await readStatisticsKeyShare(keyDir, thresholdKey)).to.deep.equal(first);
  });

  it("that does not fit the key is neither written nor read", async () => {
    const keyDir = home();
    const wrong = { index: 1, value: second.value };
    await refused(storeStatisticsKeyShare(keyDir, thresholdKey, wrong, random), "PAILLIER_KEY_SHARE_INVALID");
    await storeStatisticsKeyShare(keyDir, thresholdKey, first, random);
    const [name = ""] = readdirSync(join(keyDir, "statistics"));
    const file = join(keyDir, "statistics", name);
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace('"index":1', '"index":2'));
    await refused(readStatisticsKeyShare(keyDir, thresholdKey), "PAILLIER_KEY_SHARE_INVALID");
    writeFileSync(file, "{}");
    await refused(readStatisticsKeyShare(keyDir, thresholdKey), "KEY_FILE_INVALID");
    writeFileSync(file, good);
    chmodSync(file, 0o644);
    await refused(readStatisticsKeyShare(keyDir, thresholdKey), "KEY_FILE_EXPOSED");
  });

  async function refused(work: Promise<unknown>, expected: string): Promise<void> {
    let thrown: unknown;
    await work.catch((error: unknown) => {
      thrown = error;
    });
    expect(
      faultOf(() => {
        throw thrown;
      }).code,
    ).to.equal(expected);
  }
});
