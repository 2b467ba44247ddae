import { expect } from "chai";
import { describe, it } from "mocha";

import { contribute } from "../../../protocol/aggregate/contribution.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { verifyMerge } from "../../../protocol/aggregate/merge.ts";
import {
  decryptionShares,
  readSums,
  requestDecryption,
  uncover,
  unblindRow,
} from "../../../protocol/aggregate/query.ts";
import {
  packRow,
  standardSchema,
  type AggregateSums,
  type SubjectSummary,
} from "../../../protocol/aggregate/schema.ts";
import { commitRows, decodeRow, encodeRow, rowTag, type Row } from "../../../protocol/aggregate/row.ts";
import { createSumDecoder } from "../../../protocol/aggregate/sum-decoder.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { Element } from "../../../protocol/group/group.ts";
import { addPoints, multiplyGenerator, multiplyPoint, requireElement } from "../../../protocol/group/points.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { thresholdOprf } from "../../../protocol/threshold/threshold-oprf.ts";
import { expectFault, faultOf, hex, random } from "../oprf/fixtures.ts";
import { locatorInput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag, masks } from "../../../protocol/aggregate/mask.ts";
import type { Residue } from "../../../protocol/group/group.ts";
import { ONE, requireScalar, residueOf } from "../../../protocol/group/residues.ts";
import { ristretto255 } from "../../../protocol/group/ristretto255.ts";
import { interpolate } from "../../../protocol/threshold/shamir.ts";
import { generateKey, reshare, secretOf, trustedKey } from "../threshold/ceremony.ts";
import {
  admit,
  ask,
  contributeBook,
  createWorld,
  decoded,
  decrypt,
  evaluate,
  findMerged,
  findRow,
  merge,
  locationOfTag,
  openPublished,
  openUnderQueryKey,
  placeOfTag,
  smallDecoder,
  strip,
  stripAnswers,
  stripKeys,
  type Book,
} from "./world.ts";
import { stripTable } from "../../../protocol/aggregate/strip.ts";

const world = createWorld();
const { terms } = world;

const pointsOfRow = ({ ciphertexts }: Row): string[] =>
  ciphertexts.flatMap(({ ephemeral, body }) => [hex(ephemeral), hex(body)]);

/** Subject number s is held by firm f if bit f of s is set: every overlap of 0 to 4 contributors. */
const FIRMS = [1, 2, 3, 4];
const SUBJECTS = Array.from({ length: 16 }, (_, index) => `subject ${String(index)}`);
const held = (firm: number, subject: number): SubjectSummary | undefined =>
  (subject >> (firm - 1)) % 2 === 1
    ? { counts: { B1: (firm + subject) % 16, B2: firm % 8 }, overdueFen: (firm * 9973 * (subject + 1)) % 65_536 }
    : undefined;
const books = FIRMS.map((firm): Book => {
  const entries = SUBJECTS.flatMap((name, subject) => {
    const summary = held(firm, subject);
    return summary ? [[name, summary] as const] : [];
  });
  return Object.fromEntries(entries);
});
const contributions = books.map((book, index) => contributeBook(world, index + 1, book));
const merged = merge(world, contributions);
const table = strip(world, merged);

const expected = (subject: number): AggregateSums | undefined => {
  const rows = FIRMS.flatMap((firm) => held(firm, subject) ?? []);
  if (rows.length === 0) return undefined;
  const total = (of: (row: SubjectSummary) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    contributors: rows.length,
    counts: { B1: total(({ counts }) => counts["B1"] ?? 0), B2: total(({ counts }) => counts["B2"] ?? 0) },
    overdueFen: total(({ overdueFen }) => overdueFen),
    capped: 0,
  };
};

const findTagged = (rows: readonly Uint8Array[], tag: Uint8Array) =>
  decodeRow(
    rows.find((row) => hex(rowTag(row)) === hex(tag))!,
    terms.schema.slotCount,
  );
const tagOf = (name: string) => aggregateTag(evaluate(name), terms.epoch);
const pointsOf = (name: string) => openPublished(world, findRow(world, table.rows, evaluate(name))!, tagOf(name));

