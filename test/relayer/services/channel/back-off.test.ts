import { expect } from "chai";
import { describe, it } from "mocha";

import { Fault } from "../../../../protocol/errors/fault.ts";
import { createBackOff } from "../../../../relayer/services/channel/back-off.ts";

const fault = new Fault("CHANNEL_UNREACHABLE", { member: 3 });
const NOW = 1_000_000;

describe("back-off of agreements", () => {
  it("holds nothing up after the first failure, then longer and longer, at most a quarter of a minute", () => {
    const backOff = createBackOff();
    expect(backOff.reason(3, NOW)).to.equal(undefined);
    const pauses = Array.from({ length: 12 }, (_, i) => {
      const at = NOW + i * 16;
      backOff.failed(3, fault, at);
      let pause = 0;
      while (backOff.reason(3, at + pause) !== undefined) pause += 0.25;
      return pause;
    });
    expect(pauses).to.deep.equal([0, 0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15]);
    expect(backOff.reason(3, NOW + 11 * 16)).to.equal(fault);
    expect(backOff.reason(4, NOW + 11 * 16)).to.equal(undefined);
  });

  it("begins anew after a success, and after a long time without a failure", () => {
    const backOff = createBackOff();
    for (let i = 0; i < 5; i += 1) backOff.failed(3, fault, NOW);
    backOff.succeeded(3);
    expect(backOff.reason(3, NOW)).to.equal(undefined);
    for (let i = 0; i < 5; i += 1) backOff.failed(3, fault, NOW);
    backOff.failed(3, fault, NOW + 120);
    expect(backOff.reason(3, NOW + 120)).to.equal(undefined);
  });
});
