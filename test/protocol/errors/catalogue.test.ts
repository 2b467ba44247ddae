import { readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { catalogue } from "../../../protocol/errors/catalogue.ts";
import type { Descriptor } from "../../../protocol/errors/descriptor.ts";

const entries: [string, Descriptor][] = Object.entries(catalogue);

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g))].sort();
}

describe("error catalogue", () => {
  it("has no code in two areas, where one would silently replace the other", () => {
    const folder = new URL("../../../protocol/errors/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith("-faults.ts"));
    const sources = files.map((file) => readFileSync(new URL(file, folder), "utf8"));
    const codes = sources.flatMap((source) =>
      [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]*): \{/gm)].map(([, code]) => code),
    );
    expect(codes.sort()).to.deep.equal(Object.keys(catalogue).sort());
  });

  for (const [code, { status, title, remedy }] of entries) {
    it(`${code} has a status, and title and remedy in both languages with the same values`, () => {
      expect(code).to.match(/^[A-Z][A-Z0-9_]*$/);
      expect(status).to.be.within(400, 599);
      for (const { en, zh } of [title, remedy]) {
        expect(en).to.match(/[A-Za-z]/);
        expect(zh).to.match(/[\u4e00-\u9fff]|^\{\w+\}$/);
      }
      expect(placeholders(title.zh)).to.deep.equal(placeholders(title.en));
    });
  }
});
