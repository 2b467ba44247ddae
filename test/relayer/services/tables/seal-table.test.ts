import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { before, describe, it } from "mocha";

import { toHex, utf8 } from "../../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255Sha512 as oprf } from "../../../../protocol/oprf/oprf.ts";
import { churnUnit } from "../../../../protocol/sealed-table/churn.ts";
import { dummyInput, dummyNonce, openEntry } from "../../../../protocol/sealed-table/entry.ts";
import { leafHash, leafHoldsEntry, leafVerdict } from "../../../../protocol/sealed-table/linked-leaves.ts";
import { verifyPath } from "../../../../protocol/sealed-table/merkle.ts";
import { unpadPayload } from "../../../../protocol/sealed-table/payload.ts";
import { decodeRecords, encodeRecords } from "../../../../protocol/sealed-table/record.ts";
import { suiteById } from "../../../../protocol/sealed-table/suite.ts";
import { sealTable, type SealedTable, type SealTableOptions } from "../../../../relayer/services/tables/seal-table.ts";
import type { TableFiles } from "../../../../relayer/services/tables/table-files.ts";
import { openTableReader } from "../../../../relayer/services/tables/table-reader.ts";
import { sampleRecord, sampleTable } from "../../../protocol/sealed-table/sample.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const { secretKey } = oprf.deriveKeyPair(new Uint8Array(32).fill(4), utf8("seal-table test"));
const dummySeed = new Uint8Array(32).fill(8);

function* subjects(from: number, to: number) {
  for (let i = from; i < to; i++) {
    yield { input: utf8(`s:${String(i)}`), content: encodeRecords([{ ...sampleRecord, id: `r-${String(i)}` }]) };
  }
}

function tagsOf(files: TableFiles, table: SealedTable): string[] {
  const bytes = new Uint8Array(readFileSync(files.table));
  return Array.from({ length: table.entryCount }, (_, i) =>
    toHex(bytes.slice(i * table.entrySize, i * table.entrySize + 16)),
  );
}

