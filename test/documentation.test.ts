/** The pages say what is there: links, commands, codes, routes and tables are compared with the program. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { catalogue } from "../protocol/errors/catalogue.ts";
import { importAuthorisationFaults } from "../protocol/errors/import-authorisation-faults.ts";
import { importFileFaults } from "../protocol/errors/import-file-faults.ts";
import { importLineFaults } from "../protocol/errors/import-line-faults.ts";
import { checks } from "../protocol/evidence/report.ts";
import { pictureChecks } from "../protocol/picture-evidence/checks.ts";
import { purposeCodes } from "../protocol/oblivious-lookup/purpose.ts";
import { configurationTable } from "../relayer/config/config.ts";
import { settings } from "../relayer/config/settings.ts";
import { INSTRUMENTS } from "../relayer/services/authorisations/authorisation.ts";
import { authorisationColumns } from "../relayer/services/import/authorisation-line.ts";
import { recordColumns } from "../relayer/services/import/record-line.ts";
import { parseCommand, wordsOf } from "../scripts/tasks/command-line.ts";
import { commands } from "../scripts/tasks/definitions.ts";
import { KEY_VARIABLES } from "../scripts/tasks/signer.ts";

const ROOT = resolve(import.meta.dirname, "..");
const pages = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT }).sort();
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");
const withoutFences = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```/gm, "");
/** Fences and inline code. */
const codeIn = (text: string): string =>
  [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([code]) => code).join("\n");
const unpadded = (line: string): string => line.replace(/\s+/g, " ").trim();

