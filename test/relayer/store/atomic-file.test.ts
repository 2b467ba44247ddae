import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { openAtomicFile, writeFully } from "../../../relayer/store/atomic-file.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("an atomic file", () => {
  const directory = temporaryDirectory();

  it("is not there before it is whole, replaces the old one at once, and is the owner's alone", () => {
    const path = join(directory, "new", "a.table");
    for (const text of ["first", "second, longer"]) {
      const file = openAtomicFile(path);
      writeFully(file.descriptor, utf8(text), 0);
      expect(existsSync(path)).to.equal(text !== "first");
      file.commit();
      file.abandon();
      expect(readFileSync(path, "utf8")).to.equal(text);
      expect(statSync(path).mode & 0o777).to.equal(0o600);
    }
    expect(readdirSync(join(directory, "new"))).to.deep.equal(["a.table"]);
  });

  it("leaves the old one when it is abandoned, and takes over what a crash left", () => {
    const path = join(directory, "b.table");
    writeFileSync(path, "old");
    writeFileSync(`${path}.tmp`, "left by a crash, and longer than what comes");
    const file = openAtomicFile(path);
    writeFully(file.descriptor, utf8("new"), 0);
    file.abandon();
    expect(readFileSync(path, "utf8")).to.equal("old");
    const again = openAtomicFile(path);
    writeFully(again.descriptor, utf8("newer"), 0);
    again.commit();
    expect(readFileSync(path, "utf8")).to.equal("newer");
  });
});