for (const suiteId of [1, 2] as const) {
  describe(`a table sealed on threads, suite ${String(suiteId)}`, () => {
    const directory = temporaryDirectory();
    const suite = suiteById(suiteId);
    const files = (name: string): TableFiles => ({
      table: join(directory, `${name}.table`),
      tree: join(directory, `${name}.tree`),
    });
    const seal = (name: string, options: Partial<SealTableOptions> = {}) =>
      sealTable({
        suite: suiteId,
        secretKey,
        table: sampleTable,
        payloadBytes: 512,
        dummySeed,
        subjects: subjects(0, 700),
        files: files(name),
        workDirectory: join(directory, "work", name),
        threads: 2,
        ...options,
      });
    const tagOf = (input: Uint8Array) => suite.deriveTag(oprf.evaluate(secretKey, input), sampleTable);
    let first: SealedTable;

    before(async () => {
      first = await seal("first");
    });

    it("has a count class of entries of one size, in order, and leaves no scratch", () => {
      expect(first).to.deep.include({ entryCount: 1024, entrySize: 560 });
      expect(first.revision).to.deep.equal({ entryCount: 1024, subjects: 700, dummies: { start: 0, end: 324 } });
      const tags = tagsOf(files("first"), first);
      expect(tags).to.deep.equal([...new Set(tags)].sort());
      expect(existsSync(join(directory, "work", "first"))).to.equal(false);
      expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
    });

    it("gives every subject's records and every dummy's nothing, each proven under the root", async () => {
      const reader = await openTableReader(files("first"), first, first.root);
      for (const i of [0, 1, 127, 128, 350, 699]) {
        const input = utf8(`s:${String(i)}`);
        const found = reader.lookup(tagOf(input));
        const payload = found.hit && openEntry(suite, sampleTable, oprf.evaluate(secretKey, input), found.hit);
        expect(payload && decodeRecords(unpadPayload(payload))[0]?.id).to.equal(`r-${String(i)}`);
        expect(leafVerdict(found.leaf, tagOf(input))).to.equal("hit");
        expect(found.hit && leafHoldsEntry(found.leaf, found.hit)).to.equal(true);
        expect(verifyPath(leafHash(found.leaf), found.path, first.root)).to.equal(true);
      }
      for (const i of [0, 323]) {
        const input = dummyInput(dummyNonce(dummySeed, i));
        const found = reader.lookup(tagOf(input));
        const payload = found.hit && openEntry(suite, sampleTable, oprf.evaluate(secretKey, input), found.hit);
        expect(payload && decodeRecords(unpadPayload(payload))).to.deep.equal([]);
      }
      await reader.close();
    });

    it("proves a miss anywhere, before the first and after the last tag too", async () => {
      const reader = await openTableReader(files("first"), first, first.root);
      const edge = (byte: number) => new Uint8Array(16).fill(byte).with(15, byte ^ 1);
      const absent = [edge(0), edge(0xff), ...Array.from({ length: 50 }, (_, i) => tagOf(utf8(`absent ${String(i)}`)))];
      for (const tag of absent) {
        const found = reader.lookup(tag as never);
        expect(found.hit).to.equal(undefined);
        expect(leafVerdict(found.leaf, tag as never)).to.equal("miss");
        expect(verifyPath(leafHash(found.leaf), found.path, first.root)).to.equal(true);
      }
      await reader.close();
    });

    it("sealed again uses no rev and no ciphertext a second time", async () => {
      const again = await seal("again", {
        previous: { path: files("first").table, entrySize: 560, shape: first.revision },
      });
      const blocks = (name: string) => {
        const bytes = readFileSync(files(name).table);
        return Array.from({ length: 1024 }, (_, i) => bytes.subarray(i * 560 + 16, i * 560 + 48).toString("hex"));
      };
      expect(new Set([...blocks("first"), ...blocks("again")]).size).to.equal(2048);
      expect(toHex(again.root)).not.to.equal(toHex(first.root));
    });

    it("shows the same number of changed tags, whether nothing changed or subjects came and went", async () => {
      const before = new Set(tagsOf(files("first"), first));
      for (const [name, list] of [
        ["same", subjects(0, 700)],
        ["one-more", subjects(0, 701)],
        ["others", subjects(10, 712)],
      ] as const) {
        const next = await seal(name, {
          subjects: list,
          previous: { path: files("first").table, entrySize: 560, shape: first.revision },
        });
        const after = tagsOf(files(name), next);
        expect(after.filter((tag) => !before.has(tag)).length).to.equal(churnUnit(1024));
        expect(after.length).to.equal(1024);
      }
    });

    it("is refused with no file left when a subject comes twice, wherever it was sealed", async () => {
      for (const threads of [1, 2]) {
        const error: unknown = await seal("twice", {
          threads,
          subjects: [...subjects(0, 300), ...subjects(299, 300)],
        }).catch((e: unknown) => e);
        expect(isFault(error, "TABLE_TAG_DUPLICATE")).to.equal(true);
      }
      expect(readdirSync(directory).filter((name) => name.startsWith("twice"))).to.deep.equal([]);
    });

    it("is refused when a content does not fit, and when the source fails; nothing is left", async () => {
      const large: unknown = await seal("large", {
        subjects: [...subjects(0, 400), { input: utf8("x"), content: new Uint8Array(600) }, ...subjects(400, 1000)],
      }).catch((e: unknown) => e);
      expect(isFault(large, "RECORDS_TOO_LARGE") && large.values).to.deep.equal({ bytes: 600, limit: 508 });
      const broken: unknown = await seal("broken", {
        subjects: (function* () {
          yield* subjects(0, 300);
          throw new Error("the source broke");
        })(),
      }).catch((e: unknown) => e);
      expect(broken).to.be.an("error").with.property("message", "the source broke");
      expect(readdirSync(directory).filter((name) => /^(large|broken)/.test(name))).to.deep.equal([]);
      expect(readdirSync(join(directory, "work"))).to.deep.equal([]);
    });

    it("is served as damaged, not as another answer, once a byte on disk changed", async () => {
      const copy = files("copy");
      mkdirSync(directory, { recursive: true });
      const bytes = readFileSync(files("first").table);
      bytes[500 * 560 + 100] = (bytes[500 * 560 + 100] ?? 0) ^ 1;
      writeFileSync(copy.table, bytes);
      writeFileSync(copy.tree, readFileSync(files("first").tree));
      const reader = await openTableReader(copy, first, first.root);
      expect(() => reader.entryAt(500))
        .to.throw(Fault)
        .with.property("code", "TABLE_DAMAGED");
      expect(reader.entryAt(499).hit?.length).to.equal(560);
      await reader.close();
      for (const [table, tree] of [
        [bytes.subarray(1), readFileSync(copy.tree)],
        [bytes, readFileSync(copy.tree).subarray(32)],
      ] as const) {
        writeFileSync(copy.table, table);
        writeFileSync(copy.tree, tree);
        const refused: unknown = await openTableReader(copy, first, first.root).catch((e: unknown) => e);
        expect(isFault(refused, "TABLE_DAMAGED")).to.equal(true);
      }
    });
  });
}
