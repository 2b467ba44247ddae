import { expect } from "chai";
import { describe, it } from "mocha";

import { createUndo } from "../../../scripts/network/undo.ts";

describe("taking back what was started", () => {
  it("goes in the opposite order, waits for each step, and happens once", async () => {
    const done: string[] = [];
    const undo = createUndo(() => undefined);
    undo.add(() => void done.push("lock"));
    undo.add(async () => {
      await new Promise((later) => setImmediate(later));
      done.push("chain");
    });
    undo.add(() => void done.push("relayers"));
    await Promise.all([undo.run(), undo.run()]);
    expect(done).to.deep.equal(["relayers", "chain", "lock"]);
  });

  it("goes on after a step that fails, and says so", async () => {
    const said: string[] = [];
    const done: string[] = [];
    const undo = createUndo((line) => said.push(line));
    undo.add(() => void done.push("lock"));
    undo.add(() => Promise.reject(new Error("stuck")));
    await undo.run();
    expect(done).to.deep.equal(["lock"]);
    expect(said.join()).to.include("stuck");
  });
});
