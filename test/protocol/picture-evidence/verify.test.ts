import { expect } from "chai";
import { describe, it } from "mocha";

import { sha256 } from "../../../protocol/encoding/digest.ts";
import { toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { Check, VerificationReport } from "../../../protocol/evidence/report.ts";
import { sealDigest } from "../../../protocol/evidence/seal.ts";
import type { PictureChainFacts } from "../../../protocol/picture-evidence/chain-facts.ts";
import { pictureChecks } from "../../../protocol/picture-evidence/checks.ts";
import type { NodeExchange, PictureEvidence } from "../../../protocol/picture-evidence/package.ts";
import type { PictureTimes } from "../../../protocol/picture-evidence/times.ts";
import { verifyPictureEvidence } from "../../../protocol/picture-evidence/verify.ts";
import { anchoredAt, seal } from "../evidence/evidence-fixture.ts";
import { changesOf, type Change } from "../evidence/json-changes.ts";
import {
  buildPicture,
  EDITION,
  NODES,
  openedAt,
  pictureChain,
  pictureFacts,
  publishedAt,
  RESHARED,
  ROUND,
  serviceOf,
  type Variation,
} from "./picture-fixture.ts";

type Report = VerificationReport<PictureTimes>;

const facts = pictureFacts(true);
const found = buildPicture(facts);
const chain = pictureChain(facts);
const absentFacts = pictureFacts(false);
const absent = buildPicture(absentFacts);
const absentChain = pictureChain(absentFacts);
const order = Object.keys(pictureChecks);

/** What a dishonest querier does: change the package and seal it again. */
async function resealed(changed: PictureEvidence, at: PictureChainFacts = chain): Promise<Report> {
  changed.seal = toHex(seal(sealDigest(changed)));
  return verifyPictureEvidence(changed, at);
}

async function expectFailure(report: Promise<Report>, name: Check["name"], reason: string): Promise<void> {
  const { verdict, firstFailure } = await report;
  expect([firstFailure?.name, firstFailure?.reason]).to.deep.equal([name, reason]);
  expect(verdict).to.equal("refuted");
}

/** Changes the package, seals it again and sees it refuted. */
async function expectChange(
  name: Check["name"],
  reason: string,
  change: (changed: PictureEvidence) => void,
  of = found,
  at = chain,
): Promise<void> {
  const changed = structuredClone(of);
  change(changed);
  await expectFailure(resealed(changed, at), name, reason);
}

function exchangeAt({ exchanges }: PictureEvidence, position: number): NodeExchange {
  return exchanges[position] ?? expect.fail("seven exchanges");
}

/** Another package than `found`, honest but for the variation. */
async function varied(variation: Variation): Promise<Report> {
  const other = pictureFacts(true, variation);
  return verifyPictureEvidence(buildPicture(other), pictureChain(other));
}

describe("verification of a picture's evidence", function () {
  this.timeout(600_000);

  it("verifies a row with its sums and that there is none, a liar's answer among the others, every check in order", async () => {
    for (const [pkg, at] of [
      [found, chain],
      [absent, absentChain],
    ] as const) {
      const report = await verifyPictureEvidence(JSON.parse(JSON.stringify(pkg)), at);
      expect(report.firstFailure).to.equal(undefined);
      expect(report.verdict).to.equal("verified");
      const isFound = pkg.picture.outcome === "found";
      const made = order.filter((name) => isFound || !["ROW", "SUMS"].includes(name));
      const first = made.indexOf("SESSION");
      const each = made.slice(first, made.indexOf("EVALUATION"));
      const blinded = each.filter((name) => name !== "MASK");
      const decryption = each.filter((name) => name !== "BLIND");
      const end = made.slice(made.indexOf("EVALUATION") + 1);
      end.splice(end.indexOf("ANCHOR") + 1, 0, "ANCHOR_LEAF", "ANCHOR", "ANCHOR_LEAF", "ANCHOR");
      expect(report.checks.map(({ name }) => name)).to.deep.equal([
        ...made.slice(0, first),
        ...[blinded, blinded, blinded, ["EVALUATION"], blinded, blinded, decryption, decryption].flat(),
        ...end,
      ]);
    }
  });

  it("refuses the package with any one field changed, removed or added, and names a check", async () => {
    let tried = 0;
    // One answer of each kind stands for the others, which differ in nothing that is looked at.
    for (const change of changesOf(found).filter(({ path }) => !/^(exchanges\.[0246]|anchors\.[12])\./.test(path))) {
      const { verdict, firstFailure } = await verifyPictureEvidence(change.value, chain);
      expect(verdict, change.what).to.equal("refuted");
      expect(order, change.what).to.include(firstFailure?.name);
      tried += 1;
    }
    expect(tried).to.be.greaterThan(500);
  });

  it("refuses it also when the querier seals the change again, but for what only the seal states", async () => {
    const sealOnly = /^(query\.requestedAt|sealedAt|exchanges|anchors(\.\d\.datasets)?)$/;
    const looked = changesOf(found).filter(({ path }) => !/^(exchanges\.[1246]|anchors\.[01])\./.test(path));
    const ofAbsent = changesOf(absent).filter(({ path }) => path.startsWith("picture"));
    for (const [changes, at] of [
      [looked, chain],
      [ofAbsent, absentChain],
    ] as const) {
      for (const change of changes) {
        if (change.path === "seal" || !canBeSealed(change)) continue;
        const { verdict, firstFailure } = await resealed(change.value as PictureEvidence, at);
        if (verdict === "verified") expect(change.path, change.what).to.match(sealOnly);
        else if (!sealOnly.test(change.path)) expect(firstFailure?.name, change.what).to.be.oneOf(order.slice(0, -1));
      }
    }
  });

  describe("values that are valid elsewhere", () => {
    it("a lie told as proved, an honest answer told as a lie", async () => {
      await expectChange("PROOF", "PROOF_INVALID", (changed) => (exchangeAt(changed, 0).proved = true));
      await expectChange("PROOF", "PART_PROVED", (changed) => (exchangeAt(changed, 1).proved = false));
    });

    it("fewer proved parts than the key needs, in any stage", async () => {
      await expectFailure(varied({ evaluate: [0] }), "EVALUATION", "PARTS_TOO_FEW");
      await expectFailure(varied({ locate: [1] }), "LOCATION", "PARTS_TOO_FEW");
      await expectFailure(varied({ decrypt: [2] }), "DECRYPTION", "PARTS_TOO_FEW");
    });

    it("no decryption at all, of which no time is told", async () => {
      const changed = structuredClone(found);
      changed.exchanges = changed.exchanges.filter(({ service }) => service !== "query");
      changed.anchors.pop();
      const report = await resealed(changed);
      expect(report.firstFailure).to.include({ name: "DECRYPTION", reason: "PARTS_TOO_FEW" });
      expect(report.times).not.to.have.property("edition");
    });

    it("any two honest nodes do", async () => {
      const report = await varied({ locate: [2, 0], decrypt: [2, 1] });
      expect(report.verdict).to.equal("verified");
    });

    it("a row told as none, none told as a row, other sums", async () => {
      const there = found.picture;
      if (there.outcome !== "found") throw new Error("found");
      const { row, sums, ...place } = there;
      await expectChange("MASK", "MASK_OTHER", (changed) => {
        changed.picture = { ...place, outcome: "not_found" };
      });
      await expectChange(
        "ROW",
        "ROW_OTHER",
        (changed) => {
          changed.picture = { ...changed.picture, outcome: "found", row, sums };
        },
        absent,
        absentChain,
      );
      const tell = (change: Partial<typeof sums>) => (changed: PictureEvidence) => {
        changed.picture = { ...there, sums: { ...sums, ...change } };
      };
      await expectChange("SUMS", "SUMS_OTHER", tell({ overdueFen: 0 }));
      await expectChange("SUMS", "SUMS_OTHER", tell({ counts: { ...sums.counts, C2: 0 } }));
      await expectChange("SUMS", "SUMS_OTHER", tell({ contributors: 3 }));
    });

    it("a row that is malformed or does not open, though the package says what its sums were", async () => {
      const bodyAt = (slot: number): number => 16 + slot * 64 + 32;
      const malformed = (row: Uint8Array): Uint8Array => row.fill(0xff, bodyAt(2), bodyAt(2) + 32);
      await expectFailure(varied({ spoil: malformed }), "ROW", "ROW_MALFORMED");
      const exchanged = (row: Uint8Array): Uint8Array => row.copyWithin(bodyAt(3), bodyAt(4), bodyAt(4) + 32);
      await expectFailure(varied({ spoil: exchanged }), "SUMS", "SUMS_UNREADABLE");
    });

    it("somebody else's row, honestly decrypted", async () => {
      await expectFailure(varied({ anothersRow: true }), "TAG", "TAG_OUTSIDE");
    });

    it("another subject, index, blind or row", async () => {
      await expectChange("CONSENT", "CONSENT_OPENING", ({ query }) => (query.subject = "cn-passport:E00000002"));
      await expectChange("CONSENT", "CONSENT_OPENING", (changed) => (exchangeAt(changed, 1).index = 0));
      await expectChange("REQUEST", "REQUEST_ELEMENTS", (changed) => (exchangeAt(changed, 6).index = 2));
      await expectChange("BLIND", "BLIND_OTHER", ({ picture }) => (picture.blind = absent.picture.blind));
      const other = absent.picture.locatorBlind;
      await expectChange("BLIND", "BLIND_OTHER", ({ picture }) => (picture.locatorBlind = other));
      await expectChange("MASK", "MASK_OTHER", ({ picture }) => (picture.blinds = absent.picture.blinds));
      await expectChange("EDITION", "ROOT_OTHER", ({ picture }) => (picture.root = absent.picture.root));
      await expectChange("EDITION", "EDITION_UNKNOWN", ({ picture }) => (picture.edition = EDITION + 1));
    });

    it("another node, another node's answer, another stage, another round", async () => {
      await expectChange("NODE", "NODE_SERVICE_OTHER", (changed) => (exchangeAt(changed, 1).holder = NODES[1]));
      await expectChange("NODE", "ROUND_OTHER", (changed) => (exchangeAt(changed, 3).epoch = ROUND.evaluation));
      await expectChange("NODE", "ROUND_OTHER", (changed) => (exchangeAt(changed, 5).epoch = ROUND.locator));
      for (const [at, service] of [
        [3, "evaluation"],
        [5, "locator"],
      ] as const) {
        await expectChange("NODE", "ROUND_OTHER", (changed) => (exchangeAt(changed, at).service = service));
      }
      // What is no evaluation counts for none.
      const told = (changed: PictureEvidence) => (exchangeAt(changed, 1).service = "locator");
      await expectChange("EVALUATION", "PARTS_TOO_FEW", told);
      await expectChange("RECEIPT", "RECEIPT_SIGNER", (changed) => {
        exchangeAt(changed, 1).response = exchangeAt(changed, 2).response;
      });
      await expectChange("REQUEST", "REQUEST_OTHER", (changed) => {
        exchangeAt(changed, 1).request = exchangeAt(changed, 2).request;
      });
      await expectChange("TRANSCRIPT", "TRANSCRIPT_START", (changed) => {
        exchangeAt(changed, 5).previousTranscript = exchangeAt(changed, 6).previousTranscript;
      });
    });

    it("an exchange left out, or told twice, or in another anchor", async () => {
      await expectChange("COVERAGE", "ANCHOR_COVERAGE", ({ exchanges }) => exchanges.pop());
      await expectChange("COVERAGE", "DATASET_REPEATED", (changed) => changed.exchanges.push(exchangeAt(changed, 0)));
      await expectChange("ANCHOR_LEAF", "LEAF_OTHER", (changed) => {
        changed.exchanges.shift();
        changed.anchors[0]?.datasets.shift();
      });
      await expectChange("ANCHOR", "ANCHOR_OTHER", ({ anchors }) => Object.assign(anchors[1] ?? {}, { position: 4 }));
      const elsewhere = { logIndex: 4 };
      await expectChange("ANCHOR", "ANCHOR_UNKNOWN", ({ anchors }) => Object.assign(anchors[1] ?? {}, elsewhere));
    });
  });

  describe("parts of a round that shares the key anew", () => {
    /** Decryptions are of another round than the edition's. */
    const reshared = pictureFacts(true, { decryptIn: [RESHARED, RESHARED] });

    it("are as good as those of the edition's own", async () => {
      const report = await verifyPictureEvidence(buildPicture(reshared), pictureChain(reshared));
      expect(report.firstFailure).to.equal(undefined);
      expect(report.verdict).to.equal("verified");
    });

    it("are of no use if the key is another, or the round has none", async () => {
      const change = async (of: object): Promise<PictureChainFacts> => {
        const at = pictureChain(reshared);
        const known = (await at.keyRound(RESHARED)) ?? expect.fail("a round");
        return {
          ...at,
          keyRound: (number) => (number === RESHARED ? Promise.resolve({ ...known, ...of }) : at.keyRound(number)),
        };
      };
      const own = (await pictureChain(reshared).keyRound(ROUND.evaluation)) ?? expect.fail("a round");
      for (const other of [{ keySets: "0x" }, { purposes: ["layer"] }, { ...own, purposes: ["query", "layer"] }]) {
        await expectFailure(verifyPictureEvidence(buildPicture(reshared), await change(other)), "NODE", "ROUND_OTHER");
      }
    });

    it("do not add up with those of another", async () => {
      const report = varied({ decryptIn: [ROUND.query, RESHARED] });
      await expectFailure(report, "DECRYPTION", "PARTS_TOO_FEW");
    });
  });

  describe("when it was", () => {
    const editions = (moments: readonly number[]): Partial<PictureChainFacts> => ({
      latestEdition: () => Promise.resolve(EDITION + moments.length),
      async edition(number) {
        const own = await chain.edition(EDITION);
        const moment = number === EDITION ? publishedAt : moments[number - EDITION - 1];
        return own && moment !== undefined ? { ...own, publishedAt: moment } : undefined;
      },
    });

    it("says when the edition was published and the decryption's leaf anchored, and when it was asked", async () => {
      const { times } = await verifyPictureEvidence(found, chain);
      expect(times.edition).to.deep.equal({ edition: EDITION, publishedAt, anchoredAt });
      expect(times.asked).to.deep.equal({ sessionOpenedAt: openedAt, anchoredAt });
    });

    it("says that a newer edition had been published by then, and is verified nonetheless", async () => {
      const moments = [publishedAt + 1, publishedAt + 2, anchoredAt + 1];
      const { verdict, times } = await verifyPictureEvidence(found, { ...chain, ...editions(moments) });
      expect(verdict).to.equal("verified");
      expect(times.edition?.newer).to.deep.equal({ edition: EDITION + 2, publishedAt: publishedAt + 2 });
      const later = await verifyPictureEvidence(found, { ...chain, ...editions([anchoredAt]) });
      expect(later.times.edition).not.to.have.property("newer");
    });

    it("refutes an edition that was published after the anchor", async () => {
      const late = (await chain.edition(EDITION)) ?? expect.fail("an edition");
      const edition = () => Promise.resolve({ ...late, publishedAt: anchoredAt + 1 });
      await expectFailure(verifyPictureEvidence(found, { ...chain, edition }), "TABLE_TIME", "TABLE_AFTER_ANCHOR");
    });
  });

  describe("a chain that says otherwise", () => {
    const nowhere: Hex = `0x${"00".repeat(20)}`;
    const round = async (number: number, change: object) => {
      const known = (await chain.keyRound(number)) ?? expect.fail("a round");
      return { ...known, ...change };
    };
    const node = NODES[0];
    const cases: [Check["name"], string, Partial<PictureChainFacts>][] = [
      ["CHAIN", "OTHER_CHAIN", { chainId: () => Promise.resolve(1) }],
      ["CHAIN", "OTHER_CONTRACTS", { contracts: { ...chain.contracts, algorithmNodes: nowhere } }],
      ["CHAIN", "OTHER_CONTRACTS", { contracts: { ...chain.contracts, keyRounds: nowhere } }],
      ["CHAIN", "OTHER_CONTRACTS", { contracts: { ...chain.contracts, consortiumTables: nowhere } }],
      ["CHAIN", "OTHER_INSTANCE", { instanceSalt: () => Promise.resolve(toHex(sha256(utf8("other")))) }],
      ["EDITION", "EDITION_UNKNOWN", { edition: () => Promise.resolve(undefined) }],
      ["KEYS", "KEYS_UNKNOWN", { keyRound: () => Promise.resolve(undefined) }],
      ["KEYS", "KEYS_UNKNOWN", { keyRound: (number) => round(number, { purposes: ["layer"] }) }],
      ["KEYS", "KEYS_UNKNOWN", { keyRound: (number) => round(number, { keySets: "0x" }) }],
      ["NODE", "NODE_NOT_IN_ROUND", { keyRound: (number) => round(number, { nodes: [node, 7, 8] }) }],
      ["PROOF", "PROOF_INVALID", { keyRound: (number) => round(number, { nodes: [NODES[2], NODES[1], node] }) }],
      ["NODE", "NODE_SERVICE_OTHER", { nodeService: (member) => Promise.resolve(serviceOf(member, "query")) }],
      ["SESSION", "SESSION_WITHOUT_DATASET", { allotment: () => Promise.resolve(0) }],
      ["VOUCHER", "VOUCHER_COUNT", { allotment: () => Promise.resolve(8) }],
      ["RECEIPT", "RECEIPT_SIGNER", { wasOperatorOf: (member) => Promise.resolve(member === found.query.querier) }],
      ["SEAL", "SEAL_SIGNER", { wasOperatorOf: (member) => Promise.resolve(member !== found.query.querier) }],
    ];
    for (const [name, reason, change] of cases) {
      it(`${name}: ${reason}`, async () => {
        await expectFailure(verifyPictureEvidence(found, { ...chain, ...change }), name, reason);
      });
    }

    it("NODE: SERVICE_ID_WRONG, where the list of nodes says what its contract would not", async () => {
      const obliging = { ...chain, nodeService: () => Promise.resolve(exchangeAt(found, 0).dataset) };
      const changed = structuredClone(found);
      exchangeAt(changed, 0).holder = NODES[0];
      await expectFailure(resealed(changed, obliging), "NODE", "SERVICE_ID_WRONG");
    });

    it("is undetermined, not refuted, where the chain cannot be read", async () => {
      const unreadable = { keyRound: () => Promise.reject(new Error("ECONNREFUSED")) };
      const { verdict, checks } = await verifyPictureEvidence(found, { ...chain, ...unreadable });
      expect(verdict).to.equal("undetermined");
      expect(checks.find(({ name }) => name === "KEYS")?.status).to.equal("unread");
    });
  });

  it("refuses what is no package of the format", async () => {
    const deep = Array.from({ length: 50_000 }).reduce<unknown>((inner) => [inner], {});
    const many = Array.from({ length: 100_000 }, () => exchangeAt(found, 0));
    const values = [undefined, null, 0, "", [], {}, deep, { ...found, extra: 1 }, { ...found, exchanges: deep }];
    for (const value of [...values, { ...found, exchanges: many }, { ...found, format: "riskveil-evidence/1" }]) {
      await expectFailure(verifyPictureEvidence(value, chain), "FORMAT", "NOT_THE_FORMAT");
    }
  });
});

function canBeSealed(change: Change): boolean {
  try {
    sealDigest(change.value as PictureEvidence);
    return true;
  } catch {
    return false;
  }
}
