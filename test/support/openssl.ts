/** The `openssl` program as a second opinion, in a directory of its own for each test. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Context } from "mocha";

export interface Openssl {
  /** Where its files are. */
  readonly directory: string;
  /** Standard output and error of a call that must succeed. */
  run(...args: string[]): string;
  /** The output of a call that must fail. */
  fails(...args: string[]): string;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): Uint8Array;
  readText(name: string): string;
  remove(): void;
}

const version = spawnSync("openssl", ["version"], { encoding: "utf8" });

/**
 * Skips the test where there is no openssl of version 3, which is the first whose certificate commands know SM2. A build
 * machine must have one.
 */
export function openssl(test: Context): Openssl {
  if (version.status !== 0 || !/^OpenSSL [3-9]/.test(version.stdout)) {
    if (process.env["CI"]) throw new Error("CI needs the openssl program, version 3 or newer, in PATH");
    test.skip();
  }
  const directory = mkdtempSync(join(tmpdir(), "riskveil-openssl-"));
  const call = (args: string[]) => {
    const { status, stdout, stderr } = spawnSync("openssl", args, { cwd: directory, encoding: "utf8" });
    return { status, output: stdout + stderr };
  };
  return {
    directory,
    run(...args) {
      const { status, output } = call(args);
      if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${output}`);
      return output;
    },
    fails(...args) {
      const { status, output } = call(args);
      if (status === 0) throw new Error(`openssl ${args.join(" ")} did not fail: ${output}`);
      return output;
    },
    write: (name, content) => writeFileSync(join(directory, name), content),
    read: (name) => new Uint8Array(readFileSync(join(directory, name))),
    readText: (name) => readFileSync(join(directory, name), "utf8"),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
