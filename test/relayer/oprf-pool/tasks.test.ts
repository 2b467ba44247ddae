import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 as suite } from "../../../protocol/oprf/oprf.ts";
import { runTask, taskSize } from "../../../relayer/oprf-pool/tasks.ts";
import { random } from "../../support/asking-ledger.ts";

const inputsOf = (count: number): Uint8Array[] => Array.from({ length: count }, () => random(20));

describe("OPRF tasks", () => {
  it("give together what the holder's key gives alone, input by input", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), (count) => {
        const inputs = inputsOf(count);
        const key = suite.generateKeyPair(random);
        const { blinds, elements } = runTask({ kind: "blind", inputs }, random);
        const { evaluated, proof } = runTask({ kind: "evaluate", ...key, elements }, random);
        const { publicKey } = key;
        const { outputs } = runTask(
          { kind: "finalize", publicKey, inputs, blinds, elements, evaluated, proof },
          random,
        );
        const direct = concatBytes(...inputs.map((input) => suite.evaluate(key.secretKey, input)));
        expect(outputs).to.deep.equal(direct);
      }),
      { numRuns: 10 },
    );
  });

  it("have no output where the proof is for another key", () => {
    const inputs = inputsOf(3);
    const [key, other] = [suite.generateKeyPair(random), suite.generateKeyPair(random)];
    const { blinds, elements } = runTask({ kind: "blind", inputs }, random);
    const { evaluated, proof } = runTask({ kind: "evaluate", ...key, elements }, random);
    const task = { kind: "finalize", inputs, blinds, elements, evaluated, proof, publicKey: other.publicKey } as const;
    expect(runTask(task, random)).to.deep.equal({ outputs: undefined });
  });

  it("are as large as their elements", () => {
    expect(taskSize({ kind: "blind", inputs: inputsOf(7) })).to.equal(7);
    const elements = runTask({ kind: "blind", inputs: inputsOf(5) }, random).elements;
    expect(taskSize({ kind: "evaluate", ...suite.generateKeyPair(random), elements })).to.equal(5);
  });

  it("refuse what is no element", () => {
    const key = suite.generateKeyPair(random);
    const elements = new Uint8Array(32).fill(255);
    expect(() => runTask({ kind: "evaluate", ...key, elements }, random)).to.satisfy((run: () => void) => {
      try {
        run();
      } catch (error) {
        return isFault(error, "ELEMENT_NOT_CANONICAL");
      }
      return false;
    });
  });
});
