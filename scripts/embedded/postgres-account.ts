/**
 * PostgreSQL refuses to run as root, and another account cannot enter a directory below one of mode 700, as the home of
 * root or a `mktemp -d` is. So as root the server runs under an account without privileges, in a place it can reach.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account the server must run under; undefined when it can run as whoever runs this program. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const wanted of ["postgres", "nobody"]) {
    const fields = lines.find((line) => line.startsWith(`${wanted}:`))?.split(":");
    const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
    if (fields !== undefined && uid > 0 && gid > 0) return { name: wanted, uid, gid };
  }
  throw new Fault("POSTGRES_ACCOUNT_MISSING");
}

/** Whether the account can enter the directory: asked of the system itself, which knows about mounts and access lists. */
export function canEnter(directory: string, account: Account | undefined): boolean {
  const probe = spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", directory], { cwd: "/", stdio: "ignore", ...as(account) });
  return probe.status === 0;
}

/** Whether the account can run the program. */
export function canRun(program: string, account: Account | undefined): boolean {
  const probe = spawnSync(program, ["--version"], { cwd: "/", stdio: "ignore", ...as(account) });
  return probe.status === 0;
}

export function as(account: Account | undefined): { uid: number; gid: number } | Record<string, never> {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/**
 * A directory for `purpose` that the account can reach, outside the clone. The same for the same purpose. /var/tmp comes
 * first because it outlives a restart of the machine.
 */
export function reachableDirectory(purpose: string, account: Account | undefined): string {
  const name = `riskveil-${createHash("sha256").update(purpose).digest("hex").slice(0, 16)}`;
  for (const parent of ["/var/tmp", tmpdir(), "/tmp"]) {
    const directory = join(parent, name);
    try {
      mkdirSync(directory, { mode: 0o711, recursive: true });
      // The parent is open to everyone: what somebody else put there under this name is not ours to use.
      const facts = lstatSync(directory);
      if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) continue;
      chmodSync(directory, 0o711);
      if (canEnter(directory, account)) return directory;
    } catch {
      continue;
    }
  }
  throw new Fault("POSTGRES_UNREACHABLE", { account: account?.name ?? "" });
}