describe("an aggregate query", () => {
  it("gives the exact sums and the number of contributors for every overlap", () => {
    for (const [subject, name] of SUBJECTS.entries())
      expect(ask(world, table.rows, name), name).to.deep.equal(expected(subject));
  });

  it("gives them from any t nodes, and names the one that lies", () => {
    const name = SUBJECTS[15]!;
    const y = evaluate(name);
    const row = findRow(world, table.rows, y)!;
    const request = requestDecryption(terms.schema, row, random);
    const answers = world.query.shares.map((share) => ({
      from: share.index,
      bytes: decryptionShares.evaluate(world.query.keys, share, request.elements, random),
    }));
    const lying = answers.with(1, { from: 2, bytes: answers[2]!.bytes });
    const { elements, liars } = decryptionShares.combine(world.query.keys, request.elements, lying);
    expect(liars).to.deep.equal([{ node: 2, reason: "PARTIAL_PROOF_INVALID" }]);
    const points = unblindRow(world.query.keys.publicKey, row, request, elements);
    const uncovered = uncover(locationOfTag(world, tagOf(name)), terms.epoch, points);
    expect(readSums(terms, smallDecoder, y, uncovered)).to.deep.equal(expected(15));
  });

  it("reads the same table after the query key was reshared to other nodes", () => {
    const moved = { ...world, query: reshare(world.query, { threshold: 2, nodes: 3 }) };
    expect(ask(moved, table.rows, SUBJECTS[15]!)).to.deep.equal(expected(15));
    expectFault(
      () => ask({ ...world, query: { ...moved.query, shares: world.query.shares } }, table.rows, SUBJECTS[15]!),
      "KEY_SHARE_WRONG",
    );
  });

  it("does not combine shares of another request, though proved for that", () => {
    const row = findRow(world, table.rows, evaluate(SUBJECTS[3]!))!;
    const [mine, other] = [requestDecryption(terms.schema, row, random), requestDecryption(terms.schema, row, random)];
    const answers = world.query.shares.map((share) => ({
      from: share.index,
      bytes: decryptionShares.evaluate(world.query.keys, share, other.elements, random),
    }));
    expectFault(() => decryptionShares.combine(world.query.keys, mine.elements, answers), "PARTIALS_TOO_FEW");
  });

  it("works end to end over keys that nobody dealt, with the standard layout", () => {
    const parameters = { threshold: 3, nodes: 5 };
    const [oprf, query, layer] = [generateKey(parameters), generateKey(parameters), generateKey(parameters)];
    const evaluateBlinded = (subject: string): Uint8Array => {
      const blind = ristretto255Sha512.randomScalar(random);
      const blinded = [ristretto255Sha512.blind(utf8(subject), blind)];
      const answers = [5, 2, 3].map((node) => ({
        from: node,
        bytes: thresholdOprf.evaluate(oprf.keys, oprf.shares.get(node)!, blinded, random),
      }));
      const { elements } = thresholdOprf.combine(oprf.keys, blinded, answers);
      return ristretto255Sha512.finalize(utf8(subject), blind, elements[0]!);
    };
    const whole = {
      query: { keys: query.keys, shares: [...query.shares.values()] },
      layer: { keys: layer.keys, shares: [...layer.shares.values()] },
      locator: trustedKey({ threshold: 3, nodes: 5 }),
      terms: {
        ...terms,
        schema: standardSchema,
        contributionKey: contributionKey(query.keys.publicKey, layer.keys.publicKey),
        isRowCount: (count: number) => count % 2 === 0,
      },
    };
    const summaries = [
      { counts: { B1: 2, C2: 15 }, overdueFen: 123_456_789_012 },
      { counts: { B1: 1, A1: 3 }, overdueFen: 999_999_999_999 },
    ];
    const made = summaries.map((summary, index) =>
      admit(
        whole.terms,
        contribute(
          whole.terms,
          index + 1,
          [{ y: evaluateBlinded("cn-resident-id:X"), values: packRow(standardSchema, summary) }],
          [evaluateBlinded(`dummy:${hex(random(16))}`)],
          random(32),
          random,
        ),
      ),
    );
    const joined = merge(whole, made);
    verifyMerge(whole.terms, made, joined);
    const { rows } = stripTable(
      whole.terms,
      stripKeys(whole),
      [2, 4, 5],
      joined,
      stripAnswers(whole, joined, [2, 4, 5]),
    );
    const y = evaluateBlinded("cn-resident-id:X");
    const row = findRow(whole, rows, y)!;
    const request = requestDecryption(standardSchema, row, random);
    const points = unblindRow(query.keys.publicKey, row, request, decrypt(whole, request.elements));
    const uncovered = uncover(locationOfTag(whole, aggregateTag(y, terms.epoch)), terms.epoch, points);
    expect(readSums(whole.terms, createSumDecoder(), y, uncovered)).to.deep.equal({
      contributors: 2,
      counts: { A1: 3, A2: 0, B1: 3, B2: 0, B3: 0, B4: 0, C1: 0, C2: 15 },
      overdueFen: 1_123_456_789_011,
      capped: 0,
    });
  });
});

