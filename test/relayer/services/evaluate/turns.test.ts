import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { createTurns } from "../../../../relayer/services/evaluate/turns.ts";

describe("turns", () => {
  it("runs the work of one key one after the other, in order", async () => {
    const turns = createTurns();
    const seen: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all(["a", "b", "c"].map((name) => turns.take("key", work(name))));
    expect(results).to.deep.equal(["a", "b", "c"]);
    expect(seen).to.deep.equal(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("does not hold one key up by another, nor by a failure", async () => {
    const turns = createTurns();
    let release: () => void = () => undefined;
    const held = turns.take("slow", () => new Promise<void>((resolve) => (release = resolve)));
    expect(await turns.take("quick", () => Promise.resolve(1))).to.equal(1);
    const failed = turns
      .take("slow", () => Promise.reject(new Error("broken")))
      .catch((error: unknown) => (error as Error).message);
    const after = turns.take("slow", () => Promise.resolve("goes on"));
    release();
    await held;
    expect(await failed).to.equal("broken");
    expect(await after).to.equal("goes on");
  });

  it("refuses when too many wait, without running what was refused", async () => {
    const turns = createTurns(2);
    let release: () => void = () => undefined;
    const running = turns.take("key", () => new Promise<void>((resolve) => (release = resolve)));
    const waiting = [1, 2].map((n) => turns.take("key", () => Promise.resolve(n)));
    let ran = false;
    const refused = await turns
      .take("key", () => {
        ran = true;
        return Promise.resolve();
      })
      .catch((error: unknown) => error);
    expect(isFault(refused, "RATE_LIMITED")).to.equal(true);
    release();
    await running;
    expect(await Promise.all(waiting)).to.deep.equal([1, 2]);
    expect(ran).to.equal(false);
  });
});
