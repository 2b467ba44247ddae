import { readdirSync } from "node:fs";

import { expect } from "chai";
import { describe, it } from "mocha";

import { catalogue } from "../../../protocol/errors/catalogue.ts";
import type { Descriptor } from "../../../protocol/errors/descriptor.ts";

const entries: [string, Descriptor][] = Object.entries(catalogue);

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\w+\}/g))].sort();
}

describe("error catalogue", () => {
  it("has no code in two areas, where one would silently replace the other", async () => {
    const folder = new URL("../../../protocol/errors/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith("-faults.ts"));
    const areas = await Promise.all(files.map(async (file) => (await import(new URL(file, folder).href)) as object));
    const codes = areas.flatMap((area) => Object.values(area).flatMap((faults: object) => Object.keys(faults)));
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
