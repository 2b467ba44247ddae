import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { generateKeyPair } from "../../../protocol/sm/sm2-key.ts";
import { sign } from "../../../protocol/sm/sm2-signature.ts";
import { openChain, type ChainConnection } from "../../../relayer/chain/open-chain.ts";
import { randomSource } from "../../../scripts/governance/random-source.ts";
import { startTestPlatform, type TestMember, type TestPlatform } from "../../support/platform.ts";
import { testDatabase, type TestDatabase } from "../../support/postgres.ts";

const DIGEST = `0x${"77".repeat(32)}`;

/** On a ledger of its own: it is taken a week ahead. */
describe("by which SM2 keys members are known", function () {
  this.timeout(480_000);
  let platform: TestPlatform;
  let database: TestDatabase;
  let chain: ChainConnection;

  before(async () => {
    platform = await startTestPlatform(2);
    database = await testDatabase();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const { operator } = platform.firms[0] as TestMember;
    const { deployment } = platform;
    chain = openChain({
      ...{ rpcUrl: deployment.rpcUrl, deployment, operator, db: database.db, clock: () => new Date(), log },
    });
    await chain.start();
  });

  after(async () => {
    // As far as it came.
    await (chain as ChainConnection | undefined)?.close();
    await (database as TestDatabase | undefined)?.close();
    await (platform as TestPlatform | undefined)?.stop();
  });

  it("knows the certificates of a member's keys: both while a key is replaced, one after, none when it is revoked", async () => {
    const { view, watcher } = chain;
    await watcher.look();
    const second = platform.firms[1] as TestMember;
    const digests = async (): Promise<string[]> => (await view.certificateDigests(second.id)).map(toHex);
    const [old = expect.fail()] = await digests();
    const key = generateKeyPair(randomSource);
    const [x, y] = [toHex(key.publicKey.slice(1, 33)), toHex(key.publicKey.slice(33))];
    const { identityKeys } = platform.actingAs(second);
    const message = fromHex(await identityKeys.possessionDigest(second.operator.address, x, y));
    await platform.mined(identityKeys.presentKey(x, y, toHex(sign(key, message, randomSource))));
    await watcher.look();
    expect(await digests()).deep.equal([old]);
    const next = toHex(randomSource(32));
    await platform.mined(platform.governance.identityKeys.certifyKey(second.id, 1, next));
    await watcher.look();
    expect(await digests()).deep.equal([old, next]);
    // The old one runs out without an event.
    await platform.provider.send("evm_increaseTime", [7 * 86_400 + 1]);
    await platform.provider.send("evm_mine", []);
    await watcher.look();
    expect(await digests()).deep.equal([next]);
    expect(await view.certificateDigests(99)).deep.equal([]);
    await platform.mined(identityKeys.revokeKey(second.id, 1, DIGEST));
    await watcher.look();
    expect(await digests()).deep.equal([]);
  });
});