describe("what must stay closed", () => {
  const unreadable = (action: () => unknown) => {
    const { code } = faultOf(action);
    expect(code).to.be.oneOf(["AGGREGATE_CONTRIBUTORS_UNDECODABLE", "AGGREGATE_SUM_UNDECODABLE"]);
  };

  it("a row, to whoever has its decryption and not its evaluation", () => {
    const points = pointsOf(SUBJECTS[7]!);
    for (const guess of [SUBJECTS[8]!, SUBJECTS[6]!, "another"]) {
      unreadable(() => readSums(terms, smallDecoder, evaluate(guess), points));
    }
    for (const point of points) expect(smallDecoder.decode(point)).to.equal(undefined);
  });

  it("several rows shifted into one", () => {
    // The querier paid for one subject, and asks for the sum of its row and another's.
    const [paid, other] = [SUBJECTS[7]!, SUBJECTS[11]!].map((name) => findRow(world, table.rows, evaluate(name))!);
    const ciphertexts = paid!.ciphertexts.map(({ ephemeral, body }, slot) => ({
      ephemeral: requireElement(addPoints(ephemeral, other!.ciphertexts[slot]!.ephemeral)),
      body: addPoints(body, other!.ciphertexts[slot]!.body),
    }));
    const points = openPublished(world, { tag: paid!.tag, ciphertexts }, tagOf(SUBJECTS[7]!));
    unreadable(() => readSums(terms, smallDecoder, evaluate(SUBJECTS[7]!), points));
    // Slots of one row put into another's place do not open either.
    const turned = { tag: paid!.tag, ciphertexts: [...paid!.ciphertexts].reverse() };
    unreadable(() =>
      readSums(terms, smallDecoder, evaluate(SUBJECTS[7]!), openPublished(world, turned, tagOf(SUBJECTS[7]!))),
    );
  });

  it("a contribution before the merge, even of a subject whose evaluation was paid", () => {
    for (const { rows } of contributions) {
      const y = evaluate(SUBJECTS[15]!);
      const row = findMerged(world, rows, y)!;
      unreadable(() => readSums(terms, smallDecoder, y, openUnderQueryKey(world, row)));
    }
  });

  it("a merged row before it is stripped, or stripped by fewer than t nodes", () => {
    const y = evaluate(SUBJECTS[15]!);
    unreadable(() => readSums(terms, smallDecoder, y, openUnderQueryKey(world, findMerged(world, merged.rows, y)!)));
    const answers = stripAnswers(world, merged);
    const without = answers.map((chunk) => chunk.slice(1));
    expectFault(() => stripTable(terms, stripKeys(world), [1, 3, 4], merged, without), "STRIP_SHARES_WRONG");
  });

  it("one firm's row under a tag of a thief's choice: it opens without the proof of knowledge, and has none", () => {
    const y = evaluate(SUBJECTS[15]!);
    const [victim, thief] = [contributions[0]!, contributeBook(world, 9, {})];
    const stolen = { tag: rowTag(thief.rows[0]!), ciphertexts: findMerged(world, victim.rows, y)!.ciphertexts };
    const bypassed = { ...thief, rows: thief.rows.with(0, encodeRow(stolen)) };
    const row = findTagged(strip(world, merge(world, [victim, bypassed])).rows, placeOfTag(world, stolen.tag));
    const alone = readSums(terms, smallDecoder, y, openPublished(world, row, stolen.tag));
    expect(alone.contributors).to.equal(1);
    expect(alone.overdueFen).to.equal(held(1, 15)!.overdueFen);
    const rows = thief.rows.with(0, encodeRow(stolen));
    const { root } = commitRows(rows).tree;
    expectFault(() => admit(terms, { ...thief, rows, root }), "AGGREGATE_PROOF_INVALID");
  });

  it("everything, to t - 1 nodes", () => {
    const row = findRow(world, table.rows, evaluate(SUBJECTS[15]!))!;
    const { elements } = requestDecryption(terms.schema, row, random);
    expect(faultOf(() => decrypt(world, elements, world.query.shares.slice(0, 2))).values["missing"]).to.equal(1);
  });

  it("whether a guess is right, to t - 1 nodes with all that they hold", () => {
    const { shares } = trustedKey({ threshold: 3, nodes: 5 });
    const subject = utf8("subject 7");
    const tagUnder = (secret: Residue): string =>
      hex(aggregateTag(ristretto255Sha512.evaluate(requireScalar(secret), subject), terms.epoch));
    const right = tagUnder(secretOf(shares));
    const [first, second] = shares.slice(0, 2).map(({ secret }) => secret);
    // What they can make of two shares by themselves: each alone, and as if two were enough.
    const tries = [first!, second!, interpolate([1, 2], [first!, second!], 0)];
    expect(tries.map(tagUnder)).to.not.include(right);
    // Any third share fits what they hold, and with each the subject has another evaluation.
    const possible = Array.from({ length: 5 }, () =>
      tagUnder(interpolate([1, 2, 3], [first!, second!, ristretto255.randomScalar(random)], 0)),
    );
    expect(new Set([...possible, right]).size).to.equal(6);
  });

  it("who is in the table, to a contributor that has the evaluations of whomever it likes, for free", () => {
    const { epoch } = terms;
    const published = new Set(table.rows.map((row) => hex(rowTag(row))));
    const secrets = world.locator.shares.slice(0, 2).map(({ secret }) => requireScalar(secret));
    const known = SUBJECTS.slice(1).map(evaluate);
    // With the locator key they are all there; without it nothing that it can compute is.
    for (const y of known) expect(published).to.include(hex(placeOfTag(world, aggregateTag(y, epoch))));
    const computable = known.flatMap((y) => {
      const tag = aggregateTag(y, epoch);
      const underShares = secrets.map((secret) => ristretto255Sha512.evaluate(secret, locatorInput(tag, epoch)));
      return [tag, placeOf(y, epoch), ...underShares.map((output) => placeOf(output, epoch))];
    });
    const own = contributions[0]!.rows.map(rowTag);
    expect([...computable, ...own].map(hex).filter((place) => published.has(place))).to.deep.equal([]);
    // Nor does a ciphertext of its own stand in it.
    const points = new Set(decoded(contributions[0]!).flatMap(pointsOfRow));
    expect(decoded(table).flatMap(pointsOfRow)).to.satisfy((all: string[]) => !all.some((point) => points.has(point)));
  });

  it("whose rows they are, to a contributor that pays for decryptions alone and compares them with evaluations it has for free", () => {
    const { epoch, schema } = terms;
    const known = new Map(
      SUBJECTS.slice(1).flatMap((name) => {
        const one = addPoints(multiplyGenerator(ONE), masks(evaluate(name), epoch, 1)[0]!);
        return FIRMS.map((count) => [hex(multiplyPoint(residueOf(count), one)), name] as const);
      }),
    );
    // One decryption is of as many elements as a row has slots: here of the counts of so many rows.
    const rows = decoded(table);
    const opened = rows.flatMap((_, first) => {
      if (first % schema.slotCount > 0) return [];
      const [...ciphertexts] = rows.slice(first, first + schema.slotCount).map((row) => row.ciphertexts[0]!);
      return openUnderQueryKey(world, { tag: rows[first]!.tag, ciphertexts });
    });
    expect(opened.length).to.equal(rows.length);
    expect(opened.flatMap((point) => known.get(hex(point)) ?? [])).to.deep.equal([]);
    // With the covers off, which a place that was paid for gives, the same comparison finds its subject.
    const [count] = pointsOf(SUBJECTS[15]!);
    expect(known.get(hex(count!))).to.equal(SUBJECTS[15]);
    // Nor does a place that was paid for uncover another's row.
    const other = findRow(world, table.rows, evaluate(SUBJECTS[7]!))!;
    unreadable(() =>
      readSums(terms, smallDecoder, evaluate(SUBJECTS[7]!), openPublished(world, other, tagOf(SUBJECTS[15]!))),
    );
  });

  it("another epoch's row", () => {
    const points = pointsOf(SUBJECTS[15]!);
    unreadable(() => readSums({ ...terms, epoch: terms.epoch + 1 }, smallDecoder, evaluate(SUBJECTS[15]!), points));
  });
});

