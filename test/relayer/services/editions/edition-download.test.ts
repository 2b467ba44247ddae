import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import type { Route } from "../../../../relayer/http/route.ts";
import { consortiumFiles } from "../../../../relayer/services/editions/edition-files.ts";
import { owes } from "../../../support/edition-books.ts";
import { reports } from "../../../support/edition-events.ts";
import { startEditionStage, type EditionStage, type Party } from "../../../support/edition-stage.ts";

/** What is between the members changes bytes of published tables. */
describe("the download of a published table", function () {
  this.timeout(480_000);
  let stage: EditionStage;
  /** By who serves: how many of its next answers are changed. */
  const changed = new Map<string, number>();
  const served = new Map<string, number>();

  before(async () => {
    stage = await startEditionStage({ routes: (party, routes) => routes.map((route) => onTheWay(party, route)) });
    for (const [at, firm] of stage.firms.entries()) {
      firm.subjects = [owes(1, at + 1)];
      await firm.publish();
    }
  });
  after(async () => {
    await stage.close();
  });

  function onTheWay(party: string, route: Route): Route {
    if (!route.path.endsWith("/{edition}/table")) return route;
    return {
      ...route,
      handler(asked) {
        served.set(party, (served.get(party) ?? 0) + 1);
        const left = changed.get(party) ?? 0;
        if (left > 0) {
          changed.set(party, left - 1);
          const { response } = asked.raw;
          const write = response.write.bind(response);
          response.write = ((chunk: Uint8Array, ...others: []) => {
            const copy = Uint8Array.from(chunk);
            copy[20] = (copy[20] ?? 0) ^ 1;
            return write(copy, ...others);
          }) as typeof response.write;
        }
        return route.handler(asked);
      },
    };
  }

  const reported = async () => (await Promise.all(stage.firms.map(({ member }) => reports(stage, member.id)))).flat();

  it("is asked for again where a byte was changed on the way, and nobody is blamed", async () => {
    for (const { name } of stage.firms) changed.set(name, 1);
    await stage.work(() => stage.published(1));
    expect([...served.values()].reduce((sum, times) => sum + times, 0)).to.be.greaterThan(3);
    expect([...changed.values()]).to.include(0);
    expect(await reported()).to.deep.equal([]);
  });

  it("is had elsewhere from where it is wrong twice, which is reported with what came", async () => {
    await stage.open(2);
    const { stripSet } = await stage.reach(2, "Stripping").then(async () => {
      await stage.work(async () => ((await at(2))?.stripSet.length ?? 0) > 0);
      return (await at(2))!;
    });
    const liar = stage.firms.find(({ member }) => member.id === stripSet[0])!;
    changed.clear();
    changed.set(liar.name, Infinity);
    await stage.work(() => stage.published(2));
    const reason = "TABLE_ROOT_MISMATCH";
    const accusers = (await reports(stage, liar.member.id)).map(({ reporter }) => reporter);
    expect(accusers).to.not.be.empty;
    expect((await reported()).map((each) => each.reason)).to.deep.equal(accusers.map(() => reason));
    const parties = stage.parties.filter(({ member }) => accusers.includes(member.id));
    for (const party of parties) {
      const kept = `${consortiumFiles(party.ctx.config.dataDir, 2).table}.${String(liar.member.id)}.evidence`;
      const digest = createHash("sha256").update(readFileSync(kept)).digest("hex");
      expect(await evidenceOf(party, liar)).to.equal(`published table, twice: ${reason}, SHA-256 0x${digest}`);
      expect(readFileSync(kept)).to.not.deep.equal(readFileSync(consortiumFiles(party.ctx.config.dataDir, 2).table));
    }
    // Nothing is kept where it came right at the second time.
    for (const { ctx } of stage.parties) {
      for (const { member } of stage.firms) {
        const { table } = consortiumFiles(ctx.config.dataDir, 1);
        expect(existsSync(`${table}.${String(member.id)}.evidence`)).to.equal(false);
      }
    }
  });

  const at = (edition: number) => stage.aggregator.ctx.chain.computation.edition(edition);

  async function evidenceOf({ database }: Party, accused: Party): Promise<string> {
    const { content } = await database.db
      .selectFrom("edition_evidence")
      .selectAll()
      .where("accused", "=", accused.member.id)
      .executeTakeFirstOrThrow();
    return Buffer.from(content).toString("utf8");
  }
});
