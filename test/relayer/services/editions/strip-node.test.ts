import { expect } from "chai";
import { describe, it } from "mocha";
import { pino } from "pino";

import type { EditionInfo } from "../../../../relayer/chain/computation-view.ts";
import type { EditionContext } from "../../../../relayer/services/editions/edition-context.ts";
import type { EditionStore } from "../../../../relayer/services/editions/edition-store.ts";
import { createStripNode } from "../../../../relayer/services/editions/strip-node.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const ACCUSED = new Error("evidence is salted");
const DIGEST = `0x${"22".repeat(32)}`;
const NOTHING = `0x${"00".repeat(32)}`;
const STAGE_SECONDS = 600;

describe("a node whose shares are not there when half of the time is over", () => {
  const dataDir = temporaryDirectory();

  /** What comes of it for a node that has given its own. @param now the edition in the meantime, @param posted by the other */
  async function outcome(now: Partial<EditionInfo> = {}, posted = NOTHING): Promise<unknown> {
    const edition = {
      ...{ number: 1, status: "Stripping", attempt: 1, stripSet: [1, 2], aggregator: 9, layerRound: 1, mergedRows: 4 },
      stageEndsAt: STAGE_SECONDS,
    } as unknown as EditionInfo;
    const ctx = {
      config: { dataDir },
      log: pino({ level: "silent" }),
      random: () => {
        throw ACCUSED;
      },
      keyShares: { find: () => Promise.resolve({ keys: {}, share: {} }) },
      limits: { turnMs: 1_000 },
      chain: {
        me: () => Promise.resolve({ id: 1 }),
        ledgerTime: () => Promise.resolve(STAGE_SECONDS - 1),
        contracts: {
          consortiumTables: {
            terms: () => Promise.resolve({ stage: BigInt(STAGE_SECONDS) }),
            stripSharesOf: () => Promise.resolve(posted),
          },
        },
        computation: {
          round: () => Promise.resolve({ nodes: [1, 2] }),
          edition: () => Promise.resolve({ ...edition, ...now }),
          stripShares: (...[, , node]: [number, number, number]) => Promise.resolve(node === 1 ? DIGEST : undefined),
        },
      },
    } as unknown as EditionContext;
    return await createStripNode(ctx, {} as EditionStore)
      .strip(edition)
      .catch((error: unknown) => error);
  }

  it("is accused", async () => {
    expect(await outcome()).to.equal(ACCUSED);
  });

  it("is not where the chain has them by now", async () => {
    expect(await outcome({}, DIGEST)).to.equal(undefined);
  });

  it("is not where its attempt has ended meanwhile, or the stage was given more time", async () => {
    for (const now of [{ attempt: 2 }, { status: "Abandoned" }, { stageEndsAt: 2 * STAGE_SECONDS }] as const) {
      expect(await outcome(now)).to.equal(undefined);
    }
  });
});