describe("a contributor that encrypts something else than a row", () => {
  it("is noticed when the sum is read, or by the fields' bounds", () => {
    const schema = terms.schema;
    const subject = { y: evaluate("x"), values: packRow(schema, { counts: {}, overdueFen: 1 }) };
    const honest = contributeBook(world, 1, { x: { counts: {}, overdueFen: 1 } });
    const read = (values: readonly number[]) => {
      const bad = admit(
        terms,
        contribute(
          terms,
          2,
          [{ ...subject, values }],
          [1, 2, 3].map((n) => evaluate(`dummy:${String(n)}`)),
          random(32),
          random,
        ),
      );
      return ask(world, strip(world, merge(world, [honest, bad])).rows, "x");
    };
    expect(read(subject.values)?.overdueFen).to.equal(2);
    for (const values of [
      subject.values.with(0, 2),
      subject.values.with(1, 2 ** 22),
      subject.values.with(2, 2 ** 31),
    ]) {
      let code: unknown;
      try {
        read(values);
      } catch (error) {
        code = isFault(error) ? error.code : error;
      }
      expect(code).to.be.oneOf([
        "AGGREGATE_CONTRIBUTORS_UNDECODABLE",
        "AGGREGATE_SUM_IMPLAUSIBLE",
        "AGGREGATE_SUM_UNDECODABLE",
      ]);
    }
  });
});

