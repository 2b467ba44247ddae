import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../../protocol/errors/fault.ts";
import { createTableThread } from "../../../../relayer/services/tables/table-thread.ts";

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  );

describe("a table thread", () => {
  it("that ends fails what it held and what comes after, and nobody waits for ever", async () => {
    const thread = createTableThread();
    const running = outcome(thread.run({ kind: "seal-dummies", start: 0, end: 10_000 }));
    await thread.close();
    expect(await running).to.equal("SEALING_FAILED");
    expect(await outcome(thread.run({ kind: "close-sealer" }))).to.equal("SEALING_FAILED");
  });

  it("refuses to seal before a sealing was opened, and goes on", async () => {
    const thread = createTableThread();
    expect(await outcome(thread.run({ kind: "seal-subjects", subjects: [] }))).to.equal("SEALING_FAILED");
    expect(await outcome(thread.run({ kind: "close-sealer" }))).to.equal("SEALING_FAILED");
    await thread.close();
  });
});
