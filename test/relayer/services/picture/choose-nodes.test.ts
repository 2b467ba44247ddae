import { expect } from "chai";
import { describe, it } from "mocha";

import { pickNodes, type AskableNode } from "../../../../relayer/services/picture/choose-nodes.ts";
import { createNodeHealth } from "../../../../relayer/services/picture/node-health.ts";

const nodes: AskableNode[] = [1, 2, 3, 4, 5].map((member) => ({
  member,
  index: member,
  service: `0x0${String(member)}`,
}));

describe("choosing nodes", () => {
  it("takes as many as are wanted, each once, any of them", () => {
    const seen = new Set<number>();
    for (let run = 0; run < 200; run += 1) {
      const picked = pickNodes(nodes, 3, { usable: () => true });
      expect(new Set(picked.map(({ member }) => member)).size).to.equal(3);
      for (const { member } of picked) seen.add(member);
    }
    expect(seen.size).to.equal(5);
    expect(pickNodes(nodes, 9, { usable: () => true })).to.have.length(5);
    expect(pickNodes(nodes, -1, { usable: () => true })).to.deep.equal([]);
  });

  it("leaves a node that was silent alone for a while, longer each time, until it answers", () => {
    let now = 0;
    const health = createNodeHealth(() => new Date(now));
    health.failed(2);
    expect(pickNodes(nodes, 5, health).map(({ member }) => member)).to.have.members([1, 3, 4, 5]);
    now += 5_000;
    expect(health.usable(2)).to.equal(true);
    health.failed(2);
    now += 5_000;
    expect(health.usable(2)).to.equal(false);
    now += 5_000;
    expect(health.usable(2)).to.equal(true);
    for (let i = 0; i < 20; i += 1) health.failed(2);
    now += 299_000;
    expect(health.usable(2)).to.equal(false);
    now += 1_000;
    expect(health.usable(2)).to.equal(true);
    health.answered(2);
    health.failed(2);
    now += 5_000;
    expect(health.usable(2)).to.equal(true);
  });
});
