/**
 * Copies of the local chain's ledger on disk: the last two, each with its own digest, so that a crash in the middle of
 * writing costs at most the seconds since the copy before. A file is one line of JSON (the header), then what
 * `anvil_dumpState` gave: gzip of anvil's state as JSON.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const FORMAT = "riskveil-ledger/1";
const KEPT = 2;
const NAME = /^ledger-(\d{12})\.snapshot$/;

export interface LedgerSnapshot {
  /** Number of the last block in it. */
  readonly block: number;
  /** anvil's state: gzip of JSON. */
  readonly state: Uint8Array;
}

interface Header {
  readonly format: string;
  readonly block: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Safe against a crash at any point: the copies before stay until this one is complete on disk. */
export async function writeSnapshot(directory: string, snapshot: LedgerSnapshot): Promise<void> {
  await mkdir(directory, { recursive: true });
  // zlib checks length and CRC: what cannot be read back is not kept in place of what can.
  await promisify(gunzip)(snapshot.state);
  const header: Header = {
    format: FORMAT,
    block: snapshot.block,
    bytes: snapshot.state.length,
    sha256: digestOf(snapshot.state),
  };
  const names = await listSnapshots(directory);
  const sequence = names[0] === undefined ? 1 : sequenceOf(names[0]) + 1;
  const name = `ledger-${String(sequence).padStart(12, "0")}.snapshot`;
  const temporary = join(directory, `${name}.partial`);
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(header)}\n`);
    await file.writeFile(snapshot.state);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(directory, name));
  await syncDirectory(directory);
  for (const old of names.slice(KEPT - 1)) await rm(join(directory, old), { force: true });
}

/** File names, newest first. */
export async function listSnapshots(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();
}

/** The copy, or undefined if it is damaged in any way. */
export async function readSnapshot(directory: string, name: string): Promise<LedgerSnapshot | undefined> {
  try {
    const content = await readFile(join(directory, name));
    const end = content.indexOf(0x0a);
    const header = JSON.parse(content.subarray(0, end).toString("utf8")) as Header;
    const state = content.subarray(end + 1);
    const good = header.format === FORMAT && header.bytes === state.length && header.sha256 === digestOf(state);
    return good ? { block: header.block, state } : undefined;
  } catch {
    return undefined;
  }
}

function sequenceOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
