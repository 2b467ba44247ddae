import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { describe, it } from "mocha";

import { concatBytes } from "../../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../../protocol/errors/fault.ts";
import { ristretto255Aes256Gcm } from "../../../../protocol/sealed-table/suite.ts";
import { readTags, tagsOf } from "../../../../relayer/services/tables/read-tags.ts";
import { sampleEntries } from "../../../protocol/sealed-table/sample.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("the tags of a file", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "entries");
  const entries = sampleEntries(ristretto255Aes256Gcm, 333);
  const tags = entries.map((entry) => entry.slice(0, 16));
  const entrySize = entries[0]?.length ?? 0;

  it("are the first bytes of each entry, in the file's order, also over several reads", () => {
    const times = Math.ceil((3 << 20) / (333 * entrySize));
    writeFileSync(path, concatBytes(...Array.from({ length: times }, () => concatBytes(...entries))));
    const shape = { entryCount: 333 * times, entrySize };
    const wanted = Array.from({ length: times }, () => tags).flat();
    expect(readTags(path, shape)).to.deep.equal(concatBytes(...wanted));
    expect([...tagsOf(path, shape)]).to.have.length(wanted.length);
  });

  it("are none in a file without entries", () => {
    writeFileSync(path, "");
    expect(readTags(path, { entryCount: 0, entrySize })).to.deep.equal(new Uint8Array(0));
  });

  it("are refused in a file that is cut", () => {
    writeFileSync(path, concatBytes(...entries).subarray(1));
    try {
      readTags(path, { entryCount: 333, entrySize });
      expect.fail();
    } catch (error) {
      expect(isFault(error, "TABLE_TRUNCATED")).to.equal(true);
    }
  });
});
