import { expect } from "chai";
import { describe, it } from "mocha";

import { KEY_PURPOSES, type KeyPurpose } from "../../../../protocol/key-round/round.ts";
import { isNeeded, readKeysInUse, type EditionKeys } from "../../../../relayer/services/nodes/retention.ts";

const edition = (status: EditionKeys["status"], round: number): EditionKeys => ({
  ...{ status, evaluationRound: round, queryRound: round, layerRound: round, locatorRound: round },
});

describe("which key shares a node keeps", () => {
  const needed = (round: number, purpose: KeyPurpose, editions: readonly EditionKeys[]): boolean =>
    isNeeded({ round, purpose }, { current: { evaluation: 5, query: 5, layer: 5, locator: 5 }, editions });

  it("those of the newest round, and of one that has just made newer ones", () => {
    expect([needed(5, "query", []), needed(6, "query", []), needed(4, "query", [])]).to.deep.equal([true, true, false]);
  });

  it("all that an edition is made with", () => {
    for (const status of ["Collecting", "Merging", "Stripping"] as const) {
      for (const purpose of KEY_PURPOSES) {
        expect(needed(3, purpose, [edition(status, 3)])).to.equal(true);
        expect(needed(2, purpose, [edition(status, 3)])).to.equal(false);
      }
    }
  });

  it("all but the layer key's when it is published, and none when it is abandoned", () => {
    const answers = (status: EditionKeys["status"]): boolean[] =>
      KEY_PURPOSES.map((purpose) => needed(3, purpose, [edition(status, 3)]));
    expect(answers("Published")).to.deep.equal([true, true, false, true]);
    expect(answers("Abandoned")).to.deep.equal([false, false, false, false]);
  });

  it("those of the round that shares an edition's key now, and the layer's of the round it opened with", () => {
    const rounds = { evaluationRound: 4, queryRound: 4, layerRound: 3, locatorRound: 4 };
    const answers = (round: number, status: EditionKeys["status"]): boolean[] =>
      KEY_PURPOSES.map((purpose) => needed(round, purpose, [{ status, ...rounds }]));
    // Rows are placed by the nodes that take the layer off, and located by those that share the locator key then.
    expect(answers(4, "Stripping")).to.deep.equal([true, true, false, true]);
    expect(answers(3, "Stripping")).to.deep.equal([false, false, true, true]);
    expect(answers(3, "Published")).to.deep.equal([false, false, false, false]);
  });

  it("those of the published edition beside those of the next one", () => {
    const both = [edition("Published", 3), edition("Merging", 4)];
    expect([needed(3, "layer", both), needed(3, "query", both), needed(4, "layer", both)]).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  it("those of an edition that was opened just before newer keys came, though the node answers out of a later block", async () => {
    const [opened, renewed] = [11, 12];
    let head = 10;
    const edition = { status: 1n, evaluationRound: 7n, queryRound: 7n, layerRound: 7n };
    const keyRounds = {
      runner: { provider: { getBlockNumber: () => Promise.resolve(head) } },
      currentRound() {
        head = renewed;
        return Promise.resolve(8n);
      },
      roundCount: () => Promise.resolve(7n),
    };
    const consortiumTables = {
      editionCount: ({ blockTag }: { blockTag: number }) => Promise.resolve(blockTag >= opened ? 1n : 0n),
      latestPublished: () => Promise.resolve(0n),
      getEdition: () => Promise.resolve(edition),
    };
    const contracts = { keyRounds, consortiumTables } as unknown as Parameters<typeof readKeysInUse>[0];
    const inUse = await readKeysInUse(contracts);
    expect(KEY_PURPOSES.map((purpose) => isNeeded({ round: 7, purpose }, inUse))).to.deep.equal([
      ...[true, true, true, true],
    ]);
  });
});