describe("documentation", () => {
  for (const page of pages) {
    it(`${page}: links lead somewhere`, () => {
      const links = [...withoutFences(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
      const local = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => link.replace(/#.*$/, ""));
      const broken = local.filter((link) => link !== "" && !existsSync(join(ROOT, dirname(page), link)));
      expect(broken).to.deep.equal([]);
    });

    it(`${page}: commands exist`, () => {
      const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
      const named = [...codeIn(read(page)).matchAll(/\bnpm (?:run )?([a-z][a-z:]*)/g)].map((match) => match[1] ?? "");
      const builtIn = ["ci", "install"];
      expect(named.filter((name) => !(name in scripts) && !builtIn.includes(name))).to.deep.equal([]);
      const programs = [...read(page).matchAll(/\bnode ((?:relayer|scripts)\/[\w./-]+)/g)].map(
        (match) => match[1] ?? "",
      );
      expect(programs.filter((program) => !existsSync(join(ROOT, program)))).to.deep.equal([]);
      const imported = [...read(page).matchAll(/from "\.\/([\w./-]+\.ts)"/g)].map((match) => match[1] ?? "");
      expect(imported.filter((module) => !existsSync(join(ROOT, module)))).to.deep.equal([]);
    });

    it(`${page}: tasks are Hardhat's, with the arguments that they take`, () => {
      const lines = [
        ...codeIn(read(page))
          .replace(/\\\n\s*/g, "")
          .matchAll(/\bnpx hardhat ([^`\n]+)/g),
      ];
      const typed = lines.map((match) => (match[1] ?? "").replace(/ +# .*$/, "").replace(/\$\([^)]*\)/g, "0x00"));
      const unknown = typed.filter((line) => {
        const words = wordsOf(line);
        if (["build", "keystore", "test"].includes(words[0] ?? "")) return false;
        // Hardhat's own `node` stands alone or has options; ours are below it.
        if (words[0] === "node" && (words[1]?.startsWith("-") ?? true)) return false;
        // A task that is only named has no arguments yet.
        const named = commands.some(
          ({ id }) => id.join(" ") === words.filter((word) => !word.startsWith("-")).join(" "),
        );
        return !named && parseCommand(words, commands) === undefined;
      });
      expect(unknown).to.deep.equal([]);
    });

    it(`${page}: names no machine's path`, () => {
      expect(read(page)).not.to.match(/(?:^|[\s`"'(])\/(?:home|root|work|Users)\//m);
    });
  }

  /** What contracts write into events, in ASCII. */
  const reasonsOnChain = globSync("contracts/**/*.sol", { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/g)].map((match) => match[1] ?? ""),
  );
  const ours = pages.filter((page) => !/^docs\/(?:reference|decisions)\//.test(page) && page !== "CONTRIBUTING.md");
  for (const page of ours) {
    it(`${page}: codes, settings and routes are the program's`, () => {
      const text = read(page);
      const known = new Set<string>([
        ...Object.keys(catalogue),
        ...Object.values(settings).map(({ variable }) => variable),
        ...Object.values(KEY_VARIABLES),
        ...purposeCodes,
        ...INSTRUMENTS,
        ...Object.keys(checks),
        ...reasonsOnChain,
      ]);
      const codes = [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map((match) => match[1] ?? "");
      expect(codes.filter((code) => !known.has(code))).to.deep.equal([]);
      const sources = globSync("relayer/http/**/*.ts", { cwd: ROOT }).map(read).join("\n");
      const paths = [...sources.matchAll(/path: ["`](\/[^"`]+)["`]/g)].map((match) =>
        (match[1] ?? "").replace(/\$\{kind\}/g, "{x}").replace(/\{\w+\}/g, "{x}"),
      );
      const routes = [...text.matchAll(/`(?:GET|POST) (\/[^`\s]+)`/g)].map((match) =>
        (match[1] ?? "").replace(/\{\w+\}/g, "{x}"),
      );
      expect(routes.filter((route) => !paths.includes(route))).to.deep.equal([]);
    });
  }

  for (const [page, language] of [
    ["README.md", "en"],
    ["README.zh-CN.md", "zh"],
  ] as const) {
    it(`${page}: has the configuration as it is`, () => {
      const rows = configurationTable(language)
        .split("\n")
        .filter((line) => line.includes("`"));
      const shown = read(page).split("\n").map(unpadded);
      expect(rows).to.have.length(Object.keys(settings).length);
      for (const row of rows) expect(shown).to.include(unpadded(row));
    });
  }

  for (const page of ["docs/guides/connect-your-data.md", "docs/guides/connect-your-data.zh-CN.md"]) {
    it(`${page}: lists every column, header and reason code`, () => {
      const text = read(page);
      for (const { key, names } of [...recordColumns, ...authorisationColumns]) {
        expect(text).to.include(`\`${key}\``);
        for (const name of names.filter((each) => /\p{Script=Han}/u.test(each))) expect(text).to.include(name);
      }
      const codes = [
        ...Object.keys(importFileFaults).filter((code) => code.startsWith("IMPORT_") && code !== "IMPORT_UNKNOWN"),
        ...Object.keys(importLineFaults),
        ...Object.keys(importAuthorisationFaults),
      ];
      for (const code of codes) expect(text).to.include(`\`${code}\``);
    });
  }

  it("the evidence guide lists every check of both formats in order", () => {
    const rows = [...read("docs/guides/evidence.md").matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]);
    expect(rows).to.deep.equal([checks, pictureChecks].flatMap((each) => Object.keys(each)));
  });

  for (const [page, translated] of [
    ["README.md", "README.zh-CN.md"],
    ["docs/guides/connect-your-data.md", "docs/guides/connect-your-data.zh-CN.md"],
    ["docs/guides/governance.md", "docs/guides/governance.zh-CN.md"],
  ] as const) {
    it(`${translated} has the sections and commands of ${page}`, () => {
      const outline = (text: string): string[] => [...text.matchAll(/^#+/gm)].map((match) => match[0]);
      const commands = (text: string): string[] =>
        [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => (match[1] ?? "").replace(/ +# .*$/gm, ""));
      expect(outline(withoutFences(read(translated)))).to.deep.equal(outline(withoutFences(read(page))));
      expect(commands(read(translated))).to.deep.equal(commands(read(page)));
    });
  }
});
