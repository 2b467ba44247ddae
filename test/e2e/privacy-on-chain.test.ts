import { randomBytes, createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { fromHex, toHex, utf8, type Hex } from "../../protocol/encoding/bytes.ts";
import { keccak256, saltedDigest, sm3 } from "../../protocol/encoding/digest.ts";
import { openDetails, type PublishedRow } from "../../relayer/services/publish/published-store.ts";
import { statisticsDigest } from "../../relayer/services/publish/statistics.ts";
import { publishedFiles } from "../../relayer/services/tables/table-files.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";
import { transactionsAfter } from "../support/chain-contents.ts";
import { NETWORK_START_MS, testNetwork, type TestNetwork } from "../support/network.ts";

interface Statistics {
  readonly byClass: Readonly<Record<string, number>>;
  readonly subjects: number;
  readonly records: number;
}

describe("what a published table shows", () => {
  let net: TestNetwork;

  before(async function () {
    this.timeout(NETWORK_START_MS);
    net = await testNetwork();
  });

  async function tablesOf(name: PartyName): Promise<PublishedRow[]> {
    return net
      .database(name)
      .selectFrom("published_tables")
      .selectAll()
      .where("state", "=", "committed")
      .orderBy("revision")
      .execute();
  }

  /** What only the firm knows of its table; the test holds its keys. */
  async function statisticsOf(name: PartyName, row: PublishedRow) {
    const cipher = createColumnCipher(await net.keys(name).columnKeys(), randomBytes);
    const opening = openDetails(cipher, row).statistics;
    return { opening, counts: JSON.parse(opening.text) as Statistics };
  }

  async function publication(dataset: string, revision: number) {
    const registry = net.contracts.datasetRegistry;
    const events = await registry.queryFilter(registry.filters["CommitmentPublished"](dataset), 0);
    const event = events.find(({ args }) => Number(args.publication.revision) === revision) ?? expect.fail();
    const transaction = (await transactionsAfter(net.provider, event.blockNumber - 1)).find(
      ({ hash }) => hash === event.transactionHash,
    );
    return { published: event.args.publication, transaction: transaction ?? expect.fail() };
  }

  it("two datasets of one size class with different classes inside cannot be told apart on chain", async () => {
    const [alpha, beta] = [(await tablesOf("alpha"))[0], (await tablesOf("beta"))[0]];
    if (alpha === undefined || beta === undefined) expect.fail("both have published");
    const [ofAlpha, ofBeta] = [await statisticsOf("alpha", alpha), await statisticsOf("beta", beta)];
    expect(ofAlpha.counts.byClass).not.to.deep.equal(ofBeta.counts.byClass);

    const [a, b] = [await publication(alpha.dataset, 1), await publication(beta.dataset, 1)];
    for (const field of ["epoch", "revision", "entryCount", "entrySize", "suite", "schema"] as const) {
      expect(a.published[field], field).to.equal(b.published[field]);
    }
    for (const field of ["root", "publicKey", "statisticsDigest"] as const) {
      expect(a.published[field], field).to.match(/^0x[0-9a-f]{64}$/);
      expect(a.published[field], field).not.to.equal(b.published[field]);
    }
    expect(a.transaction.input.length).to.equal(b.transaction.input.length);
    const events = ({ transaction }: typeof a) =>
      transaction.logs.map(({ address, topics, data }) => [address, topics[0], topics.length, data.length]);
    expect(events(a)).to.deep.equal(events(b));
    // A reward that went with the true content would tell it.
    const amounts = ({ transaction }: typeof a) =>
      transaction.logs.filter(({ data }) => data.length === 66).map(({ data }) => data);
    expect(amounts(a)).to.deep.equal(amounts(b));
    const words = a.transaction.input.slice(10).match(/.{64}/g) ?? [];
    for (const count of [ofAlpha.counts.subjects, ofAlpha.counts.records, ...Object.values(ofAlpha.counts.byClass)]) {
      const word = count.toString(16).padStart(64, "0");
      // Word by word: across the border of two, a revision's end and a root's beginning make a count by chance.
      if (count > 64) expect(words, `the count ${count}`).not.to.include(word);
    }
  });

  it("the digest of the true counts opens with its salt, and with nothing that can be guessed", async () => {
    for (const name of ["association", "alpha", "beta", "gamma", "delta"] as const) {
      const [row = expect.fail()] = await tablesOf(name);
      const { opening, counts } = await statisticsOf(name, row);
      const onChain = (await publication(row.dataset, 1)).published.statisticsDigest;
      expect(statisticsDigest(opening)).to.equal(onChain);
      expect(opening.salt).not.to.match(/^0x(?:00)+$/);
      const guessable: Hex[] = [`0x${"00".repeat(32)}`, row.dataset as Hex, row.root as Hex, row.public_key as Hex];
      const vectors = name === "alpha" || name === "association" ? smallCounts(opening.text, counts) : [];
      const texts = new Set([opening.text, JSON.stringify(counts.byClass), ...vectors]);
      for (const text of texts) {
        const bytes = utf8(text);
        const bare = [keccak256(bytes), sm3(bytes), new Uint8Array(createHash("sha256").update(bytes).digest())];
        const salted = guessable.map((salt) => saltedDigest("riskveil/statistics", fromHex(salt, 32), [bytes]));
        for (const digest of [...bare, ...salted]) expect(toHex(digest)).not.to.equal(onChain);
      }
    }
  });

  /** The same text with every vector of counts from 0 to 3. */
  function* smallCounts(text: string, { byClass }: Statistics): Generator<string> {
    const classes = Object.keys(byClass);
    for (let vector = 0; vector < 4 ** classes.length; vector += 1) {
      const counts = classes.map((kind, i) => [kind, (vector >> (2 * i)) & 3] as const);
      const total = counts.reduce((sum, [, count]) => sum + count, 0);
      const guess = {
        ...(JSON.parse(text) as object),
        byClass: Object.fromEntries(counts),
        records: total,
        subjects: total,
      };
      yield JSON.stringify(guess);
    }
  }

  it("a table sealed again in its epoch uses no rev and so no key again; what did not change looks new", async () => {
    const { client } = net.member("gamma");
    const before = (await tablesOf("gamma")).at(-1) ?? expect.fail();
    const number = createIdentities(createPrng(1_848))();
    await importNewSubject(number);
    await client.post("data_officer", "/v1/datasets/CREDIT/publish", {});
    const after = await net.wait("a new revision", async () => {
      const newest = (await tablesOf("gamma")).at(-1);
      return newest !== undefined && newest.revision > before.revision ? newest : undefined;
    });
    expect({ epoch: after.epoch, key: after.public_key }).to.deep.equal({
      epoch: before.epoch,
      key: before.public_key,
    });

    const [old, fresh] = [entriesOf(before), entriesOf(after)];
    const revs = [...old, ...fresh].map((entry) => entry.subarray(16, 32).toString("hex"));
    expect(new Set(revs).size).to.equal(revs.length);
    const byTag = new Map(old.map((entry) => [entry.subarray(0, 16).toString("hex"), entry]));
    const kept = fresh.flatMap((entry) => {
      const earlier = byTag.get(entry.subarray(0, 16).toString("hex"));
      return earlier === undefined ? [] : [[earlier, entry] as const];
    });
    // One subject came; a 64th of the table is seen to change, as with none or with fifteen.
    expect(kept).to.have.lengthOf(fresh.length - fresh.length / 64);
    for (const [earlier, entry] of kept) {
      expect(earlier.subarray(32).equals(entry.subarray(32))).to.equal(false);
      expect(earlier.subarray(-16).equals(entry.subarray(-16))).to.equal(false);
    }
    const digests = await Promise.all(
      [before, after].map(async (row) => (await statisticsOf("gamma", row)).opening.salt),
    );
    expect(new Set(digests).size).to.equal(2);

    // The new revision answers, also for those who had mirrored the old one.
    await net.wait("mirrors of the new revision", async () => {
      const { items } = (await net.member("alpha").client.get("data_officer", "/v1/mirrors")) as {
        items: { dataset: string; revision: number; state: string }[];
      };
      const found = items.find(({ dataset, revision }) => dataset === after.dataset && revision === after.revision);
      return found?.state === "verified" ? true : undefined;
    });
    const view = await net.ask("alpha", await net.authorise("alpha", [number]));
    expect(view.subjects[0]?.records.map(({ holder, class: kind }) => [holder, kind])).to.deep.equal([["gamma", "B2"]]);
  });

  function entriesOf(row: PublishedRow): Buffer[] {
    const { table } = publishedFiles(net.network.state.party("gamma").data, row.id);
    const bytes = readFileSync(table);
    return Array.from({ length: row.entry_count }, (_, i) =>
      bytes.subarray(i * row.entry_size, (i + 1) * row.entry_size),
    );
  }

  async function importNewSubject(number: string): Promise<void> {
    const consent = [
      "authorisation_id,document_type,document_number,instrument,document_sm3,scope,purposes,signed_on,valid_until,cohort,notice_date,notice_means",
      `T-SHARE-1,cn-resident-id,${number},客户授权协议,${"ab".repeat(32)},share,全部,2024-01-02,2044-01-01,增量,2024-01-02,书面`,
    ];
    const record = [
      "record_id,document_type,document_number,class,event_date,amount,status,status_date,note",
      `T-NEW-1,cn-resident-id,${number},B2,2025-03-05,1234.50,open,2025-03-05,`,
    ];
    const { client } = net.member("gamma");
    for (const [kind, lines] of [
      ["authorisations", consent],
      ["records", record],
    ] as const) {
      const file = Buffer.from(`${lines.join("\r\n")}\r\n`, "utf8");
      const { id } = (await client.upload("data_officer", `/v1/imports/${kind}`, file)) as { id: string };
      await net.wait(`import of ${kind}`, async () => {
        const { state } = (await client.get("data_officer", `/v1/imports/${id}`)) as { state: string };
        if (state === "refused" || state === "failed") throw new Error(`the import of ${kind} was ${state}`);
        return state === "done" ? true : undefined;
      });
    }
  }
});
