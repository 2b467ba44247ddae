/** What members, nodes and a collector that cheat get: on a real chain, over real HTTP, each named by a code and on record. */
import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { after, before, describe, it } from "mocha";

import { fromBase64Url, fromHex, toBase64Url, toHex } from "../../../../protocol/encoding/bytes.ts";
import { interpolate } from "../../../../protocol/paillier/combination.ts";
import { add } from "../../../../protocol/paillier/encryption.ts";
import { decodeShare, encodeShare, type DecryptionShare } from "../../../../protocol/paillier/decryption-share.ts";
import { lagrange } from "../../../../protocol/paillier/lagrange.ts";
import { inverse, integerToBytes } from "../../../../protocol/paillier/integer.ts";
import {
  decodeContribution,
  encodeContribution,
  contribute,
  type Contribution,
} from "../../../../protocol/statistics/contribution.ts";
import { admissionOfAll } from "../../../../protocol/statistics/published-answer.ts";
import type { AdmittedRelease } from "../../../../protocol/statistics/release.ts";
import { finish } from "../../../../protocol/statistics/steps.ts";
import { shareDigest } from "../../../../protocol/statistics/signed-share.ts";
import { PeerRefusal } from "../../../../relayer/services/peer/peer-call.ts";
import { createStatisticsPeers, reasonOf } from "../../../../relayer/services/statistics/peers.ts";
import type { ReleaseCall, ShareAnswer } from "../../../../relayer/services/statistics/releaser.ts";
import { encrypted, medium, random } from "../../../protocol/paillier/fixtures.ts";
import {
  addRecords,
  STATISTIC,
  startStatisticsNetwork,
  waiting,
  type StatisticsNetwork,
} from "../../../support/statistics-network.ts";
import type { StatisticsParty } from "../../../support/statistics-party.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const { thresholdKey } = medium;

