/**
 * Files that are there whole or not at all: written beside their place, flushed to disk, renamed. Synchronous, for the
 * worker threads that write tables.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export interface AtomicFile {
  readonly descriptor: number;
  /** Flushes and moves the file to its place. */
  commit(): void;
  /** Leaves nothing behind. Does nothing after {@link commit}. */
  abandon(): void;
}

/** Opens `<path>.tmp` for reading and writing; what an earlier crash left there is overwritten. */
export function openAtomicFile(path: string): AtomicFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp`;
  const descriptor = openSync(temporary, "w+", 0o600);
  let open = true;
  const close = () => {
    open = false;
    closeSync(descriptor);
  };
  return {
    descriptor,
    commit() {
      fsyncSync(descriptor);
      close();
      renameSync(temporary, path);
      flushDirectory(dirname(path));
    },
    abandon() {
      if (!open) return;
      close();
      rmSync(temporary, { force: true });
    },
  };
}

/** Makes a rename or a new name in `directory` survive a power cut. */
export function flushDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Fills `target` from `position` on. @returns how many bytes; fewer than fit only where the file ends. */
export function readFully(descriptor: number, target: Uint8Array, position: number): number {
  let read = 0;
  while (read < target.length) {
    const count = readSync(descriptor, target, read, target.length - read, position + read);
    if (count === 0) break;
    read += count;
  }
  return read;
}

/** Writes all of `bytes` at `position`. */
export function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}
