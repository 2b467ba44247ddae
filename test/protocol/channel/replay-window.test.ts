import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { emptyWindow, receive, WINDOW } from "../../../protocol/channel/replay-window.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { expectFault, runs } from "../sm/fixtures.ts";

describe("replay window", () => {
  it("decides as a set of all numbers ever received does, for any arrivals", () => {
    const number = fc.oneof(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 3 * WINDOW }),
      fc.constantFrom(1, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 2 ** 48 - 1),
    );
    fc.assert(
      fc.property(fc.array(number, { maxLength: 80 }), (arrivals) => {
        let window = emptyWindow;
        const received = new Set([0]);
        for (const sequence of arrivals) {
          const highest = Math.max(...received);
          const expected =
            highest - sequence >= WINDOW
              ? "CHANNEL_SEQUENCE_STALE"
              : received.has(sequence)
                ? "CHANNEL_REPLAYED"
                : "taken";
          let outcome = "taken";
          try {
            window = receive(window, sequence);
            received.add(sequence);
          } catch (error) {
            outcome = isFault(error) ? error.code : "error";
          }
          expect(outcome).to.equal(expected);
          expect(window.received < 1n << BigInt(WINDOW)).to.equal(true);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it("never takes number 0, which no request has", () => {
    expectFault(() => receive(emptyWindow, 0), "CHANNEL_REPLAYED");
    expectFault(() => receive(receive(emptyWindow, 1), 0), "CHANNEL_REPLAYED");
  });
});
