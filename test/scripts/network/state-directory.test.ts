import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { forgetState, openStateDirectory } from "../../../scripts/network/state-directory.ts";

describe("the state directory of a network", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "riskveil-state-"));
  });
  afterEach(() => {
    chmodSync(root, 0o755);
    rmSync(root, { recursive: true });
  });

  it("forgets what is the network's, and nothing else that lies there", async () => {
    const state = openStateDirectory(root);
    for (const path of [state.party("alpha").keys, state.sample, state.evidence, state.deployment, state.governance]) {
      mkdirSync(path, { recursive: true });
    }
    writeFileSync(state.ledgerIdentity, "{}");
    writeFileSync(state.lockFile, "{}");
    writeFileSync(join(root, "thesis.txt"), "mine");
    await forgetState(state, () => undefined);
    expect(existsSync(state.members)).to.equal(false);
    expect(existsSync(state.sample)).to.equal(false);
    expect(existsSync(state.governance)).to.equal(false);
    expect(existsSync(state.ledgerIdentity)).to.equal(false);
    expect(existsSync(state.lockFile)).to.equal(true);
    expect(existsSync(join(root, "thesis.txt"))).to.equal(true);
  });

  it("gives every party its own keys, data, log and tokens", () => {
    const state = openStateDirectory(root);
    const paths = (["association", "alpha"] as const).flatMap((name) =>
      Object.values<string>({ ...state.party(name) }),
    );
    expect(new Set(paths).size).to.equal(paths.length);
  });

  it("says that it cannot be used, and why", () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    try {
      openStateDirectory(join(file, "below"));
    } catch (error) {
      if (!isFault(error, "STATE_DIRECTORY_UNUSABLE")) throw error;
      expect(error.values["reason"]).to.equal("ENOTDIR");
      return;
    }
    throw new Error("it was taken");
  });
});
