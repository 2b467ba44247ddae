import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { createNodeKeys, type NodeKeys } from "../../../relayer/keys/node-keys.ts";
import { faultOf } from "../../protocol/oprf/fixtures.ts";
import { random } from "../../support/key-nodes.ts";

describe("keys of an algorithm node", () => {
  let directory: string;
  let folder: string;
  let keys: NodeKeys;
  const reopened = (): NodeKeys => createNodeKeys(directory, random);
  const share = (index: number) => ({ index, secret: ristretto255.randomScalar(random) });
  const held = { round: 3, purpose: "query" } as const;
  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "none",
      (error: unknown) =>
        faultOf(() => {
          throw error;
        }).code,
    );

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), "riskveil-node-keys-")), "keys");
    folder = join(directory, "node");
    keys = reopened();
  });
  afterEach(() => {
    rmSync(join(directory, ".."), { recursive: true, force: true });
  });

  it("are made once for a round, and the same for all who make them at once", async () => {
    expect(await keys.findRoundSecrets(1)).to.equal(undefined);
    expect(existsSync(folder)).to.equal(false);
    const made = await Promise.all([keys, reopened(), reopened(), reopened()].map((each) => each.roundSecrets(1)));
    for (const each of made) expect(each).to.deep.equal(made[0]);
    expect(await reopened().findRoundSecrets(1)).to.deep.equal(made[0]);
    const other = await keys.roundSecrets(2);
    expect([other.seed, other.joining.secretKey]).to.not.deep.include.members([
      made[0]!.seed,
      made[0]!.joining.secretKey,
    ]);
    expect(await keys.openRounds()).to.deep.equal([1, 2]);
    expect(readdirSync(folder).sort()).to.deep.equal(["round-1.json", "round-2.json"]);
  });

  it("are for no other account", async () => {
    await keys.roundSecrets(1);
    await keys.keepShare(held, share(2));
    for (const name of ["round-1.json", "share-3-query.json"]) {
      expect(statSync(join(folder, name)).mode & 0o777).to.equal(0o600);
      chmodSync(join(folder, name), 0o604);
    }
    expect(statSync(folder).mode & 0o777).to.equal(0o700);
    expect(await codeOf(keys.findRoundSecrets(1))).to.equal("KEY_FILE_EXPOSED");
    expect(await codeOf(keys.findShare(held))).to.equal("KEY_FILE_EXPOSED");
  });

  it("are refused where a file is cut off or changed, without a word of what is in it", async () => {
    await keys.roundSecrets(1);
    await keys.keepShare(held, share(2));
    const files = ["round-1.json", "share-3-query.json"].map((name) => join(folder, name));
    for (const [file, find] of [
      [files[0]!, () => keys.findRoundSecrets(1)],
      [files[1]!, () => keys.findShare(held)],
    ] as const) {
      const good = readFileSync(file);
      for (const length of [0, 1, 30, good.length - 4]) {
        writeFileSync(file, good);
        truncateSync(file, length);
        expect(await codeOf(find())).to.equal("KEY_FILE_INVALID");
      }
      writeFileSync(file, random(good.length));
      expect(await codeOf(find())).to.equal("KEY_FILE_INVALID");
      writeFileSync(file, '{"index":1,"secret":"0x00"}');
      expect(await codeOf(find())).to.equal("KEY_FILE_INVALID");
    }
  });

  it("keep a share again, and another in its place", async () => {
    const [first, second] = [share(2), share(2)];
    await keys.keepShare(held, first);
    await keys.keepShare(held, first);
    expect(await reopened().findShare(held)).to.deep.equal(first);
    await keys.keepShare(held, second);
    expect(await reopened().findShare(held)).to.deep.equal(second);
    // What a cut-off overwriting left is replaced as well.
    writeFileSync(join(folder, "share-3-query.json"), random(90));
    await keys.keepShare(held, second);
    expect(await reopened().findShare(held)).to.deep.equal(second);
    await Promise.all([keys, reopened(), reopened()].map((each) => each.keepShare(held, second)));
    expect(await keys.heldShares()).to.deep.equal([held]);
    expect(readdirSync(folder)).to.deep.equal(["share-3-query.json"]);
  });

  it("are overwritten before they are gone", async () => {
    const kept = share(1);
    await keys.keepShare(held, kept);
    await keys.roundSecrets(7);
    for (const name of ["share-3-query.json", "round-7.json"]) {
      linkSync(join(folder, name), join(directory, `second-${name}`));
    }
    const before = readFileSync(join(directory, "second-round-7.json"), "utf8");
    await keys.shredShare(held);
    await keys.shredRoundSecrets(7);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(readFileSync(join(directory, "second-share-3-query.json"), "latin1")).to.not.include(toHex(kept.secret));
    expect(readFileSync(join(directory, "second-round-7.json"), "utf8")).to.not.equal(before);
    expect([await keys.findShare(held), await keys.findRoundSecrets(7)]).to.deep.equal([undefined, undefined]);
    // Twice, and what was never there.
    await keys.shredShare(held);
    await keys.shredRoundSecrets(8);
  });

  it("take with them what a maker that was killed left beside them, and nothing of others", async () => {
    await keys.roundSecrets(1);
    await keys.roundSecrets(11);
    for (const name of ["round-1.json.00ff.new", "round-11.json.00ff.new"]) {
      writeFileSync(join(folder, name), "{}", { mode: 0o600 });
    }
    await keys.shredRoundSecrets(1);
    expect(readdirSync(folder).sort()).to.deep.equal(["round-11.json", "round-11.json.00ff.new"]);
    expect(await keys.openRounds()).to.deep.equal([11]);
  });

  it("know no share under names that are none", async () => {
    await keys.keepShare(held, share(1));
    for (const name of ["share-3-other.json", "share-x-query.json", "notes.txt", "round-2.json.new"]) {
      writeFileSync(join(folder, name), "{}", { mode: 0o600 });
    }
    expect(await keys.heldShares()).to.deep.equal([held]);
    expect(await keys.openRounds()).to.deep.equal([]);
  });
});
