import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { concatBytes } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255 } from "../../../../protocol/group/ristretto255.ts";
import type { EditionContext } from "../../../../relayer/services/editions/edition-context.ts";
import { createEvaluationDesk, mostEvaluations } from "../../../../relayer/services/editions/evaluation-desk.ts";
import { randomSource as random } from "../../../../scripts/governance/random-source.ts";
import { trustedKey } from "../../../protocol/threshold/ceremony.ts";
import { testDatabase, type TestDatabase } from "../../../support/postgres.ts";

const CALLER = 2;
const HELD = `0x${"22".repeat(32)}`;

/** What one member can make a node do. */
describe("the evaluation desk", () => {
  let database: TestDatabase;
  let now = 1_000_000;
  let computed: (() => void)[] = [];
  const key = trustedKey({ threshold: 2, nodes: 3 });

  before(async () => {
    database = await testDatabase();
  });

  after(async () => {
    await database.close();
  });

  function desk(finishes: boolean) {
    const edition = { number: 1, status: "Collecting", evaluationRound: 1, leastRows: 64 };
    const commitment = { dataset: HELD, epoch: 1, revision: 1, entryCount: 64, withdrawn: false };
    const answer = { evaluated: new Uint8Array(32), proof: new Uint8Array(64) };
    return createEvaluationDesk({
      db: database.db,
      clock: () => new Date(now),
      keyShares: { find: () => Promise.resolve({ keys: key.keys, share: key.shares[0]! }) },
      chain: {
        datasets: () => Promise.resolve([{ id: HELD, holder: CALLER, latestEpoch: 1 }]),
        latestCommitment: () => Promise.resolve(commitment),
        computation: { edition: () => Promise.resolve(edition), roundCount: () => Promise.resolve(1) },
      },
      pool: {
        run: () =>
          new Promise((resolve) => {
            computed.push(() => resolve(answer));
            if (finishes) resolve(answer);
          }),
      },
    } as unknown as EditionContext);
  }

  const element = (): Uint8Array => ristretto255.multiplyBase(ristretto255.randomScalar(random));

  it("does not evaluate the same elements at will, though they count once", async () => {
    const { answer } = desk(true);
    const request = { edition: 1, round: 1, elements: concatBytes(element(), element()) };
    computed = [];
    const refused = new Set<string>();
    // A minute of asking twice a second.
    for (let asked = 0; asked < 120; asked += 1) {
      now += 500;
      await answer(CALLER, request).catch((error: unknown) => refused.add(isFault(error) ? error.code : ""));
    }
    expect([...refused]).to.deep.equal(["RATE_LIMITED"]);
    expect(computed.length).to.be.within(20, 24);
    const { used } = await database.db.selectFrom("edition_allowances").select("used").executeTakeFirstOrThrow();
    expect(used).to.equal(2);
  });

  it("works at two requests of a member at a time", async () => {
    const { answer } = desk(false);
    computed = [];
    now += 60_000;
    const first = [
      answer(CALLER, { edition: 1, round: 1, elements: element() }),
      answer(CALLER, { edition: 1, round: 1, elements: element() }),
    ];
    while (computed.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const third = await answer(CALLER, { edition: 1, round: 1, elements: element() }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isFault(third, "RATE_LIMITED")).to.equal(true);
    for (const finish of computed) finish();
    await Promise.all(first);
    const fourth = answer(CALLER, { edition: 1, round: 1, elements: element() });
    while (computed.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    computed[2]?.();
    await fourth;
  });
});

describe("how much a member may have evaluated", () => {
  it("follows its tables, with room for one more publication, and never passes what a contribution may have", () => {
    expect(mostEvaluations([], 16)).to.equal(20);
    expect(mostEvaluations([{ entryCount: 1_024 }], 16)).to.equal(1_280);
    expect(mostEvaluations([{ entryCount: 1_024 }, { entryCount: 7_168 }], 16)).to.equal(10_240);
    expect(mostEvaluations([{ entryCount: 2 ** 31 }], 16)).to.equal(7 * 2 ** 19);
  });
});
