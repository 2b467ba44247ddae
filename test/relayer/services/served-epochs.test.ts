import { expect } from "chai";
import { describe, it } from "mocha";

import { isServed, newestClosed, oldestMirrored } from "../../../relayer/services/served-epochs.ts";

describe("the life of an epoch", () => {
  it("is answered in its own epoch and the next, its key ends then, its mirrors one epoch later", () => {
    const current = 9;
    expect([7, 8, 9].map((epoch) => isServed(epoch, current))).to.deep.equal([false, true, true]);
    expect(newestClosed(current)).to.equal(7);
    for (let epoch = 1; epoch <= current; epoch++) {
      expect(isServed(epoch, current)).to.equal(epoch > newestClosed(current));
      if (isServed(epoch, current)) expect(epoch).to.be.at.least(oldestMirrored(current));
    }
  });
});
