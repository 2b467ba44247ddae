import { expect } from "chai";
import { describe, it } from "mocha";

import { createReadCache } from "../../../relayer/chain/read-cache.ts";

describe("the read cache", () => {
  it("loads once until the key, or a prefix of it, is dropped", async () => {
    const cache = createReadCache(() => true);
    let loads = 0;
    const get = () => cache.get("session:1", () => Promise.resolve((loads += 1)));
    expect([await get(), await get()]).deep.equal([1, 1]);
    cache.drop(["session:2"]);
    expect(await get()).equal(1);
    cache.drop(["session:"]);
    expect(await get()).equal(2);
  });

  it("asks every time when nobody watches what would drop it", async () => {
    const cache = createReadCache(() => false);
    let loads = 0;
    const get = () => cache.get("a", () => Promise.resolve((loads += 1)));
    expect([await get(), await get()]).deep.equal([1, 2]);
  });

  it("does not keep a failure", async () => {
    const cache = createReadCache(() => true);
    let fails = true;
    const get = () => cache.get("a", () => (fails ? Promise.reject(new Error("down")) : Promise.resolve("up")));
    expect(await get().catch(() => "failed")).equal("failed");
    fails = false;
    expect(await get()).equal("up");
  });

  it("does not keep an answer that was asked for before the key was dropped", async () => {
    const cache = createReadCache(() => true);
    let answer: (value: string) => void = () => undefined;
    const old = cache.get("a", () => new Promise<string>((resolve) => (answer = resolve)));
    cache.drop(["a"]);
    const renewed = cache.get("a", () => Promise.resolve("new"));
    answer("old");
    expect([await old, await renewed]).deep.equal(["old", "new"]);
    expect(await cache.get("a", () => Promise.resolve("newer"))).equal("new");
  });
});
