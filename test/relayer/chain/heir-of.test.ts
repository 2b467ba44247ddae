import { expect } from "chai";
import { describe, it } from "mocha";

import type { KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { RoundInfo } from "../../../relayer/chain/computation-view.ts";
import { haveSameKey, heirOf, type RoundReads } from "../../../relayer/chain/heir-of.ts";
import { trustedKey } from "../../protocol/threshold/ceremony.ts";

const parameters = { threshold: 2, nodes: 3 };
const [first, second] = [trustedKey(parameters).keys, trustedKey(parameters).keys];

/** A round with the key of its purposes; without one it failed, or runs. */
interface Told {
  readonly basis: number;
  readonly keys?: typeof first;
  readonly purposes?: readonly KeyPurpose[];
}

function chain(...rounds: readonly Told[]): RoundReads {
  return {
    roundCount: () => Promise.resolve(rounds.length),
    round: (number) => Promise.resolve(rounds[number - 1] as RoundInfo | undefined),
    keySet(number, purpose) {
      const { keys, purposes = ["evaluation", "query", "layer"] } = rounds[number - 1] ?? {};
      return Promise.resolve(purposes.includes(purpose) ? keys : undefined);
    },
  };
}

describe("who answers for a key", () => {
  const heir = (reads: RoundReads, round: number, purpose: KeyPurpose = "query"): Promise<number> =>
    heirOf(reads, round, purpose);

  it("is the round that made it, until another shares it anew", async () => {
    const alone = chain({ basis: 0, keys: first });
    expect([await heir(alone, 1), await heir(alone, 0), await heir(alone, 7)]).to.deep.equal([1, 0, 7]);
    const shared = chain({ basis: 0, keys: first }, { basis: 1, keys: first }, { basis: 2, keys: first });
    expect([await heir(shared, 1), await heir(shared, 2), await heir(shared, 3)]).to.deep.equal([3, 3, 3]);
  });

  it("is not a round that runs or failed, nor one of new keys", async () => {
    const tried = chain({ basis: 0, keys: first }, { basis: 1 }, { basis: 1, keys: first }, { basis: 3 });
    expect(await heir(tried, 1)).to.equal(3);
    const renewed = chain({ basis: 0, keys: first }, { basis: 1, keys: first }, { basis: 0, keys: second });
    expect([await heir(renewed, 1), await heir(renewed, 3)]).to.deep.equal([2, 3]);
  });

  it("is looked for by purpose", async () => {
    const parted = chain({ basis: 0, keys: first }, { basis: 1, keys: first, purposes: ["query"] });
    expect([await heir(parted, 1), await heir(parted, 1, "evaluation")]).to.deep.equal([2, 1]);
  });

  it("is nobody who brings another key under the name of a resharing", async () => {
    const lied = chain({ basis: 0, keys: first }, { basis: 1, keys: second }, { basis: 2, keys: second });
    expect(await heir(lied, 1)).to.equal(1);
    const returned = chain({ basis: 0, keys: first }, { basis: 1, keys: second }, { basis: 2, keys: first });
    expect(await heir(returned, 1)).to.equal(1);
  });

  it("does not matter to whether two rounds have one key", async () => {
    const reads = chain({ basis: 0, keys: first }, { basis: 1, keys: first }, { basis: 0, keys: second }, { basis: 2 });
    const same = (...rounds: [number, number]) => haveSameKey(reads, rounds, "query");
    expect([await same(1, 2), await same(2, 1), await same(2, 3)]).to.deep.equal([true, true, false]);
    expect([await same(2, 4), await same(2, 0)]).to.deep.equal([undefined, undefined]);
  });
});
