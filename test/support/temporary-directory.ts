/** A directory that is gone after the tests of the file that asked for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { after } from "mocha";

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "riskveil-test-"));
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
