/** What the relayers need around them: state directory, database server, chain, contracts, admitted members. */
import { toHex } from "../../protocol/encoding/bytes.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { startChain, type Chain } from "../embedded/chain.ts";
import { startPostgres, type Postgres } from "../embedded/postgres.ts";
import { openCertificateAuthority, type CertificateAuthority } from "../governance/certificate-authority.ts";
import { randomSource } from "../governance/random-source.ts";
import { admitMembers, type Applicant } from "./admit-members.ts";
import { deployPlatform, deploymentFileIn } from "./deploy.ts";
import { handCertificate, handTrust, trustDocumentsOf } from "./identity-documents.ts";
import { bindLedger, isUnbound, requireSameLedger } from "./ledger-identity.ts";
import { takeLock } from "./lock.ts";
import { PARTIES, type Party, type PartyName } from "./parties.ts";
import { setUpComputation } from "./set-up-computation.ts";
import { onPort, requirePortsFree, type PortPlan } from "./port-plan.ts";
import { stopLeftRelayer } from "./relayer-process.ts";
import { forgetState, openStateDirectory, type StateDirectory } from "./state-directory.ts";
import { createUndo, type Undo } from "./undo.ts";

export interface InfrastructureOptions {
  readonly stateDir: string;
  readonly ports: PortPlan;
  /** Forgets what the last run left. */
  readonly fresh?: boolean;
  /** False for tests: a database that is fast and worthless after a crash of the machine. */
  readonly durable?: boolean;
  /** Seconds between two editions of the overall picture; half an hour unless given. */
  readonly editionPeriod?: number;
  /** Seconds that the aggregator and a set of nodes have for their work; enough for small tables unless given. */
  readonly editionStage?: number;
  /** Told of each part before it comes up. */
  readonly step?: (title: string) => void;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Infrastructure {
  readonly state: StateDirectory;
  readonly postgres: Postgres;
  readonly chain: Chain;
  readonly deployment: Deployment;
  /** False when it came back with what it had. */
  readonly isNew: boolean;
  /** Steps that stop it; the relayers' are added before. */
  readonly undo: Undo;
  /** A relayer's environment; makes its database if missing. */
  settingsOf(name: PartyName): Promise<Record<string, string>>;
}

/** Long enough to be seen, short enough to be waited for; in production it is days. */
const MEMBERS_DELAY_S = 1;
/** All five parties run an algorithm node; three of them together hold each key. */
const NODE_THRESHOLD = 3;
/**
 * A new overall picture each half hour; the first as soon as everybody has contributed. A node that does nothing for half of a
 * stage is replaced.
 */
const EDITION_TERMS = { leastContributors: 3, leastRows: 16, period: 1_800, collecting: 1_200, stage: 180 };
/** A revocation list is good for a month: a network that runs on gets a new one each day. */
const RENEWAL_MS = 86_400_000;
/** Demo relayers anchor and settle soon, so that nobody waits to see it. */
const WINDOW_MS = "2000";

/** @throws Fault NETWORK_IN_USE, NETWORK_PORTS_TAKEN, STATE_DIRECTORY_UNUSABLE, LEDGER_OF_ANOTHER_NETWORK, and the parts' */
export async function startInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const { ports, log = () => undefined, step = () => undefined, signal, fresh = false } = options;
  const state = openStateDirectory(options.stateDir);
  const undo = createUndo(log);
  const lock = takeLock(state.lockFile);
  undo.add(() => {
    lock.release();
  });

