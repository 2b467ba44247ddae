/** What every backend of the queue must do. */
import { expect } from "chai";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "mocha";
import { pino } from "pino";

import { Fault } from "../../../protocol/errors/fault.ts";
import { createJobs } from "../../../relayer/jobs/create-jobs.ts";
import type { Jobs } from "../../../relayer/jobs/jobs.ts";
import { createPrng } from "../../../scripts/sample-data/prng.ts";

export interface BackendUnderTest {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  /** Everything the queue knows is gone. */
  forgetAll(): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when `count` calls were made; a test waits for events, never for time. */
function counter(count: number): { hit: () => void; reached: Promise<void> } {
  let left = count;
  let resolve: () => void = () => undefined;
  const reached = new Promise<void>((done) => (resolve = done));
  return {
    hit() {
      left -= 1;
      if (left === 0) resolve();
    },
    reached,
  };
}

let relayers = 0;

export function behavesAsAQueue(backendName: string, open: () => Promise<BackendUnderTest>): void {
  describe(`jobs on ${backendName}`, function () {
    this.timeout(240_000);
    let backend: BackendUnderTest;
    const opened: Jobs[] = [];
    let relayer = "";

    async function jobs(sameRelayer = false): Promise<Jobs> {
      if (!sameRelayer) relayer = `relayer${String(++relayers)}`;
      const { databaseUrl, redisUrl } = backend;
      const log = pino({ level: "silent" });
      const made = await createJobs({ databaseUrl, redisUrl, name: relayer, log, lockDurationMs: 1_000 });
      opened.push(made);
      return made;
    }

    before(async () => {
      backend = await open();
    });
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
      await backend.forgetAll();
    });
    after(() => backend.close());

    it("runs a job with its id", async () => {
      const queue = await jobs();
      const done = new Promise<string>((resolve) => {
        queue.process("query", ({ id }) => {
          resolve(id);
          return Promise.resolve();
        });
      });
      await queue.start();
      await queue.enqueue("query", { id: "q1" });
      expect(await done).to.equal("q1");
    });

    it("runs what was enqueued before anybody was there to run it", async () => {
      const first = await jobs();
      await first.enqueue("import", { id: "kept" });
      await first.close();
      const second = await jobs(true);
      const done = new Promise<string>((resolve) => {
        second.process("import", ({ id }) => {
          resolve(id);
          return Promise.resolve();
        });
      });
      await second.start();
      expect(await done).to.equal("kept");
    });

    it("tries again after a failure, waiting longer each time", async () => {
      const queue = await jobs();
      const times: number[] = [];
      const done = counter(4);
      queue.process(
        "publish",
        async () => {
          times.push(Date.now());
          done.hit();
          await Promise.resolve();
          if (times.length < 4) throw new Error("not yet");
        },
        { backoffMs: 100, attempts: 4 },
      );
      await queue.start();
      await queue.enqueue("publish", { id: "p" });
      await done.reached;
      const waits = times.slice(1).map((time, at) => time - (times[at] ?? 0));
      // Lower bounds only: a busy machine may be late, never early.
      expect(waits[0]).to.be.at.least(95);
      expect(waits[1]).to.be.at.least(190);
      expect(waits[2]).to.be.at.least(380);
    });

    it("does not repeat what a fault of the request made fail, and takes the same id again afterwards", async () => {
      const queue = await jobs();
      const runs: string[] = [];
      const twice = counter(2);
      const other = counter(1);
      queue.process(
        "anchor",
        async ({ id }) => {
          await Promise.resolve();
          runs.push(id);
          if (id === "marker") {
            other.hit();
            return;
          }
          twice.hit();
          throw new Fault("REQUEST_INVALID", { paths: "x" });
        },
        { backoffMs: 1 },
      );
      await queue.start();
      await queue.enqueue("anchor", { id: "bad" }, { jobId: "bad" });
      await queue.enqueue("anchor", { id: "marker" }, { delayMs: 300 });
      await other.reached;
      expect(runs).to.deep.equal(["bad", "marker"]);
      await queue.enqueue("anchor", { id: "bad" }, { jobId: "bad" });
      await twice.reached;
    });

    it("adds a waiting job once", async () => {
      const queue = await jobs();
      const runs: string[] = [];
      const end = counter(1);
      queue.process("settle", async ({ id }) => {
        await Promise.resolve();
        runs.push(id);
        if (id === "end") end.hit();
      });
      for (let n = 0; n < 5; n++) await queue.enqueue("settle", { id: "same" }, { jobId: "same" });
      await queue.enqueue("settle", { id: "end" });
      await queue.start();
      await end.reached;
      expect(runs).to.deep.equal(["same", "end"]);
    });

    it("runs once more what was asked for while it ran", async () => {
      const queue = await jobs();
      const started = counter(1);
      const twice = counter(2);
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      queue.process("chain", async () => {
        started.hit();
        twice.hit();
        await held;
      });
      await queue.start();
      await queue.enqueue("chain", { id: "look" }, { jobId: "look" });
      await started.reached;
      await queue.enqueue("chain", { id: "look" }, { jobId: "look" });
      await queue.enqueue("chain", { id: "look" }, { jobId: "look" });
      release();
      await twice.reached;
    });

    for (const mishaps of [0, 0.4]) {
      it(`loses no asking, whoever asks and when, ${mishaps > 0 ? "and goes on after failures" : "one a moment"}`, async () => {
        const chance = createPrng(mishaps > 0 ? 2 : 1);
        const ids = ["a", "b", "c", "d", "e"];
        const [wanted, seen] = [new Map<string, number>(), new Map<string, number>()];
        let calm = mishaps === 0;
        const queue = await jobs();
        const other = await jobs(true);
        for (const each of [queue, other]) {
          each.process(
            "edition",
            async ({ id }) => {
              const read = wanted.get(id) ?? 0;
              await pause(chance.below(8));
              if (!calm && chance.chance(mishaps)) throw new Error("mishap");
              seen.set(id, Math.max(read, seen.get(id) ?? 0));
            },
            { concurrency: ids.length, attempts: 3, backoffMs: 3 },
          );
          await each.start();
        }
        const ask = async (id: string): Promise<void> => {
          wanted.set(id, (wanted.get(id) ?? 0) + 1);
          await (chance.chance(0.5) ? queue : other).enqueue("edition", { id }, { jobId: `edition-${id}` });
        };
        await Promise.all(
          Array.from({ length: 10 }, async () => {
            for (let times = 0; times < 40; times += 1) {
              await ask(chance.pick(ids));
              await pause(chance.below(4));
            }
          }),
        );
        if (!calm) {
          calm = true;
          for (const id of ids) await ask(id);
        }
        while (ids.some((id) => seen.get(id) !== wanted.get(id))) await pause(10);
      });
    }

    it("waits out a delay, unless asked for again at once", async () => {
      const queue = await jobs();
      const order: string[] = [];
      const all = counter(3);
      queue.process("mirror", async ({ id }) => {
        await Promise.resolve();
        order.push(id);
        all.hit();
      });
      await queue.start();
      await queue.enqueue("mirror", { id: "far" }, { jobId: "far", delayMs: 3_600_000 });
      await queue.enqueue("mirror", { id: "later" }, { delayMs: 1_000 });
      await queue.enqueue("mirror", { id: "now" });
      await queue.enqueue("mirror", { id: "far" }, { jobId: "far" });
      await all.reached;
      expect(order.at(-1)).to.equal("later");
      expect(order).to.have.members(["now", "far", "later"]);
    });

    it("repeats what is to run every so often, once however often it was said", async () => {
      const queue = await jobs();
      const ticks: number[] = [];
      const three = counter(3);
      queue.process("heartbeat", async () => {
        await Promise.resolve();
        ticks.push(Date.now());
        three.hit();
      });
      await queue.every("heartbeat", "beat", 500);
      await queue.every("heartbeat", "beat", 500);
      await queue.start();
      await three.reached;
      expect((ticks[2] ?? 0) - (ticks[0] ?? 0)).to.be.at.least(490);
    });

    it("runs a job again whose process was killed", async () => {
      const queue = await jobs();
      const victim = fork(join(import.meta.dirname, "jobs.victim.ts"), {
        env: {
          ...process.env,
          VICTIM: JSON.stringify({ databaseUrl: backend.databaseUrl, redisUrl: backend.redisUrl, name: relayer }),
        },
      });
      await queue.enqueue("query", { id: "survivor" });
      const [message] = (await once(victim, "message")) as [string];
      expect(message).to.equal("survivor");
      victim.kill("SIGKILL");
      await once(victim, "exit");
      const done = new Promise<string>((resolve) => {
        queue.process("query", ({ id }) => {
          resolve(id);
          return Promise.resolve();
        });
      });
      await queue.start();
      expect(await done).to.equal("survivor");
    });

    it("lets running jobs finish when it closes", async () => {
      const queue = await jobs();
      const started = counter(1);
      let finished = false;
      queue.process("publish", async (_, progress) => {
        started.hit();
        await progress(0.5);
        await new Promise((resolve) => setTimeout(resolve, 200));
        finished = true;
      });
      await queue.start();
      await queue.enqueue("publish", { id: "p" });
      await started.reached;
      await queue.close();
      expect(finished).to.equal(true);
    });

    it("loses nothing that the store holds when it loses everything", async () => {
      const store = new Set(["a", "b", "c"]);
      const queue = await jobs();
      for (const id of store) await queue.enqueue("settle", { id }, { jobId: id });
      await backend.forgetAll();
      const all = counter(3);
      const runs: string[] = [];
      queue.process("settle", async ({ id }) => {
        await Promise.resolve();
        runs.push(id);
        store.delete(id);
        all.hit();
      });
      await queue.start();
      expect(await queue.sweep("settle", () => Promise.resolve([...store]))).to.equal(3);
      await all.reached;
      expect(runs.toSorted()).to.deep.equal(["a", "b", "c"]);
      expect(await queue.sweep("settle", () => Promise.resolve([...store]))).to.equal(0);
    });

    it("says whether it answers", async () => {
      expect(await (await jobs()).healthy()).to.equal(true);
    });
  });
}
