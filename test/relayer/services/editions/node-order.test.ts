import { expect } from "chai";
import { describe, it } from "mocha";

import type { NodeInfo } from "../../../../relayer/chain/computation-view.ts";
import { chooseSet, nodesByFreshness } from "../../../../relayer/services/editions/node-order.ts";

function node(member: number, lastHeartbeat = 0, status: NodeInfo["status"] = "Active"): NodeInfo {
  const services = { evaluation: "0x01", locator: "0x03", query: "0x02" } as const;
  return {
    ...{ member, status, lastHeartbeat, services },
    ...{ registeredAt: 1, activatedAt: 1, reports: 0, reporters: 0 },
  };
}

const history = (silent: readonly number[], quarrels: Readonly<Record<number, number>>) => ({
  silent: new Set(silent),
  quarrels: new Map(Object.entries(quarrels).map(([each, others]): [number, number] => [Number(each), others])),
});

describe("the order of nodes", () => {
  it("has active ones of the round, those with fresh heartbeats first, and turns", () => {
    const nodes = [node(5, 10_000), node(3, 9_500), node(2, 10_000, "Retired"), node(4, 100), node(7, 10_000)];
    expect(nodesByFreshness(nodes, [2, 3, 4, 5])).to.deep.equal([3, 5, 4]);
    expect(nodesByFreshness(nodes, [2, 3, 4, 5], 1)).to.deep.equal([5, 3, 4]);
    expect(nodesByFreshness([], [2, 3], 4)).to.deep.equal([]);
  });

  it("gives a set of the first ones, ascending, or none where there are too few", () => {
    const nothing = history([], {});
    expect(chooseSet([4, 2, 9, 1], 3, nothing)).to.deep.equal([2, 4, 9]);
    expect(chooseSet([4, 2], 3, nothing)).to.equal(undefined);
  });

  it("takes silent ones late, and those in a quarrel last", () => {
    expect(chooseSet([1, 2, 3, 4], 2, history([1], { 2: 1 }))).to.deep.equal([3, 4]);
    expect(chooseSet([1, 2, 3, 4], 3, history([1], { 2: 1 }))).to.deep.equal([1, 3, 4]);
    expect(chooseSet([1, 2, 3, 4], 4, history([1], { 2: 1 }))).to.deep.equal([1, 2, 3, 4]);
  });

  it("lets no liar have the others left out: whoever quarrels with the most comes last", () => {
    // Of five nodes and sets of three, 1 accuses the honest 2 and 3; whether they accuse it too or not.
    const quarrels = { 1: 2, 2: 1, 3: 1 };
    expect(chooseSet([1, 2, 3, 4, 5], 3, history([], quarrels))).to.deep.equal([2, 4, 5]);
  });
});
