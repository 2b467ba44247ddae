import { expect } from "chai";
import { describe, it } from "mocha";

import { catalogue } from "../../../protocol/errors/catalogue.ts";
import { settings } from "../../../relayer/config/settings.ts";
import { errorTable } from "../../../scripts/docs/error-table.ts";
import { pages } from "../../../scripts/docs/pages.ts";

describe("the generated reference pages", () => {
  const made = pages();
  const content = (file: string): string => made.find((page) => page.file === file)?.content ?? "";

  it("list every error and every setting in both languages", () => {
    for (const suffix of ["", ".zh-CN"]) {
      for (const code of Object.keys(catalogue)) {
        expect(content(`docs/reference/errors${suffix}.md`)).to.include(`\`${code}\``);
      }
      for (const { variable } of Object.values(settings)) {
        expect(content(`docs/reference/configuration${suffix}.md`)).to.include(`\`${variable}\``);
      }
    }
  });

  it("keep one error in one row, whatever its words", () => {
    const rows = errorTable("en").split("\n");
    expect(rows).to.have.length(Object.keys(catalogue).length + 2);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g), row).to.have.length(5);
  });

  it("describe both APIs as OpenAPI 3.1 without asking a single service", () => {
    const document = JSON.parse(content("docs/reference/member-api.openapi.json")) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document.openapi).to.equal("3.1.0");
    expect(document.paths).to.include.keys(
      "/readyz",
      "/v1/queries",
      "/v1/imports/records",
      "/v1/datasets/{label}/publish",
    );
    expect(content("docs/reference/peer-api.openapi.json")).to.include("/peer/v1/evaluate");
  });
});
