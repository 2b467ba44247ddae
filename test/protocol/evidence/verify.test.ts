import { isDeepStrictEqual } from "node:util";

import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { sha256 } from "../../../protocol/encoding/digest.ts";
import { toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { EvidenceFacts } from "../../../protocol/evidence/build.ts";
import type { ChainFacts } from "../../../protocol/evidence/chain-facts.ts";
import { checks, type CheckName, type VerificationReport } from "../../../protocol/evidence/report.ts";
import type { EvidencePackage } from "../../../protocol/evidence/package.ts";
import { sealDigest } from "../../../protocol/evidence/seal.ts";
import { verifyEvidence } from "../../../protocol/evidence/verify.ts";
import { CLOCK_ALLOWANCE } from "../../../protocol/evidence/verify-query.ts";
import {
  anchoredAt,
  anchorOf,
  answer,
  buildPackage,
  chainOf,
  committedAt,
  evidenceFacts,
  hitHolder,
  missHolder,
  seal,
} from "./evidence-fixture.ts";
import { changesOf, type Change } from "./json-changes.ts";

const pkg = buildPackage();
const chain = chainOf(evidenceFacts);
const order = Object.keys(checks);

function copy(): EvidencePackage {
  return structuredClone(pkg);
}

/** What a dishonest querier does: change the package and seal it again. */
async function resealed(changed: EvidencePackage, facts: ChainFacts = chain): Promise<VerificationReport> {
  changed.seal = toHex(seal(sealDigest(changed)));
  return verifyEvidence(changed, facts);
}

async function expectFailure(report: Promise<VerificationReport>, name: CheckName, reason: string): Promise<void> {
  const { verdict, firstFailure } = await report;
  expect(verdict).to.equal("refuted");
  expect([firstFailure?.name, firstFailure?.reason]).to.deep.equal([name, reason]);
}

function hitOf(changed: EvidencePackage): Extract<EvidencePackage["answers"][number], { outcome: "hit" }> {
  const first = changed.answers[0];
  if (first?.outcome !== "hit") throw new Error("the first answer is the hit");
  return first;
}

function missOf(changed: EvidencePackage): EvidencePackage["answers"][number] {
  return changed.answers[1] ?? expect.fail("two answers");
}

describe("evidence verification", () => {
  it("verifies a hit, a miss and an unanswered dataset, every check in order", async () => {
    const report = await verifyEvidence(JSON.parse(JSON.stringify(pkg)), chain);
    expect(report.firstFailure).to.equal(undefined);
    expect(report.verdict).to.equal("verified");
    const hit = order.slice(order.indexOf("SESSION"), order.indexOf("ANCHOR_LEAF"));
    const miss = hit.filter((name) => !["ENTRY", "OPENING", "RECORDS"].includes(name));
    const start = order.slice(0, order.indexOf("SESSION"));
    const end = ["ANCHOR_LEAF", "ANCHOR", "TABLE_TIME", "TABLE_TIME", "ASKED_TIME", "SEAL"];
    const names = report.checks.map((check) => check.name);
    expect(names).to.deep.equal([...start, ...hit, ...miss, ...end]);
  });

  it("verifies a single hit and a single miss, and two anchors of a partial answer completed later", async () => {
    const [hit, miss] = evidenceFacts.answers;
    if (!hit || !miss) throw new Error("two answers");
    const of = (...groups: EvidenceFacts["answers"][]): EvidenceFacts => ({
      ...evidenceFacts,
      ...{ answers: groups.flat(), unanswered: [], anchors: groups.map((group, i) => anchorOf(group, i)) },
    });
    for (const facts of [of([hit]), of([miss]), of([miss, hit]), of([hit], [miss])]) {
      const report = await verifyEvidence(buildPackage(facts), chainOf(facts));
      expect(report.firstFailure).to.equal(undefined);
      expect(report.verdict).to.equal("verified");
    }
  });

  it("refuses the package with any one field changed, removed or added, and names a check", async () => {
    let tried = 0;
    for (const change of changesOf(pkg)) {
      const { verdict, firstFailure } = await verifyEvidence(change.value, chain);
      expect(verdict, change.what).to.equal("refuted");
      expect(order, change.what).to.include(firstFailure?.name);
      tried += 1;
    }
    expect(tried).to.be.greaterThan(500);
  });

  it("refuses it also when the querier seals the change again, but for what only the seal states", async () => {
    const sealOnly = /^(query\.requestedAt|sealedAt|unanswered(\.0(\.reason)?)?|answers|anchors\.0\.datasets)$/;
    for (const change of changesOf(pkg)) {
      if (change.path === "seal" || !canBeSealed(change)) continue;
      const { verdict, firstFailure } = await resealed(change.value as EvidencePackage);
      if (verdict === "verified") expect(change.path, change.what).to.match(sealOnly);
      else if (!sealOnly.test(change.path)) expect(firstFailure?.name, change.what).to.be.oneOf(order.slice(0, -1));
    }
  });

  describe("values that are valid elsewhere", () => {
    it("another revision, epoch or root of another holder", async () => {
      const revision = copy();
      hitOf(revision).revision = 1;
      await expectFailure(resealed(revision), "COMMITMENT", "COMMITMENT_UNKNOWN");
      const root = copy();
      hitOf(root).root = missOf(root).root;
      await expectFailure(resealed(root), "COMMITMENT", "ROOT_OTHER");
      const key = copy();
      hitOf(key).publicKey = missOf(key).publicKey;
      await expectFailure(resealed(key), "COMMITMENT", "KEY_OTHER");
      const suite = copy();
      hitOf(suite).suite = 2;
      await expectFailure(resealed(suite), "COMMITMENT", "SUITE_OTHER");
    });

    it("the answers of two holders exchanged", async () => {
      const answers = copy();
      [hitOf(answers).dataset, missOf(answers).dataset] = [missOf(answers).dataset, hitOf(answers).dataset];
      await expectFailure(resealed(answers), "DATASET", "DATASET_OTHER_HOLDER");
      const requests = copy();
      [hitOf(requests).request, missOf(requests).request] = [missOf(requests).request, hitOf(requests).request];
      await expectFailure(resealed(requests), "REQUEST", "REQUEST_OTHER");
      const responses = copy();
      [hitOf(responses).response, missOf(responses).response] = [missOf(responses).response, hitOf(responses).response];
      await expectFailure(resealed(responses), "RESPONSE", "RESPONSE_ELEMENTS");
      const leaves = copy();
      [hitOf(leaves).leaf, missOf(leaves).leaf] = [missOf(leaves).leaf, hitOf(leaves).leaf];
      const report = await resealed(leaves);
      expect(["TAG", "OUTCOME", "PATH"]).to.include(report.firstFailure?.name);
    });

    it("another subject of the same request, another index, another blind", async () => {
      const subject = copy();
      subject.query.subject = "cn-passport:E00000002";
      await expectFailure(resealed(subject), "CONSENT", "CONSENT_OPENING");
      const lower = copy();
      lower.query.subject = "cn-passport:e00000001";
      await expectFailure(resealed(lower), "SUBJECT", "SUBJECT_INVALID");
      const index = copy();
      hitOf(index).index = 0;
      await expectFailure(resealed(index), "CONSENT", "CONSENT_OPENING");
      const blind = copy();
      hitOf(blind).blind = missOf(blind).blind;
      await expectFailure(resealed(blind), "BLIND", "BLIND_OTHER");
    });

    it("a hit told as a miss, a miss told as a hit", async () => {
      const miss = copy();
      const { entry, records, ...hidden } = hitOf(miss);
      miss.answers[0] = { ...hidden, outcome: "miss" };
      await expectFailure(resealed(miss), "OUTCOME", "OUTCOME_OTHER");
      const hit = copy();
      hit.answers[1] = { ...missOf(hit), outcome: "hit", entry, records };
      await expectFailure(resealed(hit), "OUTCOME", "OUTCOME_OTHER");
      const fewer = copy();
      hitOf(fewer).records.pop();
      await expectFailure(resealed(fewer), "RECORDS", "RECORDS_OTHER");
    });

    it("an honest answer of another session, query or querier", async () => {
      const session = copy();
      hitOf(session).session = toHex(sha256(utf8("another session")));
      await expectFailure(resealed(session), "SESSION", "SESSION_UNKNOWN");
      const querier = copy();
      querier.query.querier = hitHolder.member;
      await expectFailure(resealed(querier), "SESSION", "SESSION_OTHER_QUERIER");
      const query = copy();
      query.query.id = query.query.id.replace(/.$/, "b");
      await expectFailure(resealed(query), "ANCHOR_LEAF", "LEAF_OTHER");
    });

    it("a response under another key than the committed one, with its honest proof", async () => {
      const [hit, miss] = evidenceFacts.answers;
      if (!hit || !miss) throw new Error("two answers");
      const other = { ...hitHolder, epochKey: hitHolder.suite.oprf.generateKeyPair(() => new Uint8Array(64).fill(3)) };
      const forged = { ...answer(other, hit.request.session, 2, true), publicKey: hit.publicKey };
      const facts = { ...evidenceFacts, answers: [forged, miss], anchors: [anchorOf([forged, miss], 1)] };
      await expectFailure(verifyEvidence(buildPackage(facts), chainOf(facts)), "PROOF", "PROOF_INVALID");
    });

    it("another anchor's place", async () => {
      const position = copy();
      Object.assign(position.anchors[0] ?? {}, { position: 4 });
      await expectFailure(resealed(position), "ANCHOR", "ANCHOR_OTHER");
      const block = copy();
      Object.assign(block.anchors[0] ?? {}, { blockNumber: 78 });
      await expectFailure(resealed(block), "ANCHOR", "ANCHOR_OTHER");
      const log = copy();
      Object.assign(log.anchors[0] ?? {}, { logIndex: 4 });
      await expectFailure(resealed(log), "ANCHOR", "ANCHOR_UNKNOWN");
    });

    it("an answer left out of its anchor, an anchor left out, a dataset twice", async () => {
      const left = copy();
      left.answers.pop();
      await expectFailure(resealed(left), "COVERAGE", "ANCHOR_COVERAGE");
      const twice = copy();
      twice.answers.push(missOf(twice));
      await expectFailure(resealed(twice), "COVERAGE", "DATASET_REPEATED");
      const hidden = copy();
      hidden.answers.pop();
      hidden.anchors[0]?.datasets.pop();
      await expectFailure(resealed(hidden), "ANCHOR_LEAF", "LEAF_OTHER");
      const silent = copy();
      Object.assign(silent.unanswered[0] ?? {}, { holder: missHolder.member });
      await expectFailure(resealed(silent), "COVERAGE", "UNANSWERED_HOLDER");
    });
  });

  describe("when it was", () => {
    const [epoch, blockTime] = [hitHolder.epoch, committedAt];
    const tables = (...made: [revision: number, blockNumber: number, epoch?: number][]): Partial<ChainFacts> => ({
      publications: () =>
        Promise.resolve(
          made.map(([revision, blockNumber, of = epoch]) => ({ epoch: of, revision, blockNumber, blockTime })),
        ),
    });

    it("says of each answer which table it is from, when that was committed and when its leaf was anchored", async () => {
      const { times } = await verifyEvidence(pkg, chain);
      const dated = pkg.answers.map(({ dataset }) => ({ dataset, epoch, revision: 2, committedAt, anchoredAt }));
      expect(times.answers).to.deep.equal(dated);
      expect(times.asked).to.deep.equal({ sessionOpenedAt: 1_772_000_000, anchoredAt });
    });

    it("says that a newer table had been committed in a block before the anchor's, and is verified nonetheless", async () => {
      const newer = await verifyEvidence(pkg, { ...chain, ...tables([2, 70], [3, 75], [4, 76]) });
      expect(newer.verdict).to.equal("verified");
      expect(newer.times.answers.map((times) => times.newer)).to.deep.equal(
        Array.from({ length: 2 }, () => ({ epoch, revision: 4, committedAt })),
      );
      const next = await verifyEvidence(pkg, { ...chain, ...tables([2, 70], [1, 76, epoch + 1]) });
      expect(next.times.answers[0]?.newer).to.include({ epoch: epoch + 1, revision: 1 });
      const same = await verifyEvidence(pkg, { ...chain, ...tables([1, 60], [2, 70], [3, 77]) });
      expect(same.times.answers[0]?.newer).to.equal(undefined);
    });

    it("refutes an answer from a table that was committed after the anchor", async () => {
      await expectFailure(verifyEvidence(pkg, { ...chain, ...tables([1, 60]) }), "TABLE_TIME", "TABLE_AFTER_ANCHOR");
    });

    it("refutes a requestedAt before the session or after the anchor, but for what clocks may differ", async () => {
      const at = (seconds: number): Promise<VerificationReport> => {
        const changed = copy();
        changed.query.requestedAt = new Date(seconds * 1_000).toISOString();
        return resealed(changed);
      };
      await expectFailure(at(1_772_000_000 - CLOCK_ALLOWANCE - 1), "ASKED_TIME", "ASKED_BEFORE_SESSION");
      await expectFailure(at(anchoredAt + CLOCK_ALLOWANCE + 1), "ASKED_TIME", "ASKED_AFTER_ANCHOR");
      for (const seconds of [1_772_000_000 - CLOCK_ALLOWANCE, anchoredAt + CLOCK_ALLOWANCE]) {
        expect((await at(seconds)).verdict).to.equal("verified");
      }
    });
  });

  describe("a chain that says otherwise", () => {
    const cases: [CheckName, string, Partial<ChainFacts>][] = [
      ["CHAIN", "OTHER_CHAIN", { chainId: () => Promise.resolve(1) }],
      ["CHAIN", "OTHER_CONTRACTS", { contracts: { ...chain.contracts, queryLedger: `0x${"00".repeat(20)}` } }],
      ["CHAIN", "OTHER_CONTRACTS", { contracts: { ...chain.contracts, memberRegistry: `0x${"00".repeat(20)}` } }],
      ["CHAIN", "OTHER_INSTANCE", { instanceSalt: otherInstance }],
      ["SESSION", "SESSION_WITHOUT_DATASET", { allotment: () => Promise.resolve(undefined) }],
      ["VOUCHER", "VOUCHER_COUNT", { allotment: () => Promise.resolve(11) }],
      ["DATASET", "DATASET_ID_WRONG", { dataset: otherLabel }],
      ["RECEIPT", "RECEIPT_SIGNER", { wasOperatorOf: (member) => Promise.resolve(member === pkg.query.querier) }],
      ["SEAL", "SEAL_SIGNER", { wasOperatorOf: (member) => Promise.resolve(member !== pkg.query.querier) }],
      ["VOUCHER", "VOUCHER_SIGNER", { session: otherSigner }],
      ["COMMITMENT", "SCHEMA_OTHER", { commitment: (...of) => changedCommitment(of, { schema: 9 }) }],
      ["ENTRY", "ENTRY_SIZE", { commitment: (...of) => changedCommitment(of, { entrySize: 560 }) }],
    ];
    for (const [name, reason, change] of cases) {
      it(`${name}: ${reason}`, async () => {
        await expectFailure(verifyEvidence(pkg, { ...chain, ...change }), name, reason);
      });
    }

    it("is undetermined, not refuted, where the chain cannot be read, and refuted where something fails besides", async () => {
      const unreadable: Partial<ChainFacts> = { commitment: () => Promise.reject(new Error("ECONNREFUSED")) };
      const report = await verifyEvidence(pkg, { ...chain, ...unreadable });
      expect(report.verdict).to.equal("undetermined");
      expect(report.checks.find(({ name }) => name === "COMMITMENT")?.status).to.equal("unread");
      const changed = { ...pkg, seal: toHex(seal(sha256(utf8("else")))) };
      await expectFailure(verifyEvidence(changed, { ...chain, ...unreadable }), "SEAL", "SEAL_SIGNER");
    });

    it("skips what depends on a failed check and still makes the others", async () => {
      const report = await verifyEvidence(pkg, { ...chain, commitment: () => Promise.resolve(undefined) });
      const statuses = new Map(report.checks.map(({ name, status }) => [name, status]));
      expect(statuses.get("COMMITMENT")).to.equal("failed");
      for (const name of ["REQUEST", "PROOF", "TAG", "ANCHOR_LEAF"] as const) {
        expect(statuses.get(name)).to.equal("skipped");
      }
      for (const name of ["PATH", "ANCHOR", "SEAL"] as const) expect(statuses.get(name)).to.equal("ok");
    });
  });

  describe("hostile input", () => {
    async function expectNotTheFormat(value: unknown): Promise<void> {
      await expectFailure(verifyEvidence(value, chain), "FORMAT", "NOT_THE_FORMAT");
    }

    it("is no package", async () => {
      for (const value of [undefined, null, 0, "", [], {}, () => pkg, Symbol("x"), 1n]) await expectNotTheFormat(value);
    });

    it("is refused when it is deep, huge, throws on access or hides a prototype", async () => {
      let deep: unknown = {};
      for (let i = 0; i < 200_000; i++) deep = [deep];
      await expectNotTheFormat(deep);
      await expectNotTheFormat({ ...pkg, answers: deep });
      await expectNotTheFormat({ ...pkg, extra: deep });
      await expectNotTheFormat({ ...pkg, answers: Array.from({ length: 100_000 }, () => missOf(pkg)) });
      await expectNotTheFormat({ ...pkg, seal: "0x".padEnd(50_000_000, "a") });
      const throwing = new Proxy(pkg, {
        get: () => {
          throw new Error("no");
        },
      });
      await expectNotTheFormat(throwing);
      await expectNotTheFormat(JSON.parse(JSON.stringify(pkg).replace("{", '{"__proto__":{"a":1},')));
      const cyclic: Record<string, unknown> = { ...pkg };
      cyclic["chain"] = cyclic;
      await expectNotTheFormat(cyclic);
    });

    it("is reported on, whatever JSON stands in place of any field", async () => {
      const paths = fc.constantFrom(...changesOf(pkg).filter(({ kind }) => kind === "deleted"));
      await fc.assert(
        fc.asyncProperty(paths, fc.jsonValue({ maxDepth: 3 }), async (change, value) => {
          const changed = change.replaceWith(value);
          // What stands there already is no change.
          fc.pre(!isDeepStrictEqual(changed, pkg));
          const { verdict } = await verifyEvidence(changed, chain);
          expect(verdict).to.equal("refuted");
        }),
        { numRuns: 300 },
      );
    });
  });
});

function canBeSealed(change: Change): boolean {
  try {
    sealDigest(change.value as EvidencePackage);
    return true;
  } catch {
    return false;
  }
}

function otherInstance(): Promise<Hex> {
  return Promise.resolve<Hex>(`0x${"00".repeat(32)}`);
}

async function otherLabel(dataset: Hex): ReturnType<ChainFacts["dataset"]> {
  const found = await chain.dataset(dataset);
  return found && { ...found, label: `0x${"01".repeat(32)}` };
}

async function otherSigner(session: Hex): ReturnType<ChainFacts["session"]> {
  const found = await chain.session(session);
  return found && { ...found, signer: `0x${"01".repeat(20)}` };
}

async function changedCommitment(
  of: Parameters<ChainFacts["commitment"]>,
  change: object,
): ReturnType<ChainFacts["commitment"]> {
  const found = await chain.commitment(...of);
  return found && { ...found, ...change };
}