describe("statistics under attack", () => {
  const directory = temporaryDirectory();
  let network: StatisticsNetwork;
  let association: StatisticsParty;
  let firms: readonly StatisticsParty[];
  let node: StatisticsParty;
  let period = 202100;

  before(async function () {
    this.timeout(600_000);
    network = await startStatisticsNetwork(directory, 4);
    ({ association, firms } = network);
    node = firms[0]!;
    for (const [number, firm] of firms.entries()) {
      await addRecords(
        firm,
        [
          ...Array.from({ length: number + 1 }, () => ({
            class: "B2",
            eventDate: "2020-05-01",
            status: "open" as const,
          })),
        ].map((each) => ({ ...each, statusDate: "2020-05-01", amountFen: 100 })),
      );
    }
  });

  after(async function () {
    this.timeout(600_000);
    await network.close();
  });

  /** A closed collection of a month of its own, everybody in it. */
  async function closed(parties = network.all): Promise<void> {
    period += 1;
    await network.open(period);
    await network.contribute(period, parties);
    await network.pass();
  }

  async function contributions(): Promise<Contribution[]> {
    const { collection } = await association.statistics.collections.find(STATISTIC, period);
    const committed = await association.statistics.collections.view.committed(STATISTIC, period);
    return await Promise.all(
      network.all
        .filter(({ id }) => committed.has(id))
        .map(async (each) =>
          decodeContribution(
            collection,
            fromBase64Url(await each.statistics.handOut(STATISTIC, period, association.id)),
          ),
        ),
    );
  }

  async function callOf(given: readonly Contribution[], over: Partial<ReleaseCall> = {}): Promise<ReleaseCall> {
    const { collection } = await association.statistics.collections.find(STATISTIC, period);
    const [first, ...others] = given.map(({ ciphertext }) => ciphertext);
    const product = first === undefined ? 1n : add(collection.key, first, ...others);
    return {
      ...{ statistic: STATISTIC, period },
      contributions: given.map((each) => toBase64Url(encodeContribution(collection, each))),
      ciphertext: toBase64Url(integerToBytes(product, 2 * collection.key.byteLength)),
      ...over,
    };
  }

  /** What a node answers `from`: a code, or "share". */
  async function ask(call: ReleaseCall, from = association, to = node): Promise<string> {
    try {
      await createStatisticsPeers(from.ctx, from.channel).share(to.id, call);
      return "share";
    } catch (error) {
      expect(error).to.be.instanceOf(PeerRefusal);
      return reasonOf(error);
    }
  }

  async function released(): Promise<number> {
    const rows = await node.database.db
      .selectFrom("statistic_releases")
      .select("period")
      .where("period", "=", period)
      .execute();
    return rows.length;
  }

  it("one firm's contribution alone, several, all but one: nothing is decrypted", async () => {
    await closed();
    const all = await contributions();
    expect(await ask(await callOf(all.slice(1, 2)))).to.equal("STATISTIC_CONTRIBUTION_MISSING");
    expect(await ask(await callOf(all.slice(0, 3)))).to.equal("STATISTIC_CONTRIBUTION_MISSING");
    expect(await ask(await callOf(all.slice(1)))).to.equal("STATISTIC_CONTRIBUTION_MISSING");
    expect(await ask(await callOf([]))).to.equal("STATISTIC_CONTRIBUTION_MISSING");
    expect(await ask(await callOf([...all, all[0]!]))).to.equal("STATISTIC_CONTRIBUTION_REPEATED");
    const { ciphertext } = await callOf(all.slice(1, 2));
    expect(await ask(await callOf(all, { ciphertext }))).to.equal("STATISTIC_CIPHERTEXT_DIFFERS");
    expect(await released()).to.equal(0);
  }).timeout(600_000);

  it("a contribution that is not the committed one, or of a stranger: nothing is decrypted", async () => {
    const all = await contributions();
    const { collection } = await association.statistics.collections.find(STATISTIC, period);
    const zeros = Object.fromEntries(collection.layout.fields.map(({ name }) => [name, 0n]));
    const forged = contribute(collection, all[1]!.contributor, zeros, random);
    expect(await ask(await callOf([all[0]!, forged, ...all.slice(2)]))).to.equal("STATISTIC_CONTRIBUTION_DIFFERS");
    const stranger = contribute(collection, 77, zeros, random);
    expect(await ask(await callOf([...all, stranger]))).to.equal("STATISTIC_CONTRIBUTION_UNCOMMITTED");
    expect(await ask(await callOf(all, { period: 199901 }))).to.equal("STATISTIC_COLLECTION_UNKNOWN");
    expect(await ask(await callOf(all, { statistic: `0x${"ab".repeat(32)}` }))).to.equal("STATISTIC_UNKNOWN");
    expect(await released()).to.equal(0);
  });

  it("anybody but the collector gets no share, anybody but collector and nodes no contribution", async () => {
    const all = await contributions();
    expect(await ask(await callOf(all), firms[3])).to.equal("STATISTIC_NOT_ALLOWED");
    const outsider = createStatisticsPeers(firms[3]!.ctx, firms[3]!.channel);
    const refused = await outsider.contribution(node.id, STATISTIC, period).catch(reasonOf);
    expect(refused).to.equal("STATISTIC_NOT_ALLOWED");
    expect(await released()).to.equal(0);
  });

  it("the same request again gives the same share, at once or later; a second set is refused for ever", async () => {
    const all = await contributions();
    const peers = createStatisticsPeers(association.ctx, association.channel);
    const call = await callOf(all);
    const answers = await Promise.all([peers.share(node.id, call), peers.share(node.id, call)]);
    node.restart();
    answers.push(await peers.share(node.id, call));
    expect(new Set(answers.map(({ share }) => share)).size).to.equal(1);
    const reason = encodeBytes32String("WITHDRAWN");
    await network.platform.mined(
      network.platform.governance.statisticsBoard.strike(STATISTIC, period, firms[3]!.id, reason),
    );
    const rest = all.filter(({ contributor }) => contributor !== firms[3]!.id);
    expect(await ask(await callOf(rest))).to.equal("STATISTIC_ALREADY_RELEASED");
    expect(await ask(await callOf(all))).to.equal("STATISTIC_CONTRIBUTION_UNCOMMITTED");
    expect(await released()).to.equal(1);
    const entries = await node.database.db
      .selectFrom("audit_log")
      .select("actor")
      .where("action", "=", "statistic.release")
      .where("subject_id", "=", `${STATISTIC}:${String(period)}`)
      .execute();
    expect(entries).to.deep.equal([{ actor: `member ${String(association.id)}` }]);
  }).timeout(600_000);

  it("while it is open and for fewer than k: nothing is decrypted, and contributions are not handed out", async () => {
    period += 1;
    await network.open(period);
    await network.contribute(period, [association, firms[1]!]);
    const early = await firms[1]!.statistics.handOut(STATISTIC, period, association.id).catch(reasonOf);
    expect(early).to.equal("STATISTIC_COLLECTION_OPEN");
    await network.pass();
    const two = await contributions();
    expect(two).to.have.length(2);
    const call = await callOf(two);
    expect(await ask(call)).to.equal("STATISTIC_CONTRIBUTORS_TOO_FEW");
    const { governance, mined } = network.platform;
    await mined(governance.statisticsBoard.abandon(STATISTIC, period, encodeBytes32String("TOO_FEW")));
    expect(await ask(call)).to.equal("STATISTIC_COLLECTION_ABANDONED");
    const late = await firms[1]!.statistics.handOut(STATISTIC, period, association.id).catch(reasonOf);
    expect(late).to.equal("STATISTIC_COLLECTION_ABANDONED");
    expect(await released()).to.equal(0);
  }).timeout(600_000);

  const lies: readonly {
    what: string;
    code: string;
    change: (honest: DecryptionShare, release: AdmittedRelease) => Uint8Array;
  }[] = [
    {
      what: "a wrong share",
      code: "PAILLIER_SHARE_PROOF_INVALID",
      change: (honest) => encoded({ ...honest, value: (honest.value * honest.value) % thresholdKey.key.square.value }),
    },
    {
      what: "a share times (1 + n)^e, made to add 1,000 to the sum with the set that decrypts known",
      code: "PAILLIER_SHARE_PROOF_INVALID",
      change: (honest) => {
        const { key, delta } = thresholdKey;
        const coefficient = 2n * lagrange(delta, [1, 2], 1, 0);
        const shift = (1000n * 4n * delta * delta * (inverse(coefficient, key.n) ?? 0n)) % key.n;
        return encoded({ ...honest, value: key.square.multiply(honest.value, 1n + shift * key.n) });
      },
    },
    {
      what: "a share for another ciphertext",
      code: "PAILLIER_SHARE_OF_OTHER_CIPHERTEXT",
      change: (honest) => encoded({ ...honest, ciphertext: new Uint8Array(32).fill(7) }),
    },
    { what: "half a share", code: "PAILLIER_SHARE_LENGTH", change: (honest) => encoded(honest).subarray(0, 300) },
  ];

  function encoded(share: DecryptionShare): Uint8Array {
    return encodeShare(thresholdKey, share);
  }

  async function lying(change: (typeof lies)[number]["change"], sign = true): Promise<void> {
    const { collection } = await association.statistics.collections.find(STATISTIC, period);
    const committed = await association.statistics.collections.view.committed(STATISTIC, period);
    const facts = { closed: true, committed };
    const release = finish(admissionOfAll(collection, await contributions(), facts, { leastContributors: 3 }));
    node.lie = async (_, honest): Promise<ShareAnswer> => {
      const share = change(decodeShare(thresholdKey, fromBase64Url((await honest()).share)), release);
      const digest = sign ? shareDigest(release, share) : random(32);
      return { share: toBase64Url(share), signature: toBase64Url(node.ctx.operator.sign(digest)) };
    };
  }

  for (const { what, code, change } of lies) {
    it(`${what}: it is named in the answer and on chain, with evidence, and the others' sum is right`, async () => {
      await closed();
      await lying(change);
      await association.statistics.run();
      node.lie = undefined;
      expect(await waiting(association, period)).to.equal(null);
      const given = await association.statistics.answers.find(STATISTIC, period);
      expect(given?.answer.refused.map((each) => [each.node, each.code])).to.deep.equal([[node.id, code]]);
      expect(given?.answer.values["B2.overdue"]).to.equal("1000");
      await network.release(period);
      await firms[3]!.statistics.run();
      const mirrored = await firms[3]!.statistics.answers.find(STATISTIC, period);
      const known = await firms[3]!.statistics.collections.find(STATISTIC, period);
      const { liars } = await firms[3]!.statistics.answers.verify(known, mirrored!);
      expect(liars).to.deep.equal([{ node: node.id, code }]);

      const report = await association.database.db
        .selectFrom("node_reports")
        .selectAll()
        .where("key", "like", `%:${String(period)}:%`)
        .executeTakeFirstOrThrow();
      await association.chain.outbox.wait(`report-node:${report.key}`, 20_000);
      const { algorithmNodes } = network.platform.contracts;
      const events = await algorithmNodes.queryFilter(algorithmNodes.filters.NodeReported(node.id));
      const { args } = events.at(-1) ?? expect.fail("no report");
      expect([Number(args.reporter), args.reason]).to.deep.equal([
        association.id,
        encodeBytes32String(code.slice(0, 31)),
      ]);
      expect(report.evidence.length).to.be.above(90);
      expect(fromHex(args.evidenceDigest)).to.have.length(32);
    }).timeout(600_000);
  }

  it("the shifted share would have changed the sum, if nobody looked at its proof", () => {
    const { key, delta } = thresholdKey;
    const ciphertext = encrypted(key, 5n);
    const values = medium.keyShares.map(({ value }) => key.square.power(ciphertext, 2n * delta * value));
    const shift = (1000n * 4n * delta * delta * (inverse(2n * lagrange(delta, [1, 2], 1, 0), key.n) ?? 0n)) % key.n;
    const bent = key.square.multiply(values[0]!, 1n + shift * key.n);
    const both = (first: bigint) => [
      { index: 1, value: first },
      { index: 2, value: values[1]! },
    ];
    expect(interpolate(thresholdKey, both(values[0]!))).to.equal(5n);
    expect(interpolate(thresholdKey, both(bent))).to.equal(1005n);
  });

  it("a contributor that sends no bytes is named, and keeps nobody from being asked", async () => {
    await closed();
    const hostile = firms[2]!;
    const { handOut } = hostile.statistics;
    Object.assign(hostile.statistics, { handOut: () => Promise.resolve("!") });
    await association.statistics.run();
    Object.assign(hostile.statistics, { handOut });
    expect(await waiting(association, period)).to.equal("STATISTIC_CONTRIBUTIONS_MISSING");
    const received = await association.database.db
      .selectFrom("statistic_received")
      .select("contributor")
      .where("period", "=", period)
      .execute();
    expect(received).to.have.length(network.all.length - 1);
    await association.statistics.run();
    expect(await waiting(association, period)).to.equal(null);
  }).timeout(600_000);

  it("a share without its node's signature counts for nothing, and is held against nobody", async () => {
    await closed();
    await lying((honest) => encoded(honest), false);
    await association.statistics.run();
    node.lie = undefined;
    const given = await association.statistics.answers.find(STATISTIC, period);
    expect(given?.answer.refused).to.deep.equal([]);
    expect(given?.answer.shares.map((each) => each.node)).to.deep.equal([firms[1]!.id, firms[2]!.id]);
    const reports = await association.database.db
      .selectFrom("node_reports")
      .select("key")
      .where("key", "like", `%:${String(period)}:%`)
      .execute();
    expect(reports).to.deep.equal([]);
  }).timeout(600_000);

  it("a collector that publishes another sum, leaves one out or accuses a right share is seen through", async () => {
    const given = await association.statistics.answers.find(STATISTIC, period);
    const known = await firms[3]!.statistics.collections.find(STATISTIC, period);
    const { answer, salt } = given!;
    const verdict = (changed: typeof answer): Promise<string> =>
      firms[3]!.statistics.answers.verify(known, { answer: changed, salt }).then(() => "holds", reasonOf);
    expect(await verdict(answer)).to.equal("holds");
    expect(await verdict({ ...answer, values: { ...answer.values, "B2.open": "0" } })).to.equal(
      "STATISTIC_ANSWER_INVALID",
    );
    expect(await verdict({ ...answer, contributions: answer.contributions.slice(1) })).to.equal(
      "STATISTIC_CONTRIBUTION_MISSING",
    );
    expect(await verdict({ ...answer, shares: answer.shares.slice(1) })).to.equal("PAILLIER_SHARES_TOO_FEW");
    const accused = { ...answer.shares[0]!, code: "PAILLIER_SHARE_PROOF_INVALID" };
    expect(await verdict({ ...answer, refused: [accused] })).to.equal("STATISTIC_ANSWER_INVALID");
    const [one, two] = [answer.shares[0]!, answer.shares[1]!];
    const swapped = [
      { ...one, node: two.node },
      { ...two, node: one.node },
    ];
    expect(await verdict({ ...answer, shares: swapped })).to.equal("STATISTIC_ANSWER_INVALID");
    expect(toHex(known.threshold.digest)).to.equal(answer.key);
  });
});
