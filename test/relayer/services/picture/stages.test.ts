import { expect } from "chai";
import { describe, it } from "mocha";

import type { EditionInfo, RoundInfo } from "../../../../relayer/chain/computation-view.ts";
import type { Picture } from "../../../../relayer/services/picture/picture-store.ts";
import { isInUse } from "../../../../relayer/services/picture/follow-round.ts";
import { locate, type Stage } from "../../../../relayer/services/picture/stages.ts";
import type { QueryDependencies } from "../../../../relayer/services/query/query-context.ts";
import { trustedKey } from "../../../protocol/threshold/ceremony.ts";

const UNBLINDED = new Error("unblinded");

/** An edition whose key is shared by a second round; a third shares it anew while it is being asked about. */
function chainOf(edition: Pick<EditionInfo, "evaluationRound">) {
  const { keys } = trustedKey({ threshold: 2, nodes: 3 });
  let asked = 0;
  const computation = {
    edition: () => Promise.resolve({ number: 1, status: "Published", ...edition } as EditionInfo),
    latestPublished: () => Promise.resolve(1),
    roundCount: () => Promise.resolve((asked += 1) === 1 ? 2 : 3),
    round: (number: number) => Promise.resolve({ basis: number - 1 } as RoundInfo),
    keySet: () => Promise.resolve(keys),
  };
  return { computation } as unknown as QueryDependencies["chain"];
}

describe("a picture whose key is shared anew while it is looked at", () => {
  it("goes on in the edition of that key", async () => {
    const ctx = {
      chain: chainOf({ evaluationRound: 2 }),
      consortium: { newest: () => Promise.resolve({ edition: 1, root: "0x" }) },
      pool: { run: () => Promise.reject(UNBLINDED) },
    } as unknown as QueryDependencies;
    const picture = { evaluationRound: 1, material: { blinds: "0x" } } as unknown as Picture;
    const outcome = await locate(ctx, picture, [], new Uint8Array(0)).catch((error: unknown) => error);
    expect(outcome).to.equal(UNBLINDED);
  });

  it("is not without nodes for good", async () => {
    const stage = { round: 2, service: "evaluation" } as Stage;
    const chain = chainOf({ evaluationRound: 1 });
    await chain.computation.roundCount();
    expect(await isInUse({ chain }, stage)).to.equal(true);
  });
});