describe("what nodes receive", () => {
  /** Deviation of the elements' bytes from uniform, with 15 degrees of freedom; above 60 by chance once in 4 million. */
  function chiSquare(elements: readonly Element[], nibble: (element: Element) => number): number {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (const element of elements) buckets[nibble(element)]! += 1;
    const mean = elements.length / 16;
    return buckets.reduce((total, count) => total + (count - mean) ** 2 / mean, 0);
  }

  it("is alike for subjects that have a row and that have none, in each stage: count, size, distribution", () => {
    const rowOf = (subject: string) => findRow(world, table.rows, evaluate(subject));
    const subjects = [SUBJECTS[15]!, "nobody's"];
    expect(subjects.map((subject) => rowOf(subject) !== undefined)).to.deep.equal([true, false]);
    const blinded = (input: Uint8Array): Element =>
      ristretto255Sha512.blind(input, ristretto255Sha512.randomScalar(random));
    const stages: readonly (readonly [elements: number, ask: (subject: string) => readonly Element[]])[] = [
      [1, (subject) => [blinded(utf8(subject))]],
      [1, (subject) => [blinded(locatorInput(aggregateTag(evaluate(subject), terms.epoch), terms.epoch))]],
      [terms.schema.slotCount, (subject) => requestDecryption(terms.schema, rowOf(subject), random).elements],
    ];
    for (const [count, askFor] of stages)
      for (const subject of subjects) {
        const requests = Array.from({ length: 1_000 / count }, () => askFor(subject));
        expect(new Set(requests.map(({ length }) => length))).to.deep.equal(new Set([count]));
        const elements = requests.flat();
        expect(new Set(elements.map(({ length }) => length))).to.deep.equal(new Set([32]));
        expect(new Set(elements.map(hex)).size).to.equal(elements.length);
        for (const nibble of [
          (element: Element) => element[0]! >> 4,
          (element: Element) => element[15]! & 15,
          (element: Element) => element[30]! >> 4,
        ])
          expect(chiSquare(elements, nibble)).to.be.below(60);
      }
  });

  it("has no point of the row, and fresh ones at each asking", () => {
    const row = findRow(world, table.rows, evaluate(SUBJECTS[15]!))!;
    const own = new Set(row.ciphertexts.flatMap(({ ephemeral, body }) => [hex(ephemeral), hex(body)]));
    for (const element of requestDecryption(terms.schema, row, random).elements)
      expect(own.has(hex(element))).to.equal(false);
  });
});
