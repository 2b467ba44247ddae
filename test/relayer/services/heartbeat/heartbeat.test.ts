import { expect } from "chai";
import { describe, it } from "mocha";

import { createHeartbeat, type HeartbeatDependencies } from "../../../../relayer/services/heartbeat/heartbeat.ts";

const PARTS = 15;

describe("the heartbeat", () => {
  /** Every service as a note of what was called; those in `broken` fail. */
  function heart(broken: readonly string[] = []) {
    const called: string[] = [];
    const warned: string[] = [];
    const part = (name: string) => (): Promise<void> => {
      called.push(name);
      return broken.includes(name) || broken.includes("*") ? Promise.reject(new Error(name)) : Promise.resolve();
    };
    const service = (name: string): unknown =>
      new Proxy({}, { get: (_target, method) => part(`${name}.${String(method)}`) });
    const names = [
      "sessions",
      "queries",
      "publishing",
      "mirrors",
      "imports",
      "idempotency",
      "jobs",
      "restore",
      "editions",
      "nodes",
    ];
    const services = Object.fromEntries(names.map((name) => [name, service(name)]));
    const log = { warn: ({ part: which }: { part: string }) => void warned.push(which) };
    return { beat: createHeartbeat({ ...services, log } as unknown as HeartbeatDependencies).beat, called, warned };
  }

  it("does everything that must happen though nobody asks for it", async () => {
    const { beat, called, warned } = heart();
    await beat();
    expect(called.toSorted()).to.deep.equal([
      "editions.beat",
      "idempotency.purge",
      "imports.resume",
      "jobs.enqueue",
      "jobs.enqueue",
      "jobs.enqueue",
      "jobs.sweep",
      "mirrors.removeOld",
      "nodes.report",
      "publishing.destroyRetiredKeys",
      "publishing.publishIfDue",
      "publishing.removeOrphans",
      "restore.beat",
      "sessions.closeExpired",
      "sessions.refill",
    ]);
    expect(warned).to.deep.equal([]);
  });

  it("is held up by no part that fails, and says which it was", async () => {
    const { beat, called, warned } = heart(["publishing.publishIfDue", "sessions.refill"]);
    await beat();
    expect(called).to.have.length(PARTS);
    expect(warned).to.deep.equal(["publish", "sessions"]);
  });

  it("never fails itself", async () => {
    const { beat, warned } = heart(["*"]);
    await beat();
    expect(warned).to.have.length(PARTS);
  });
});
