/** Where a network keeps what it has between runs. */
import { accessSync, constants, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { Fault } from "../../protocol/errors/fault.ts";
import { forgetPostgres } from "../embedded/postgres.ts";
import type { PartyName } from "./parties.ts";

export interface StateDirectory {
  readonly root: string;
  readonly lockFile: string;
  /** Names the ledger that the databases belong to. */
  readonly ledgerIdentity: string;
  readonly chain: string;
  readonly postgres: string;
  readonly deployment: string;
  readonly sample: string;
  readonly evidence: string;
  /** Holds a key directory for each of the Association's staff, and the certificate authority's. */
  readonly governance: string;
  /** Key directory of one of the Association's three. */
  staff(number: 1 | 2 | 3): string;
  /** Key and certificates of the Association's certificate authority. */
  readonly authority: string;
  /** Holds a directory for each party. */
  readonly members: string;
  party(name: PartyName): PartyDirectory;
}

export interface PartyDirectory {
  readonly root: string;
  readonly keys: string;
  /** The member's SM2 certificate. */
  readonly certificate: string;
  /** Certificates and revocation lists of the authorities that it trusts. */
  readonly trust: string;
  readonly data: string;
  readonly log: string;
  /** Names the relayer's process while it runs. */
  readonly process: string;
  readonly tokens: string;
}

/** @throws Fault STATE_DIRECTORY_UNUSABLE */
export function openStateDirectory(directory: string): StateDirectory {
  const root = resolve(directory);
  try {
    // Enterable for all, readable for the owner: PostgreSQL may have to run as another account, below it.
    mkdirSync(root, { recursive: true, mode: 0o711 });
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Fault("STATE_DIRECTORY_UNUSABLE", { directory: root, reason }, error);
  }
  return {
    root,
    lockFile: join(root, "network.lock"),
    ledgerIdentity: join(root, "ledger.json"),
    chain: join(root, "chain"),
    postgres: join(root, "postgres"),
    deployment: join(root, "deployment"),
    sample: join(root, "sample-data"),
    evidence: join(root, "evidence"),
    governance: join(root, "governance"),
    staff: (number) => join(root, "governance", `staff-${String(number)}`),
    authority: join(root, "governance", "certificate-authority"),
    members: join(root, "members"),
    party(name) {
      const own = join(root, "members", name);
      return {
        root: own,
        keys: join(own, "keys"),
        certificate: join(own, "certificate.pem"),
        trust: join(own, "trust"),
        data: join(own, "data"),
        log: join(own, "relayer.log"),
        process: join(own, "relayer.json"),
        tokens: join(own, "tokens.json"),
      };
    },
  };
}

/** Forgets everything of a network that does not run; the caller holds its lock, which stays. */
export async function forgetState(state: StateDirectory, log: (line: string) => void): Promise<void> {
  await forgetPostgres(state.postgres, log);
  // Only what is ours: somebody may have named a directory that holds more. The chain forgets its ledger by itself.
  for (const path of [
    state.ledgerIdentity,
    state.deployment,
    state.sample,
    state.evidence,
    state.governance,
    state.members,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}
