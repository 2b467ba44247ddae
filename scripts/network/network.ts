/**
 * The whole network on one machine: chain, contracts, one PostgreSQL with a database for each party, five relayers.
 * `npm start` runs it, and so do the end-to-end tests, with small data.
 */
import { randomBytes } from "node:crypto";

import { toHex, utf8 } from "../../protocol/encoding/bytes.ts";
import { saltedDigest } from "../../protocol/encoding/digest.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { startChain, type Chain } from "../embedded/chain.ts";
import { startPostgres, type Postgres } from "../embedded/postgres.ts";
import { admitMembers } from "./admit-members.ts";
import { deployPlatform, deploymentFileIn } from "./deploy.ts";
import { takeLock } from "./lock.ts";
import { createMemberClient, type MemberClient } from "./member-client.ts";
import { PARTIES, type Party, type PartyName } from "./parties.ts";
import { requirePortsFree, type PortPlan } from "./port-plan.ts";
import { startRelayer, type RelayerProcess } from "./relayer-process.ts";
import { forgetState, openStateDirectory, type StateDirectory } from "./state-directory.ts";
import { obtainTokens, type RoleTokens } from "./token-file.ts";

export interface NetworkOptions {
  readonly stateDir: string;
  readonly ports: PortPlan;
  /** Forgets what the last run left. */
  readonly fresh?: boolean;
  /** False for tests: a database that is fast and worthless after a crash of the machine. */
  readonly durable?: boolean;
  /** More settings for every relayer. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told of each part as it comes up. */
  readonly step?: (title: string) => void;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface Member {
  readonly party: Party;
  readonly client: MemberClient;
  readonly peerUrl: string;
  readonly tokens: RoleTokens;
  readonly logFile: string;
  /** Replaced by `restart`. */
  readonly process: RelayerProcess;
  restart(): Promise<void>;
}

export interface Network {
  readonly state: StateDirectory;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly chain: Chain;
  readonly postgres: Postgres;
  /** False when it came back with what it had. */
  readonly isNew: boolean;
  member(name: PartyName): Member;
  readonly members: readonly Member[];
  /** Resolves when a part ends by itself; says which and how. */
  readonly broken: Promise<string>;
  /** Stops relayers, chain and database in this order, and lets go of the lock. Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws Fault NETWORK_IN_USE, NETWORK_PORTS_TAKEN, STATE_DIRECTORY_UNUSABLE, and what the parts refuse with. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { log = () => undefined, step = () => undefined, signal = new AbortController().signal } = options;
  const state = openStateDirectory(options.stateDir);
  const lock = takeLock(state.lockFile);
  const undo: (() => Promise<void>)[] = [
    () => {
      lock.release();
      return Promise.resolve();
    },
  ];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= undoAll(undo, log));

  try {
    await requirePortsFree(options.ports);
    if (options.fresh === true) await forgetState(state, log);

    step("Database: PostgreSQL");
    const durable = options.durable ?? true;
    const postgres = await startPostgres({ dataDir: state.postgres, port: options.ports.postgres, log, durable });
    undo.unshift(() => postgres.stop());
    signal.throwIfAborted();

    step("Chain: anvil");
    const fresh = options.fresh ?? false;
    const chain = await startChain({ stateDir: state.chain, port: options.ports.chain, log, fresh });
    undo.unshift(() => chain.stop());
    signal.throwIfAborted();

    step("Contracts: Ignition");
    const governance = await createKeyStore(state.governance, randomBytes).operatorKey();
    const deployment = await deployPlatform({
      rpcUrl: chain.rpcUrl,
      chainId: chain.chainId,
      outDir: state.deployment,
      associationAdmin: createOperatorKey(governance).address,
      log,
    });
    signal.throwIfAborted();

    step("Members: apply and are admitted");
    await admitMembers({
      deployment,
      associationAdminKey: governance,
      members: await applicants(state, options.ports),
      log,
    });
    signal.throwIfAborted();

    step(`Relayers: ${PARTIES.length} processes`);
    const members = await Promise.all(
      PARTIES.map((party) => bringUp(party, { state, options, postgres, chain, undo, signal })),
    );
    const member = (name: PartyName): Member => {
      const found = members.find(({ party }) => party.name === name);
      if (found === undefined) throw new RangeError(name);
      return found;
    };
    const isNew = chain.restoredBlock === undefined;
    const broken = Promise.race([
      chain.exited.then(() => "the chain ended"),
      ...members.map(({ party, process }) =>
        process.exited.then((how) => `the relayer of ${party.name} ended (${how})`),
      ),
    ]);
    return { state, rpcUrl: chain.rpcUrl, deployment, chain, postgres, isNew, member, members, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Last started, first stopped; one that fails to stop keeps no other from it. */
async function undoAll(undo: readonly (() => Promise<void>)[], log: (line: string) => void): Promise<void> {
  for (const step of undo) {
    await step().catch((error: unknown) => {
      log(`while stopping: ${String(error)}`);
    });
  }
}

async function applicants(state: StateDirectory, ports: PortPlan) {
  return Promise.all(
    PARTIES.map(async ({ name, kind }) => {
      const operatorKey = await createKeyStore(state.party(name).keys, randomBytes).operatorKey();
      // There is no certificate in the demo: a salted digest of the name stands in its place, used at the first start.
      const certificateDigest = toHex(saltedDigest("riskveil/certificate", randomBytes(32), [utf8(name)]));
      return { name, kind, endpoint: peerUrlOf(ports, name), operatorKey, certificateDigest };
    }),
  );
}

function peerUrlOf(ports: PortPlan, name: PartyName): string {
  return `http://127.0.0.1:${ports.peer[name]}`;
}

interface Surroundings {
  readonly state: StateDirectory;
  readonly options: NetworkOptions;
  readonly postgres: Postgres;
  readonly chain: Chain;
  readonly undo: (() => Promise<void>)[];
  readonly signal: AbortSignal;
}

async function bringUp(party: Party, around: Surroundings): Promise<Member> {
  const { state, options, postgres, chain, signal } = around;
  const own = state.party(party.name);
  const databaseUrl = await postgres.createDatabase(`riskveil_${party.name}`);
  const memberPort = options.ports.member[party.name];
  const settings = {
    RISKVEIL_NAME: party.name,
    DATABASE_URL: databaseUrl,
    RISKVEIL_RPC_URL: chain.rpcUrl,
    RISKVEIL_DEPLOYMENT: deploymentFileIn(state.deployment),
    RISKVEIL_DATA_DIR: own.data,
    RISKVEIL_KEY_DIR: own.keys,
    RISKVEIL_MEMBER_PORT: String(memberPort),
    RISKVEIL_PEER_PORT: String(options.ports.peer[party.name]),
    RISKVEIL_ANCHOR_WINDOW_MS: "2000",
    RISKVEIL_SETTLE_WINDOW_MS: "2000",
    ...options.settings,
  };
  const launch = (): RelayerProcess => startRelayer({ name: party.name, settings, memberPort, logFile: own.log });
  let process = launch();
  around.undo.unshift(() => process.stop());
  await process.ready(signal);
  const tokens = await obtainTokens(own.tokens, databaseUrl);
  return {
    party,
    client: createMemberClient(party.name, `http://127.0.0.1:${memberPort}`, tokens),
    peerUrl: peerUrlOf(options.ports, party.name),
    tokens,
    logFile: own.log,
    get process() {
      return process;
    },
    async restart() {
      await process.stop();
      process = launch();
      await process.ready(signal);
    },
  };
}
