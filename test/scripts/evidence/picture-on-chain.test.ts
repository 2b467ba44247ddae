/**
 * The evidence of a picture against a real chain: an edition that relayers made there, a session and anchors that are this test's
 * own transactions. Nodes' answers are computed with the shares of the keys that stand on the chain.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";

import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { locatorInput } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { requestDecryption } from "../../../protocol/aggregate/query.ts";
import { decodeRow } from "../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { sealDigest } from "../../../protocol/evidence/seal.ts";
import type { Element } from "../../../protocol/group/group.ts";
import { KEY_PURPOSES, NODE_SERVICES, type NodeService } from "../../../protocol/key-round/round.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { buildPictureEvidence } from "../../../protocol/picture-evidence/build.ts";
import type { PictureEvidence } from "../../../protocol/picture-evidence/package.ts";
import { verifyPictureEvidence } from "../../../protocol/picture-evidence/verify.ts";
import { serviceIdOf } from "../../../protocol/picture-evidence/verify-node.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { createPictureFacts } from "../../../scripts/evidence/picture-facts.ts";
import { awaitReceipt } from "../../../scripts/network/await-receipt.ts";
import { anchorOf, queryId } from "../../protocol/evidence/evidence-fixture.ts";
import { composeExchange } from "../../protocol/picture-evidence/node-exchange.ts";
import { sampleRecord } from "../../protocol/sealed-table/sample.ts";
import { passport } from "../../support/edition-books.ts";
import { startEditionStage, type EditionStage, type Party } from "../../support/edition-stage.ts";
import { evaluationOf, placeIn, plainSums } from "../../support/edition-sums.ts";
import { random } from "../../support/asking-ledger.ts";

const SCRIPT = join(import.meta.dirname, "../../../scripts/verify-evidence.ts");
const EDITION = 1;
const ROUND = 1;

describe("verify-evidence of a picture against a real chain", function () {
  this.timeout(600_000);
  let stage: EditionStage;
  let directory: string;
  let querier: Party;
  let found: PictureEvidence;
  let absent: PictureEvidence;
  let nonce = 0n;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "riskveil-picture-"));
    stage = await startEditionStage();
    for (const [at, firm] of stage.firms.entries()) {
      const record = {
        ...sampleRecord,
        id: `r-${String(at)}`,
        class: "B2",
        status: "open",
        amountFen: 100 + at,
      } as const;
      firm.subjects = [1, 10 + at].map((number) => ({ subject: passport(number), records: [record] }));
      await firm.publish();
    }
    await stage.work(() => stage.published(EDITION));
    querier = stage.firms[0] ?? expect.fail();
    found = await packageOf(passport(1));
    absent = await packageOf(passport(2));
  });
  after(async () => {
    await stage.close();
    await rm(directory, { recursive: true, force: true });
  });

  const lowerCase = (address: string): Hex => address.toLowerCase() as Hex;

  /** Asks two other firms' nodes, anchors and seals. */
  async function packageOf(subject: SubjectId): Promise<PictureEvidence> {
    const { deployment, provider, contracts } = stage.platform;
    const chain = { chainId: deployment.chainId, ...mapped(deployment.addresses) };
    const acting = stage.platform.actingAs(querier.member);
    const asked = [1, 2].map((position) => ({ position, node: stage.firms[position]?.member ?? expect.fail() }));
    const services = asked.flatMap(({ node }) => NODE_SERVICES.map((service) => serviceOf(node.id, service)));
    nonce += 1n;
    const session = await contracts.queryLedger.sessionIdOf(querier.member.id, nonce);
    const now = Number((await provider.getBlock("latest"))?.timestamp);
    const allotted = services.toSorted();
    const granted = allotted.map(() => 16);
    await stage.platform.mined(acting.queryLedger.openSession(nonce, allotted, granted, now + 3_600));

    const [blind, locatorBlind] = [ristretto255Sha512.randomScalar(random), ristretto255Sha512.randomScalar(random)];
    const y = evaluationOf(stage, subject);
    const { row, leaf, path } = await querier.editions.mirror.lookup(EDITION, placeIn(stage, EDITION, y));
    const masked = requestDecryption(standardSchema, row && decodeRow(row, standardSchema.slotCount), random);
    const exchange = (service: NodeService, elements: readonly Element[], lane: number) =>
      asked.map(({ position, node }) =>
        composeExchange({
          ...{ service, elements, subjects: [subject], subject, session: fromHex(session as Hex), lane, random },
          ...{ sign: querier.member.operator.sign, signNode: node.operator.sign, node: node.id, index: position + 1 },
          domain: { chainId: chain.chainId, ledger: chain.queryLedger },
          ...{ dataset: fromHex(serviceOf(node.id, service)), epoch: ROUND, key: stage.keys[service] },
        }),
      );
    const evaluations = exchange("evaluation", [ristretto255Sha512.blind(subjectInput(subject), blind)], 0);
    const located = locatorInput(aggregateTag(y, EDITION), EDITION);
    const locations = exchange("locator", [ristretto255Sha512.blind(located, locatorBlind)], 3);
    const decryptions = exchange("query", masked.elements, 2);
    const places = [anchorOf(evaluations, 4), anchorOf(locations, 8), anchorOf(decryptions, 11)];
    const leaves = Array.from({ length: 16 }, (_, position) =>
      toHex(places.find((each) => each.position === position)?.leaf ?? random(32)),
    );
    const anchored = await awaitReceipt(provider, acting.queryLedger.anchor(session, 0, leaves));
    const log = anchored.logs.find(({ address }) => lowerCase(address) === chain.queryLedger);
    const { timestamp } = (await provider.getBlock(anchored.blockNumber)) ?? expect.fail();
    const moment = new Date(timestamp * 1_000);
    const there = {
      transactionHash: anchored.hash as Hex,
      blockNumber: anchored.blockNumber,
      logIndex: log?.index ?? 0,
    };
    const newest = await querier.editions.mirror.newest();
    const sums = plainSums(
      stage.firms.map(({ subjects }) => subjects),
      subject,
    );
    return buildPictureEvidence(
      {
        chain: { ...chain, instanceSalt: fromHex(await contracts.queryLedger.instanceSalt()) },
        query: {
          ...{ id: queryId, querier: querier.member.id, purpose: "CREDIT_GRANTING", requestedAt: moment, subject },
        },
        picture: {
          ...{ edition: EDITION, root: fromHex(newest?.root ?? "0x"), blind, locatorBlind },
          ...{ blinds: masked.blinds, leaf, path },
          ...(row && { found: { row, sums } }),
        },
        exchanges: [...evaluations, ...locations, ...decryptions],
        anchors: places.map((place) => ({ ...place, ...there })),
      },
      moment,
      querier.member.operator.sign,
    );
  }

  function mapped<T extends object>(addresses: T): Readonly<Record<keyof T, Hex>> {
    const entries = Object.entries(addresses).map(([name, address]) => [name, lowerCase(String(address))]);
    return Object.fromEntries(entries) as Record<keyof T, Hex>;
  }

  function serviceOf(node: number, service: NodeService): Hex {
    const { chainId, addresses } = stage.platform.deployment;
    return serviceIdOf(chainId, addresses.algorithmNodes, node, service);
  }

  /** A process that has the file and the chain's URL. */
  async function verify(
    content: unknown,
    options: string[] = [],
    LANG = "C",
  ): Promise<{ code: number; stdout: string }> {
    const file = join(directory, "package.json");
    await writeFile(file, JSON.stringify(content));
    const { rpcUrl } = stage.platform.deployment;
    return new Promise((resolve) => {
      const env = { PATH: process.env["PATH"], LANG };
      execFile(process.execPath, [SCRIPT, file, "--rpc", rpcUrl, ...options], { env }, (error, stdout) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout });
      });
    });
  }

  it("computes services' ids as the contract does", async () => {
    for (const { member } of stage.firms) {
      for (const service of ["evaluation", "query"] as const) {
        const purpose = KEY_PURPOSES.indexOf(service);
        const id = await stage.platform.contracts.algorithmNodes.serviceOf(member.id, purpose);
        expect(serviceOf(member.id, service)).to.equal(id);
      }
    }
  });

  it("verifies a row with its sums, and that there is none, with the file and the URL alone", async () => {
    const { code, stdout } = await verify(found);
    expect(stdout)
      .to.include("edition 1: found")
      .and.to.include("institutions 4, B2 4, overdue 4.06 yuan")
      .and.to.match(/VERIFIED\n$/);
    expect(stdout).to.include("--editions").and.not.to.include("E10000001");
    expect(code).to.equal(0);
    const chinese = await verify(absent, [], "zh_CN.UTF-8");
    expect(chinese.stdout)
      .to.include("未查得记录")
      .and.to.match(/验证通过\n$/);
    expect(chinese.code).to.equal(0);
  });

  it("takes the reader's own contract addresses, and refutes a package of others", async () => {
    const { addresses } = stage.platform.deployment;
    const pins = ["--ledger", addresses.queryLedger, "--members", addresses.memberRegistry];
    pins.push("--nodes", addresses.algorithmNodes, "--rounds", addresses.keyRounds);
    const trusted = await verify(found, [...pins, "--editions", addresses.consortiumTables, "--json"]);
    expect(JSON.parse(trusted.stdout)).to.include({ verdict: "verified", pinned: true });
    const partly = await verify(found, [...pins, "--json"]);
    expect(JSON.parse(partly.stdout)).to.include({ verdict: "verified", pinned: false });
    const other = await verify(found, ["--rounds", addresses.consortiumTables, "--json"]);
    expect(other.code).to.equal(1);
    const { firstFailure } = JSON.parse(other.stdout) as { firstFailure: object };
    expect(firstFailure).to.include({ name: "CHAIN", reason: "OTHER_CONTRACTS" });
  });

  it("refutes what is not on this chain, naming the check", async () => {
    const changes: [string, (changed: PictureEvidence) => void][] = [
      ["EDITION", ({ picture }) => (picture.edition = 2)],
      ["EDITION", ({ picture }) => (picture.root = toHex(sha256(fromHex(picture.root))))],
      ["SESSION", ({ exchanges }) => (exchanges[0]!.session = toHex(sha256(random(32))))],
      ["NODE", ({ exchanges }) => (exchanges[0]!.holder = exchanges[1]!.holder)],
      ["NODE", ({ exchanges }) => (exchanges[0]!.epoch = 2)],
      ["RECEIPT", ({ exchanges }) => (exchanges[0]!.response.receipt = exchanges[1]!.response.receipt)],
      ["ANCHOR", ({ anchors }) => (anchors[0]!.logIndex += 1)],
      ["SEAL", (changed) => (changed.sealedAt = "2001-01-01T00:00:00.000Z")],
      ["SUMS", ({ picture }) => picture.outcome === "found" && (picture.sums.overdueFen += 1)],
      ["KEYS", ({ chain }) => (chain.keyRounds = chain.consortiumTables)],
      ["NODE", ({ chain }) => (chain.algorithmNodes = chain.consortiumTables)],
      ["CHAIN", ({ chain }) => (chain.queryLedger = chain.consortiumTables)],
    ];
    for (const [name, change] of changes) {
      const changed = structuredClone(found);
      change(changed);
      const report = await verifyPictureEvidence(changed, createPictureFacts(stage.platform.provider, changed.chain));
      expect(report.verdict).to.equal("refuted");
      expect(report.checks.filter(({ status }) => status === "failed").map((each) => each.name)).to.include(name);
    }
  });

  it("reads nothing of editions and rounds that there are not, nor where there is no contract", async () => {
    const facts = createPictureFacts(stage.platform.provider, found.chain);
    for (const number of [0, 2, 4_294_967_295]) expect(await facts.edition(number)).to.equal(undefined);
    for (const number of [0, 2]) expect(await facts.keyRound(number)).to.equal(undefined);
    expect(await facts.latestEdition()).to.equal(EDITION);
    const nowhere = { ...found.chain, keyRounds: found.chain.queryLedger, consortiumTables: found.chain.queryLedger };
    const silent = createPictureFacts(stage.platform.provider, nowhere);
    expect(await silent.edition(EDITION)).to.equal(undefined);
    expect(await silent.keyRound(ROUND)).to.equal(undefined);
    expect(await silent.latestEdition()).to.equal(0);
  });

  it("is not taken for the other format under its seal", async () => {
    const renamed = { ...found, format: "riskveil-evidence/1" };
    const seal = toHex(querier.member.operator.sign(sealDigest(renamed)));
    const { code, stdout } = await verify({ ...renamed, seal });
    expect(stdout).to.include("first failure: FORMAT");
    expect(code).to.equal(1);
  });
});
