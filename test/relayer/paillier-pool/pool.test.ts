import { expect } from "chai";
import { describe, it } from "mocha";

import { encrypt } from "../../../protocol/paillier/encryption.ts";
import { openKey } from "../../../protocol/paillier/public-key.ts";
import type { Randomiser } from "../../../protocol/paillier/randomiser.ts";
import { decrypt } from "../../../protocol/paillier/secret-key.ts";
import { createRandomiserPool, type RandomiserPool } from "../../../relayer/paillier-pool/pool.ts";
import { medium, small } from "../../protocol/paillier/fixtures.ts";

const { key, secret } = medium;

async function withPool<T>(
  options: { capacity?: number; way?: "full" | "half-exponent" },
  use: (pool: RandomiserPool) => Promise<T>,
): Promise<T> {
  const pool = createRandomiserPool(key, { capacity: 20, way: "half-exponent", ...options });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not reject");
}

describe("pool of randomisers", () => {
  it("gives randomisers that encrypt, more than it holds", () =>
    withPool({}, async (pool) => {
      for (let m = 0n; m < 50n; m++) expect(decrypt(key, secret, encrypt(key, m, await pool.take()))).to.equal(m);
    }));

  it("gives each to one caller, however many ask at once", () =>
    withPool({}, async (pool) => {
      const taken = await Promise.all(Array.from({ length: 100 }, () => pool.take()));
      const powers = taken.map((each: Randomiser) => each.spend());
      expect(new Set(powers).size).to.equal(100);
    }));

  it("fills up to its capacity and no further, and again after a take", () =>
    withPool({ capacity: 13, way: "full" }, async (pool) => {
      await until(() => pool.size === 13);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(pool.size).to.equal(13);
      await pool.take();
      await pool.take();
      expect(pool.size).to.equal(11);
      await until(() => pool.size === 13);
    }));

  it("with room for one serves many", () =>
    withPool({ capacity: 1 }, async (pool) => {
      const taken = await Promise.all(Array.from({ length: 10 }, () => pool.take()));
      expect(new Set(taken.map((each) => each.spend())).size).to.equal(10);
      await until(() => pool.size === 1);
    }));

  it("without room for one is none", () => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      expect(() => createRandomiserPool(key, { capacity, way: "full" })).to.throw(RangeError);
    }
  });

  it("closed gives nothing that it made before, and rejects who waits", async () => {
    const pool = createRandomiserPool(key, { capacity: 5, way: "half-exponent" });
    await until(() => pool.size === 5);
    await pool.close();
    expect(pool.size).to.equal(0);
    await rejection(pool.take());

    const other = createRandomiserPool(key, { capacity: 5, way: "half-exponent" });
    const waiting = rejection(other.take());
    await other.close();
    await waiting;
  });

  it("tells who waits when the thread cannot make them, and tries again for the next", async () => {
    const n = small.key.n + 2n;
    const bad = openKey({ n, g: n + 1n }, 512);
    const pool = createRandomiserPool(bad, { capacity: 5, way: "half-exponent" });
    await rejection(pool.take());
    await rejection(pool.take());
    await pool.close();
  });

  it("of two pools for one key have nothing in common: a restart repeats nothing", async () => {
    const powers = new Set<bigint>();
    for (let start = 0; start < 3; start++) {
      await withPool({}, async (pool) => {
        for (let count = 0; count < 10; count++) powers.add((await pool.take()).spend());
      });
    }
    expect(powers.size).to.equal(30);
  });
});
