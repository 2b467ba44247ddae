/**
 * The whole network on one machine: the infrastructure and five relayers, each with its own process, database, keys and
 * files. `npm start` runs it, and so do the end-to-end tests, with small data.
 */
import type { Deployment } from "../../relayer/chain/deployment.ts";
import type { Chain } from "../embedded/chain.ts";
import type { Postgres } from "../embedded/postgres.ts";
import {
  memberUrl,
  peerUrl,
  startInfrastructure,
  type Infrastructure,
  type InfrastructureOptions,
} from "./infrastructure.ts";
import { createMemberClient, type MemberClient } from "./member-client.ts";
import { PARTIES, type Party, type PartyName } from "./parties.ts";
import { startRelayer, type RelayerProcess } from "./relayer-process.ts";
import type { StateDirectory } from "./state-directory.ts";
import { obtainTokens, type RoleTokens } from "./token-file.ts";

export interface NetworkOptions extends InfrastructureOptions {
  /** More settings for a party's relayer. */
  readonly settings?: (name: PartyName) => Readonly<Record<string, string>>;
}

export interface Member {
  readonly party: Party;
  readonly client: MemberClient;
  readonly peerUrl: string;
  readonly tokens: RoleTokens;
  readonly databaseUrl: string;
  readonly logFile: string;
  /** The one that runs, or the last that ran. */
  readonly process: RelayerProcess;
  /** Ends the relayer (`kill`: as a crash would) and does not count as a broken network. */
  down(how: "stop" | "kill"): Promise<void>;
  /** Starts it again and waits until it is ready. */
  up(): Promise<void>;
}

export interface Network {
  readonly state: StateDirectory;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly chain: Chain;
  readonly postgres: Postgres;
  /** False when it came back with what it had. */
  readonly isNew: boolean;
  readonly members: readonly Member[];
  member(name: PartyName): Member;
  /** Resolves when a part ends by itself; says which and how. */
  readonly broken: Promise<string>;
  /** Stops relayers, chain and database in this order, and lets go of the lock. Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws what startInfrastructure throws, Fault RELAYER_ENDED, RELAYER_NOT_READY */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const infrastructure = await startInfrastructure(options);
  const { state, chain, postgres, deployment, isNew, undo } = infrastructure;
  let report: (what: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    report = resolve;
  });
  void chain.exited.then(() => {
    report("the chain ended");
  });
  try {
    options.step?.(`Relayers (${PARTIES.length} processes)`);
    // All are stopped together: one step for the five.
    const members: Member[] = [];
    undo.add(async () => {
      await Promise.all(members.map((member) => member.down("stop")));
    });
    const started = await Promise.allSettled(
      PARTIES.map((party) => bringUp(party, infrastructure, options, report, (member) => void members.push(member))),
    );
    for (const result of started) if (result.status === "rejected") throw result.reason;
    const member = (name: PartyName): Member => {
      const found = members.find(({ party }) => party.name === name);
      if (found === undefined) throw new RangeError(name);
      return found;
    };
    const inOrder = PARTIES.map(({ name }) => member(name));
    const { rpcUrl } = chain;
    return { state, rpcUrl, deployment, chain, postgres, isNew, members: inOrder, member, broken, stop: undo.run };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

/** `born` gets the member as soon as there is something to stop. */
async function bringUp(
  party: Party,
  { state, settingsOf }: Infrastructure,
  options: NetworkOptions,
  report: (what: string) => void,
  born: (member: Member) => void,
): Promise<void> {
  const { name } = party;
  const own = state.party(name);
  const signal = options.signal ?? new AbortController().signal;
  const settings: Record<string, string> = { ...(await settingsOf(name)), ...options.settings?.(name) };
  const databaseUrl = settings["DATABASE_URL"] ?? "";
  const memberPort = options.ports.member[name];
  let wanted = true;

  function launch(): RelayerProcess {
    const launched = startRelayer({ name, settings, memberPort, logFile: own.log, processFile: own.process });
    void launched.exited.then((how) => {
      if (wanted && launched === process) report(`the relayer of ${name} ended (${how}); its log is ${own.log}`);
    });
    return launched;
  }

  let process = launch();
  const credentials: { tokens?: RoleTokens } = {};
  const tokens = (): RoleTokens => {
    if (credentials.tokens === undefined) throw new Error(`${name} has no tokens yet`);
    return credentials.tokens;
  };
  born({
    party,
    databaseUrl,
    logFile: own.log,
    peerUrl: peerUrl(options.ports, name),
    client: createMemberClient(name, memberUrl(options.ports, name), tokens),
    get tokens() {
      return tokens();
    },
    get process() {
      return process;
    },
    async down(how) {
      wanted = false;
      await (how === "kill" ? process.kill() : process.stop());
    },
    async up() {
      process = launch();
      wanted = true;
      await process.ready(signal);
    },
  });
  await process.ready(signal);
  credentials.tokens = await obtainTokens(own.tokens, databaseUrl);
}
