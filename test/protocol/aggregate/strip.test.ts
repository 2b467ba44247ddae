import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { covers, locatorInput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { verifyMerge } from "../../../protocol/aggregate/merge.ts";
import { decodeRow, rowTag } from "../../../protocol/aggregate/row.ts";
import { ROWS_PER_CHUNK, stripOrAccuse, stripShares, stripTable } from "../../../protocol/aggregate/strip.ts";
import { multiplyPoint, subtractPoints } from "../../../protocol/group/points.ts";
import { concatBytes } from "../../../protocol/encoding/bytes.ts";
import { requireScalar } from "../../../protocol/group/residues.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { thresholdOprf } from "../../../protocol/threshold/threshold-oprf.ts";
import { expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { secretOf, trustedKey } from "../threshold/ceremony.ts";
import { contributeBook, createWorld, merge, stripAnswers, stripKeys, stripSecrets, unverified } from "./world.ts";

const world = createWorld();
const { terms, layer, locator } = world;
const keys = stripKeys(world);
const summary = { counts: { B1: 1 }, overdueFen: 5 };
const contributions = [
  contributeBook(world, 1, { a: summary, b: summary }),
  contributeBook(world, 2, { a: summary, c: summary }),
];
const merged = merge(world, contributions);
const verified = verifyMerge(terms, contributions, merged);
const set = [1, 3, 4];
const answers = stripAnswers(world, merged, set);
const strip = (given = answers, nodes: readonly number[] = set) => stripTable(terms, keys, nodes, merged, given);
const liars = (given = answers, trusted?: ReadonlySet<number>) =>
  stripOrAccuse(terms, keys, set, merged, given, trusted).liars;

describe("removal of the contribution layer", () => {
  it("takes z R from every C, covers it and puts every row where F(k, tag) says, and changes nothing else", () => {
    const secret = secretOf(layer.shares.slice(0, 3));
    const placing = requireScalar(secretOf(locator.shares.slice(1, 4)));
    const table = strip();
    expect(table.rows.length).to.equal(merged.rows.length);
    expect(table.rows.map((row) => hex(rowTag(row)))).to.deep.equal(table.rows.map((row) => hex(rowTag(row))).sort());
    for (const bytes of merged.rows) {
      const before = decodeRow(bytes, 4);
      const output = ristretto255Sha512.evaluate(placing, locatorInput(before.tag, terms.epoch));
      const place = hex(placeOf(output, terms.epoch));
      const covering = covers(output, terms.epoch, 4);
      const after = decodeRow(
        table.rows.find((row) => hex(rowTag(row)) === place)!,
        4,
      );
      for (const [slot, { ephemeral, body }] of before.ciphertexts.entries()) {
        expect(hex(after.ciphertexts[slot]!.ephemeral)).to.equal(hex(ephemeral));
        expect(hex(subtractPoints(after.ciphertexts[slot]!.body, covering[slot]!))).to.equal(
          hex(subtractPoints(body, multiplyPoint(secret, ephemeral))),
        );
      }
    }
  });

  it("gives the same table whichever t nodes do it, in any order", () => {
    const { root } = strip();
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 3, maxLength: 3 }), (nodes) => {
        expect(hex(strip(stripAnswers(world, merged, nodes), nodes).root)).to.equal(hex(root));
      }),
      { numRuns: 4 },
    );
  });

  it("names a node whose share is missing, malformed, of another node, chunk, set, key or purpose", () => {
    const own = answers[0]!.find(({ from }) => from === 3)!.bytes;
    const elements = merged.rows.flatMap((row) => decodeRow(row, 4).ciphertexts.map(({ ephemeral }) => ephemeral));
    const shareOf = (node: number, nodes: readonly number[], table = verified, of: typeof held = held) =>
      stripShares(stripKeys(of), nodes, stripSecrets(of, node), table, random)[0]!;
    const held = { layer, locator };
    const other = createWorld();
    const layerBytes = elements.length * 32 + 64;
    const placesOf = (bytes: Uint8Array) => bytes.slice(layerBytes);
    const turned = unverified({ ...merged, rows: [...merged.rows].reverse() });
    const lies: [string, Uint8Array | undefined][] = [
      ["PARTIAL_MALFORMED", undefined],
      ["PARTIAL_MALFORMED", new Uint8Array(0)],
      ["PARTIAL_MALFORMED", own.slice(32)],
      ["PARTIAL_MALFORMED", own.slice().fill(0, 0, 32)],
      ["PARTIAL_PROOF_INVALID", answers[0]!.find(({ from }) => from === 1)!.bytes],
      ["PARTIAL_PROOF_INVALID", shareOf(3, [2, 3, 4])],
      ["PARTIAL_PROOF_INVALID", shareOf(3, set, turned)],
      ["PARTIAL_PROOF_INVALID", shareOf(3, set, verified, other)],
      ["PARTIAL_PROOF_INVALID", shareOf(3, set, verified, { layer: other.layer, locator })],
      ["PARTIAL_PROOF_INVALID", shareOf(3, set, verified, { layer, locator: other.locator })],
      ["PARTIAL_PROOF_INVALID", shareOf(3, set, unverified({ ...merged, epoch: merged.epoch + 1 }))],
      ["PARTIAL_MALFORMED", own.slice(0, layerBytes)],
      ["PARTIAL_MALFORMED", own.slice().fill(0, layerBytes, layerBytes + 32)],
      ["PARTIAL_PROOF_INVALID", concatBytes(own.slice(0, layerBytes), placesOf(shareOf(1, set)))],
      [
        "PARTIAL_PROOF_INVALID",
        concatBytes(thresholdOprf.evaluate(layer.keys, layer.shares[2]!, elements, random), placesOf(own)),
      ],
    ];
    for (const [reason, bytes] of lies) {
      const given = answers.map((chunk) =>
        chunk.flatMap((each) => (each.from === 3 ? (bytes ? [{ from: 3, bytes }] : []) : [each])),
      );
      expect(liars(given)).to.deep.equal([{ node: 3, reason }]);
      expect(faultOf(() => strip(given)).values).to.deep.equal({ nodes: "3" });
    }
    expect(liars()).to.equal(undefined);
    expect(faultOf(() => strip([])).values).to.deep.equal({ nodes: "1,3,4" });
  });

  it("does not look at the proofs of nodes that are trusted, but at everybody else's and at the form of all", () => {
    const spoil = (node: number, change: (bytes: Uint8Array) => Uint8Array) =>
      answers.map((chunk) => chunk.map((each) => (each.from === node ? { ...each, bytes: change(each.bytes) } : each)));
    const flipped = (bytes: Uint8Array) => bytes.slice().fill(1, -32, -31);
    const honest = stripOrAccuse(terms, keys, set, merged, answers, new Set([1]));
    expect(hex(honest.table!.root)).to.equal(hex(strip().root));
    const unproved = stripOrAccuse(terms, keys, set, merged, spoil(1, flipped), new Set([1]));
    expect(hex(unproved.table!.root)).to.equal(hex(strip().root));
    expect(liars(spoil(1, flipped))).to.deep.equal([{ node: 1, reason: "PARTIAL_PROOF_INVALID" }]);
    expect(liars(spoil(3, flipped), new Set([1]))).to.deep.equal([{ node: 3, reason: "PARTIAL_PROOF_INVALID" }]);
    for (const malform of [
      (bytes: Uint8Array) => bytes.slice(32),
      (bytes: Uint8Array) => bytes.slice().fill(0, 0, 32),
    ]) {
      expect(liars(spoil(1, malform), new Set([1]))).to.deep.equal([{ node: 1, reason: "PARTIAL_MALFORMED" }]);
    }
  });

  it("takes no node for a liar over a table that is malformed", () => {
    const malformed = { ...merged, rows: merged.rows.with(1, merged.rows[1]!.slice().fill(0, 16, 48)) };
    expectFault(() => stripOrAccuse(terms, keys, set, malformed, answers), "AGGREGATE_ROW_MALFORMED");
    expectFault(() => stripTable(terms, keys, set, malformed, answers), "AGGREGATE_ROW_MALFORMED");
  });

  it("wants exactly t distinct nodes of the key, and their own shares", () => {
    const secrets = stripSecrets(world, 1);
    for (const bad of [[], [1], [1, 2], [1, 1, 2], [1, 2, 6], [1, 2, 3, 4], [2, 3, 4]]) {
      expectFault(() => stripShares(keys, bad, secrets, verified, random), "THRESHOLD_INDICES_INVALID");
    }
    expectFault(() => strip(answers, [1, 3]), "THRESHOLD_INDICES_INVALID");
    const foreign = world.query.shares[0]!;
    for (const wrong of [
      { ...secrets, layer: foreign },
      { ...secrets, locator: foreign },
    ]) {
      expectFault(() => stripShares(keys, set, wrong, verified, random), "KEY_SHARE_WRONG");
    }
  });

  it("wants both keys of the same nodes, and both shares of one node", () => {
    const apart = trustedKey({ threshold: 2, nodes: 5 });
    const mixed = { layer: keys.layer, locator: apart.keys };
    expectFault(() => stripTable(terms, mixed, set, merged, answers), "THRESHOLD_INDICES_INVALID");
    const secrets = { layer: stripSecrets(world, 1).layer, locator: stripSecrets(world, 3).locator };
    expectFault(() => stripShares(keys, set, secrets, verified, random), "THRESHOLD_INDICES_INVALID");
  });

  it("says nothing of the places without the locator key: they are other ones under another, and in another edition", () => {
    const places = (of: typeof world, table = merged) =>
      stripTable(of.terms, stripKeys(of), set, table, stripAnswers(of, table, set)).rows.map((row) => hex(rowTag(row)));
    const usual = new Set(places(world));
    const tags = merged.rows.map((row) => hex(rowTag(row)));
    const others = [
      ...tags,
      ...places({ ...world, locator: createWorld().locator }),
      ...places(world, { ...merged, epoch: merged.epoch + 1 }),
    ];
    expect(others.filter((place) => usual.has(place))).to.deep.equal([]);
  });

  it("goes chunk by chunk, and a share moved to another chunk is named", () => {
    // Rows of one slot, so that two chunks are quickly made; the second holds one row.
    const narrow = { ...terms, schema: { ...terms.schema, slotCount: 1 } };
    const short = (row: Uint8Array) => row.slice(0, 16 + 64);
    const rows = [...Array<Uint8Array>(ROWS_PER_CHUNK).fill(short(merged.rows[0]!)), short(merged.rows[1]!)];
    const long = { ...merged, rows };
    const byNode = set.map((node) => ({
      node,
      shares: stripShares(keys, set, stripSecrets(world, node), unverified(long), random),
    }));
    expect(byNode.map(({ shares }) => shares.length)).to.deep.equal([2, 2, 2]);
    const given = [0, 1].map((chunk) => byNode.map(({ node, shares }) => ({ from: node, bytes: shares[chunk]! })));
    const named = (each: typeof given) => stripOrAccuse(narrow, keys, set, long, each).liars;
    const moved = [given[0]!, given[1]!.map((each) => (each.from === 4 ? given[0]![2]! : each))];
    expect(named(moved)).to.deep.equal([{ node: 4, reason: "PARTIAL_MALFORMED" }]);
  });
});
