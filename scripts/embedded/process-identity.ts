/** Telling whether a process that a file names is still the one that wrote the file: pids are used again. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Text that two processes of one pid do not share: the start time, as the system tells it. */
  readonly started: string;
}

/**
 * Undefined when there is no such process. A zombie counts as none, but not while it has threads: of a program that was
 * killed the first thread may be gone while the others still hold its sockets.
 */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  if (process.platform !== "linux") return identifyByPs(pid);
  try {
    // proc(5): the name may hold spaces and parentheses; fields 3 (state) and 22 (start time) follow the last ")".
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" && readdirSync(`/proc/${String(pid)}/task`).length <= 1) return undefined;
    return fields[19] === undefined ? undefined : { pid, started: fields[19] };
  } catch {
    return undefined;
  }
}

export function isSameProcess(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/** The command line with its arguments separated by spaces; empty when there is no such process. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/**
 * Sends the signals one after another, giving the process time after each, until it is gone.
 * @returns false if it outlived all of them.
 */
export async function stopProcess(
  pid: number,
  signals: readonly { readonly signal: NodeJS.Signals; readonly patienceMs: number }[],
): Promise<boolean> {
  const identity = identifyProcess(pid);
  if (identity === undefined) return true;
  for (const { signal, patienceMs } of signals) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
      throw error;
    }
    for (let waited = 0; waited < patienceMs; waited += 50) {
      if (!isSameProcess(identity)) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return !isSameProcess(identity);
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  try {
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    return started === "" ? undefined : { pid, started };
  } catch {
    return undefined;
  }
}
