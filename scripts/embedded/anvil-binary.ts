/** Where npm put the anvil program for this machine: `@foundry-rs/anvil-<platform>-<architecture>`, an optional dependency. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";

/** @throws Fault CHAIN_BINARY_MISSING */
export function findAnvil(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const platform = `${process.platform}-${architecture}`;
  const suffix = process.platform === "win32" ? ".exe" : "";
  try {
    const from = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
    return join(dirname(from.resolve(`@foundry-rs/anvil-${platform}/package.json`)), "bin", `anvil${suffix}`);
  } catch (error) {
    throw new Fault("CHAIN_BINARY_MISSING", { platform }, error);
  }
}
