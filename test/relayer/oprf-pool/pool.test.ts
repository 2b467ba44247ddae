import type { Worker } from "node:worker_threads";

import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 as suite } from "../../../protocol/oprf/oprf.ts";
import { createOprfPool, type OprfPool } from "../../../relayer/oprf-pool/pool.ts";
import { runTask } from "../../../relayer/oprf-pool/tasks.ts";
import { random } from "../../support/asking-ledger.ts";

/** More elements than are worked on without a thread. */
const LARGE = 40;
const inputs = Array.from({ length: LARGE }, () => random(20));
const key = suite.generateKeyPair(random);
const { elements } = runTask({ kind: "blind", inputs }, random);

describe("the OPRF pool", function () {
  this.timeout(240_000);
  let pool: OprfPool;
  let threads: Worker[];
  const noteThread = (thread: Worker): void => void threads.push(thread);

  beforeEach(() => {
    threads = [];
    process.on("worker", noteThread);
    pool = createOprfPool(random);
  });
  afterEach(async () => {
    process.off("worker", noteThread);
    await pool.close();
  });

  const evaluate = (): Promise<{ evaluated: Uint8Array }> => pool.run({ kind: "evaluate", ...key, elements });
  const failed = (run: Promise<unknown>): Promise<boolean> => run.then(() => false).catch(() => true);

  it("works on few elements without a thread, and on many in one", async () => {
    await pool.run({ kind: "blind", inputs: inputs.slice(0, 32) });
    expect(threads).to.have.length(0);
    await pool.run({ kind: "blind", inputs: inputs.slice(0, 33) });
    await pool.run({ kind: "blind", inputs });
    expect(threads).to.have.length(1);
  });

  it("gives the results of a thread as those of this one", async () => {
    const blinded = await pool.run({ kind: "blind", inputs });
    const { evaluated, proof } = await pool.run({ kind: "evaluate", ...key, elements: blinded.elements });
    expect(evaluated).to.deep.equal(
      runTask({ kind: "evaluate", ...key, elements: blinded.elements }, random).evaluated,
    );
    const task = { kind: "finalize", publicKey: key.publicKey, inputs, ...blinded, evaluated, proof } as const;
    const { outputs } = await pool.run(task);
    expect(outputs).to.deep.equal(runTask(task, random).outputs);
    expect(outputs).to.deep.equal(concatBytes(...inputs.map((input) => suite.evaluate(key.secretKey, input))));
  });

  it("tells tasks that run at once apart", async () => {
    const tasks = [33, 34, 35].map((count) => pool.run({ kind: "blind", inputs: inputs.slice(0, count) }));
    expect((await Promise.all(tasks)).map(({ blinds }) => blinds.length / suite.scalarBytes)).to.deep.equal([
      33, 34, 35,
    ]);
  });

  it("fails the tasks of a thread that was killed, and gives the next one a new thread", async () => {
    await evaluate();
    const held = [evaluate(), evaluate()];
    await threads[0]?.terminate();
    expect(await Promise.all(held.map(failed))).to.deep.equal([true, true]);
    expect((await evaluate()).evaluated.length).to.equal(LARGE * suite.elementBytes);
    expect(threads).to.have.length(2);
  });

  it("does not give the next task to a thread that is dying of an error", async () => {
    await evaluate();
    // Not a task: the thread throws at it and ends.
    threads[0]?.postMessage(null);
    expect(await failed(evaluate())).to.equal(true);
    // Asked for in the moment in which the caller learns of the failure, before the thread is gone.
    const again = await evaluate();
    expect(again.evaluated.length).to.equal(LARGE * suite.elementBytes);
    expect(threads).to.have.length(2);
  });

  it("hands a refusal inside the thread on and goes on with that thread", async () => {
    const broken = new Uint8Array(LARGE * suite.elementBytes).fill(255);
    const refused = await pool.run({ kind: "evaluate", ...key, elements: broken }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isFault(refused, "ELEMENT_NOT_CANONICAL")).to.equal(true);
    await evaluate();
    expect(threads).to.have.length(1);
  });
});
