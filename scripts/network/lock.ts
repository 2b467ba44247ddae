/**
 * One launcher per state directory. The lock file holds the pid *and* the start time of its owner, because pids are used
 * again; a lock whose owner is gone is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";
import { identifyProcess, isSameProcess, type ProcessIdentity } from "../embedded/process-identity.ts";

export interface Lock {
  /** Safe to call twice. Never removes a lock that is somebody else's by now. */
  release(): void;
}

/** @throws Fault NETWORK_IN_USE if its owner lives. */
export function takeLock(file: string): Lock {
  const own = identifyProcess(process.pid);
  if (own === undefined) throw new Error("this process does not find itself");
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    while (!linked(draft, file)) takeAwayStale(file);
  } finally {
    rmSync(draft, { force: true });
  }
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    process.off("exit", release);
    const owner = readOwner(file);
    if (owner?.pid === own.pid && owner.started === own.started) rmSync(file, { force: true });
  };
  process.once("exit", release);
  return { release };
}

/** A link appears at once and whole, or not at all. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves the lock aside before judging it again, so that two who see the same stale lock cannot remove each other's. */
function takeAwayStale(file: string): void {
  refuseLiving(file);
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    refuseLiving(aside, file);
  } catch (error) {
    linked(aside, file);
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function refuseLiving(file: string, named = file): void {
  const owner = readOwner(file);
  if (owner !== undefined && isSameProcess(owner)) {
    throw new Fault("NETWORK_IN_USE", { directory: dirname(named), pid: owner.pid });
  }
}

/** Undefined if there is none or it was cut off while being written. */
function readOwner(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