  try {
    // The lock is ours, so whatever runs in this directory was left by a launcher that was killed.
    await Promise.all(PARTIES.map(({ name }) => stopLeftRelayer(state.party(name).process)));
    // Chain and database look at their own ports, after having stopped what was left of them.
    await requirePortsFree(ports, "relayers");
    if (fresh) await forgetState(state, log);

    step("Database (PostgreSQL)");
    const durable = options.durable ?? true;
    const postgres = await onPort("postgres", ports, () =>
      startPostgres({ dataDir: state.postgres, port: ports.postgres, log, durable }),
    );
    undo.add(() => postgres.stop());
    signal?.throwIfAborted();

    step("Chain (anvil)");
    const chain = await onPort("chain", ports, () =>
      startChain({ stateDir: state.chain, port: ports.chain, log, fresh }),
    );
    undo.add(() => chain.stop());
    signal?.throwIfAborted();

    step("Contracts (Ignition)");
    const staffKeys = await staffKeysOf(state);
    const [one, two, three] = staffKeys.map((key) => createOperatorKey(key).address);
    const deployment = await deployPlatform({
      rpcUrl: chain.rpcUrl,
      chainId: chain.chainId,
      outDir: state.deployment,
      staff: [one ?? "", two ?? "", three ?? ""],
      membersDelay: MEMBERS_DELAY_S,
      log,
    });
    await requireSameLedger(state.ledgerIdentity, deployment);
    signal?.throwIfAborted();

    step("Admission of the members");
    const authority = await openCertificateAuthority(state.authority);
    await handOutTrust(state, authority);
    const members = await Promise.all(PARTIES.map((party) => applicant({ state, ports, authority }, party)));
    const renewal = setInterval(() => {
      handOutTrust(state, authority).catch((error: unknown) => {
        log(`revocation lists: ${String(error)}`);
      });
    }, RENEWAL_MS);
    undo.add(() => {
      clearInterval(renewal);
    });
    const numbers = await admitMembers({ deployment, staffKeys, members, log });
    signal?.throwIfAborted();

    step("Algorithm nodes");
    await setUpComputation({
      ...{ deployment, staffKeys, threshold: NODE_THRESHOLD, log },
      nodes: members.map(({ name, operatorKey }) => ({ member: numbers.get(name) ?? 0, operatorKey })),
      terms: {
        ...EDITION_TERMS,
        aggregator: numbers.get("association") ?? 0,
        period: options.editionPeriod ?? EDITION_TERMS.period,
        stage: options.editionStage ?? EDITION_TERMS.stage,
      },
    });
    const isNew = isUnbound(state.ledgerIdentity);
    if (isNew) {
      // From here on there are databases that rely on this ledger: a crash must not forget it.
      await chain.snapshot();
      await bindLedger(state.ledgerIdentity, deployment);
    }
    signal?.throwIfAborted();
    const settingsOf = (name: PartyName) => settings(name, { state, ports, postgres, chain });
    return { state, postgres, chain, deployment, isNew, undo, settingsOf };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

/** The demo's three of the staff are three keys on one disk; in production they are three people. */
export async function staffKeysOf(state: StateDirectory): Promise<[Uint8Array, Uint8Array, Uint8Array]> {
  const key = (number: 1 | 2 | 3): Promise<Uint8Array> =>
    createKeyStore(state.staff(number), randomSource).operatorKey();
  return [await key(1), await key(2), await key(3)];
}

async function handOutTrust(state: StateDirectory, authority: CertificateAuthority): Promise<void> {
  const documents = await trustDocumentsOf(authority);
  for (const { name } of PARTIES) await handTrust(state.party(name), documents);
}

interface Applying {
  readonly state: StateDirectory;
  readonly ports: PortPlan;
  readonly authority: CertificateAuthority;
}

async function applicant({ state, ports, authority }: Applying, { name, kind, title }: Party): Promise<Applicant> {
  const keys = createKeyStore(state.party(name).keys, randomSource);
  const identityKey = await keys.identityKey();
  const endpoint = peerUrl(ports, name);
  const { publicKey } = identityKey;
  const certificate = await authority.certify({ name, organisation: title, publicKey, endpoint });
  const operatorKey = await keys.operatorKey();
  await handCertificate(state.party(name), certificate);
  return { name, kind, endpoint, operatorKey, identityKey, certificateDigest: toHex(certificate.digest) };
}

export function memberUrl(ports: PortPlan, name: PartyName): string {
  return `http://127.0.0.1:${ports.member[name]}`;
}

export function peerUrl(ports: PortPlan, name: PartyName): string {
  return `http://127.0.0.1:${ports.peer[name]}`;
}

interface Places {
  readonly state: StateDirectory;
  readonly ports: PortPlan;
  readonly postgres: Postgres;
  readonly chain: Chain;
}

async function settings(name: PartyName, { state, ports, postgres, chain }: Places): Promise<Record<string, string>> {
  const own = state.party(name);
  return {
    RISKVEIL_NAME: name,
    DATABASE_URL: await postgres.createDatabase(`riskveil_${name}`),
    RISKVEIL_RPC_URL: chain.rpcUrl,
    RISKVEIL_DEPLOYMENT: deploymentFileIn(state.deployment),
    RISKVEIL_DATA_DIR: own.data,
    RISKVEIL_KEY_DIR: own.keys,
    RISKVEIL_CERTIFICATE: own.certificate,
    RISKVEIL_TRUST_DIR: own.trust,
    RISKVEIL_MEMBER_PORT: String(ports.member[name]),
    RISKVEIL_PEER_PORT: String(ports.peer[name]),
    RISKVEIL_ANCHOR_WINDOW_MS: WINDOW_MS,
    RISKVEIL_SETTLE_WINDOW_MS: WINDOW_MS,
  };
}
