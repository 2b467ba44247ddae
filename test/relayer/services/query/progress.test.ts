import { expect } from "chai";
import { describe, it } from "mocha";

import { createQueryProgress } from "../../../../relayer/services/query/progress.ts";

const NEVER_MS = 3_600_000;

describe("progress of a query", () => {
  it("wakes who waits for that query, and nobody else", async () => {
    const progress = createQueryProgress();
    let woken = false;
    const other = progress.next("other", NEVER_MS).then(() => (woken = true));
    const mine = progress.next("mine", NEVER_MS);
    progress.emit("mine", false);
    await mine;
    expect(woken).to.equal(false);
    progress.emit("other", false);
    await other;
  });

  it("stops waiting by itself when nothing moves", async () => {
    await createQueryProgress().next("quiet", 1);
  });

  it("yields at every move, and ends without an error when the watcher goes", async () => {
    const progress = createQueryProgress();
    const gone = new AbortController();
    const watching = progress.watch("q", NEVER_MS, gone.signal);
    for (let i = 0; i < 3; i++) {
      const step = watching.next();
      progress.emit("q", false);
      expect((await step).done).to.equal(false);
    }
    const last = watching.next();
    gone.abort();
    expect((await last).done).to.equal(true);
  });

  it("yields from time to time though nothing moves: another process may have moved it", async () => {
    const gone = new AbortController();
    let seen = 0;
    for await (const _ of createQueryProgress().watch("q", 1, gone.signal)) {
      if ((seen += 1) === 3) break;
    }
    expect(seen).to.equal(3);
  });

  it("does not wake others by one watcher's clock", async () => {
    const progress = createQueryProgress();
    let woken = false;
    const other = progress.next("q", NEVER_MS).then(() => (woken = true));
    let ticks = 0;
    for await (const _ of progress.watch("q", 1, new AbortController().signal)) if ((ticks += 1) === 3) break;
    expect(woken).to.equal(false);
    progress.emit("q", true);
    await other;
  });
});
