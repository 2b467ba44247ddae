/** Files that hold a key: mode 600, written whole or not at all, on disk before anything depends on them. */
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";

import { toHex, type RandomBytes } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";

/** Undefined if there is none. @throws Fault KEY_FILE_EXPOSED if other accounts have rights on it. */
export async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) throw new Fault("KEY_FILE_EXPOSED", { file });
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** @returns false when the file is there already: of two makers at once one wins and the other reads what it made. */
export async function createKeyFile(file: string, content: string, random: RandomBytes): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${toHex(random(8)).slice(2)}.new`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike rename, link never replaces a file.
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(temporary);
    await syncDirectory(dirname(file));
  }
}

/**
 * Overwrites and unlinks. A file system that copies on write, or a drive that remaps blocks, may keep the old bytes: full-disk
 * encryption is what covers those. @returns false if there was no such file.
 */
export async function shredKeyFile(file: string, random: RandomBytes): Promise<boolean> {
  try {
    const handle = await open(file, "r+");
    try {
      const { size } = await handle.stat();
      await handle.write(random(size), 0, size, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await unlink(file);
    await syncDirectory(dirname(file));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
