import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { createKeyStore, type KeyStore } from "../../../relayer/keys/key-store.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const DATASET: Hex = `0x${"ab".repeat(32)}`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return isFault(error) ? error.code : String(error);
  }
}

describe("key store", () => {
  let directory: string;
  let store: KeyStore;
  const reopened = (): KeyStore => createKeyStore(directory, random);

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), "riskveil-keys-")), "keys");
    store = reopened();
  });

  afterEach(() => {
    rmSync(join(directory, ".."), { recursive: true, force: true });
  });

  it("makes a next SM2 key beside the first, the same until it is adopted, and makes none by listing them", async () => {
    expect(await store.identityKeys()).to.deep.equal([]);
    const first = await store.identityKey();
    const next = await store.nextIdentityKey();
    expect(await reopened().nextIdentityKey()).to.deep.equal(next);
    expect(await reopened().identityKeys()).to.deep.equal([first, next]);
    expect(await reopened().identityKey()).to.deep.equal(first);
    await store.adoptNextIdentityKey();
    expect(await reopened().identityKeys()).to.deep.equal([next]);
    const file = join(directory, "identity.json");
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    chmodSync(file, 0o644);
    expect(await codeOf(store.identityKeys())).to.equal("KEY_FILE_EXPOSED");
  });

  it("makes each key once and finds it again", async () => {
    expect(await reopened().operatorKey()).to.deep.equal(await store.operatorKey());
    expect(await reopened().columnKeys()).to.deep.equal(await store.columnKeys());
    const key = await store.epochKey(DATASET, 3);
    expect(await reopened().epochKey(DATASET, 3)).to.deep.equal(key);
    expect(await store.epochKey(DATASET, 4)).not.to.deep.equal(key);
    expect(await store.findEpochKey(DATASET, 5)).to.equal(undefined);
  });

  it("gives two makers at once the same key, and leaves no other file", async () => {
    const made = await Promise.all([store, reopened(), reopened()].map((each) => each.epochKey(DATASET, 1)));
    expect(new Set(made.map(({ secretKey }) => toHex(secretKey))).size).to.equal(1);
    expect(readdirSync(join(directory, "epoch"))).to.deep.equal([`${DATASET}-1.json`]);
  });

  it("lets no other account read", async () => {
    await store.operatorKey();
    await store.epochKey(DATASET, 1);
    for (const file of ["operator.json", join("epoch", `${DATASET}-1.json`)]) {
      expect(statSync(join(directory, file)).mode & 0o777).to.equal(0o600);
    }
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
    chmodSync(join(directory, "operator.json"), 0o640);
    expect(await codeOf(store.operatorKey())).to.equal("KEY_FILE_EXPOSED");
  });

  it("destroys an epoch key for good, in every store and for whoever holds it", async () => {
    const key = await store.epochKey(DATASET, 1);
    const other = reopened();
    await other.epochKey(DATASET, 1);
    expect(await store.destroyEpochKey(DATASET, 1)).to.equal(true);
    expect(key.secretKey.every((byte) => byte === 0)).to.equal(true);
    for (const each of [store, other, reopened()]) {
      expect(await codeOf(each.epochKey(DATASET, 1))).to.equal("EPOCH_KEY_DESTROYED");
      expect(await codeOf(each.findEpochKey(DATASET, 1))).to.equal("EPOCH_KEY_DESTROYED");
    }
    expect(readdirSync(join(directory, "epoch"))).to.deep.equal([`${DATASET}-1.json.destroyed`]);
    expect(await store.destroyEpochKey(DATASET, 1)).to.equal(false);
    expect(await codeOf(store.epochKey(DATASET, 2))).to.equal("none");
  });

  it("refuses a damaged or exchanged file and makes no new key in its place", async () => {
    await store.epochKey(DATASET, 1);
    await store.epochKey(DATASET, 2);
    const file = (epoch: number): string => join(directory, "epoch", `${DATASET}-${String(epoch)}.json`);
    const one = JSON.parse(readFileSync(file(1), "utf8")) as Record<string, string>;
    const two = JSON.parse(readFileSync(file(2), "utf8")) as Record<string, string>;
    const contents = ["", "{", "null", "{}", JSON.stringify({ ...one, publicKey: two["publicKey"] })];
    for (const content of contents) {
      writeFileSync(file(1), content);
      expect(await codeOf(reopened().epochKey(DATASET, 1)), content).to.equal("KEY_FILE_INVALID");
    }
  });

  it("takes no path for a dataset", async () => {
    expect(await codeOf(store.epochKey("../../etc/passwd", 1))).to.include("RangeError");
  });
});
