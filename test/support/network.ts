/**
 * The whole network with small data for the end-to-end tests: one for each mocha process, started by the first test that
 * asks, stopped after the last. Every peer API stands behind a proxy that records what passes.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { JsonRpcProvider } from "ethers";
import { sql, type Kysely } from "kysely";
import { after } from "mocha";

import type { Trust } from "../../protocol/certificates/validate-chain.ts";
import type { ChannelNetwork, LocalIdentity } from "../../protocol/channel/parties.ts";
import { bytesEqual } from "../../protocol/encoding/bytes.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import { createChainView } from "../../relayer/chain/create-chain-view.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createKeyStore, type KeyStore } from "../../relayer/keys/key-store.ts";
import { readCredentials, readTrust } from "../../relayer/services/channel/identity-files.ts";
import { createFindPeer, type FindPeer } from "../../relayer/services/channel/peers.ts";
import type { QueryView } from "../../relayer/services/query/query-view.ts";
import { openDatabase } from "../../relayer/store/database.ts";
import type { Database } from "../../relayer/store/schema.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { waitForFirstEdition } from "../../scripts/network/load/first-edition.ts";
import { loadSample } from "../../scripts/network/load/sample.ts";
import { startNetwork, type Member, type Network } from "../../scripts/network/network.ts";
import { PARTIES, type PartyName } from "../../scripts/network/parties.ts";
import { planFreePorts } from "../../scripts/network/port-plan.ts";
import type { Terminal } from "../../scripts/network/progress.ts";
import { createUndo } from "../../scripts/network/undo.ts";
import { until } from "../../scripts/network/waiting.ts";
import type { Expectations } from "../../scripts/sample-data/expectations.ts";
import { publishedBooks, type PublishedBooks } from "./plain-sums.ts";
import { startRecordingProxy, type HttpExchange, type RecordingProxy } from "./recording-proxy.ts";

const SUBJECTS_PER_FIRM = 300;
/** One edition is enough, and its transactions would be in the way of tests that look at all of the chain. */
const EDITION_PERIOD_S = 86_400;
const SEED = 20_250_101;
/** Of anchoring and settling: nobody should wait for them longer than needed. */
const WINDOW_MS = "1000";
const PATIENCE_S = 300;

export interface AskedSubject {
  readonly scheme: string;
  readonly number: string;
  readonly authorisation?: string;
}

export interface AskOptions {
  /** CREDIT_GRANTING unless said. */
  readonly purpose?: string;
  readonly holders?: "all" | readonly PartyName[];
  /** "detail" unless said. */
  readonly mode?: "detail" | "aggregate" | "both";
  readonly idempotencyKey?: string;
}

export interface TestNetwork {
  readonly network: Network;
  readonly expectations: Expectations;
  readonly provider: JsonRpcProvider;
  /** For reading. */
  readonly contracts: PlatformContracts;
  member(name: PartyName): Member;
  /** A connection of the test's own to that party's database. */
  database(name: PartyName): Kysely<Database>;
  /** The key directory of that party's relayer. */
  keys(name: PartyName): KeyStore;
  operator(name: PartyName): Promise<OperatorKey>;
  /** What that party's relayer is in the channel. */
  identity(name: PartyName): Promise<PartyIdentity>;
  /** What all relayers of the network trust. */
  trust(): Promise<Trust>;
  /** Member id on chain. */
  memberId(name: PartyName): Promise<number>;
  /** Everything that passed that party's peer API since the start. */
  traffic(name: PartyName): HttpExchange[];
  /** The proxy before that party's peer API. */
  proxy(name: PartyName): RecordingProxy;
  /** A request of the member API as it is; neither status nor body is judged. */
  call(name: PartyName, role: string, path: string, init?: RequestInit): Promise<Response>;
  /** Asks with `Prefer: wait=` and waits until the answer is final. */
  ask(name: PartyName, subjects: readonly AskedSubject[], options?: AskOptions): Promise<QueryView>;
  /** Gives `name` an authorisation to query each number (cn-resident-id) for all purposes; returns them as subjects to ask. */
  authorise(name: PartyName, numbers: readonly string[]): Promise<AskedSubject[]>;
  /** Waits until all leaves of the query are on chain. */
  anchored(name: PartyName, query: string): Promise<void>;
  /** Waits until no holder has an evaluation that is not settled on chain. */
  settled(): Promise<void>;
  /** Waits for an answer of `ask` that is not undefined. */
  wait<T>(work: string, ask: () => Promise<T | undefined>): Promise<T>;
}

export interface PartyIdentity {
  readonly self: LocalIdentity;
  readonly network: ChannelNetwork;
  readonly findPeer: FindPeer;
  /** Of another party. */
  identityOf(member: number): Promise<LocalIdentity>;
}

let started: Promise<TestNetwork> | undefined;
const undo = createUndo((line) => process.stderr.write(`${line}\n`));

/** The mocha process's network. Its start takes some ten seconds: call it in a `before` with time for it. */
export function testNetwork(): Promise<TestNetwork> {
  started ??= start();
  return started;
}

let firstBooks: PublishedBooks | undefined;

/** What the parties had when the first edition was made. */
export function booksOfFirstEdition(): PublishedBooks {
  if (firstBooks === undefined) throw new RangeError("the network is not there yet");
  return firstBooks;
}

/** For the `before` that may be the first to ask for the network. */
export const NETWORK_START_MS = 900_000;

// Outside any describe: mocha runs it once, after all files.
after(async function () {
  this.timeout(480_000);
  await started?.catch(() => undefined);
  await undo.run();
});

async function start(): Promise<TestNetwork> {
  const stateDir = join(tmpdir(), `riskveil-e2e-${randomBytes(8).toString("hex")}`);
  const forget = (): void => rmSync(stateDir, { recursive: true, force: true });
  // Also when the process ends without its last hook.
  process.once("exit", forget);
  undo.add(forget);

  const ports = await planFreePorts();
  const behind = new Map<PartyName, number>();
  for (const { name } of PARTIES) behind.set(name, await freePort());
  const network = await startNetwork({
    stateDir,
    ports,
    durable: false,
    editionPeriod: EDITION_PERIOD_S,
    settings: (name) => ({
      // On chain stands the port of the proxy.
      RISKVEIL_PEER_PORT: String(behind.get(name)),
      RISKVEIL_ANCHOR_WINDOW_MS: WINDOW_MS,
      RISKVEIL_SETTLE_WINDOW_MS: WINDOW_MS,
      RISKVEIL_LOG_LEVEL: "trace",
      // Whatever the environment says: tests look into the queue's tables.
      REDIS_URL: "",
    }),
  });
  undo.add(() => network.stop());
  const proxies = new Map<PartyName, RecordingProxy>();
  for (const { name } of PARTIES) {
    const proxy = await startRecordingProxy(ports.peer[name], behind.get(name) ?? 0);
    undo.add(() => proxy.close());
    proxies.set(name, proxy);
  }
  const signal = brokenSignal(network);
  const expectations = await loadSample({
    network,
    seed: SEED,
    subjectsPerMember: SUBJECTS_PER_FIRM,
    terminal: silent,
    signal,
  });
  await waitForFirstEdition({ network, subjectsPerMember: SUBJECTS_PER_FIRM, signal, progress: () => undefined });
  const provider = createProvider(network.rpcUrl, network.deployment.chainId);
  undo.add(() => provider.destroy());
  const net = handle(network, expectations, provider, proxies, signal);
  // Before any test changes what the parties have.
  firstBooks = await publishedBooks(net);
  return net;
}

function handle(
  network: Network,
  expectations: Expectations,
  provider: JsonRpcProvider,
  proxies: ReadonlyMap<PartyName, RecordingProxy>,
  signal: AbortSignal,
): TestNetwork {
  const { member } = network;
  const contracts = connectContracts(network.deployment.addresses, provider);
  const databases = new Map<PartyName, Kysely<Database>>();

  function database(name: PartyName): Kysely<Database> {
    const open = databases.get(name);
    if (open !== undefined) return open;
    const db = openDatabase(member(name).databaseUrl, { max: 2 });
    databases.set(name, db);
    undo.add(() => db.destroy());
    return db;
  }

  const keys = (name: PartyName): KeyStore =>
    createKeyStore(network.state.party(name).keys, (length) => new Uint8Array(randomBytes(length)));

  function wait<T>(work: string, ask: () => Promise<T | undefined>): Promise<T> {
    return until({ name: "the test", work, seconds: PATIENCE_S, signal }, ask);
  }

  async function call(name: PartyName, role: string, path: string, init: RequestInit = {}): Promise<Response> {
    const { client, tokens } = member(name);
    const headers = new Headers(init.headers);
    const token = (tokens as Readonly<Record<string, string>>)[role];
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    return fetch(client.url + path, { ...init, headers });
  }

  async function ask(name: PartyName, subjects: readonly AskedSubject[], options: AskOptions = {}): Promise<QueryView> {
    const { purpose = "CREDIT_GRANTING", holders = "all", mode = "detail", idempotencyKey } = options;
    const response = await call(name, "credit_officer", "/v1/queries", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        prefer: "wait=30",
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      body: JSON.stringify({ subjects, purpose, mode, holders }),
    });
    const text = await response.text();
    if (response.status !== 202) throw new Error(`asking as ${name}: ${String(response.status)} ${text}`);
    const { id, query } = JSON.parse(text) as { id: string; query?: QueryView };
    if (query?.final === true) return query;
    return wait(`query ${id}`, async () => {
      const view = (await member(name).client.get("credit_officer", `/v1/queries/${id}`)) as QueryView;
      return view.final ? view : undefined;
    });
  }

  async function authorise(name: PartyName, numbers: readonly string[]): Promise<AskedSubject[]> {
    const { client } = member(name);
    const batch = randomBytes(4).toString("hex").toUpperCase();
    const subjects = numbers.map((number, i) => ({
      scheme: "cn-resident-id",
      number,
      authorisation: `T-${batch}-${String(i)}`,
    }));
    const { id } = (await client.upload(
      "data_officer",
      "/v1/imports/authorisations",
      authorisationsFile(subjects),
    )) as {
      id: string;
    };
    await wait(`authorisations of ${name}`, async () => {
      const { state, report } = (await client.get("data_officer", `/v1/imports/${id}`)) as {
        state: string;
        report: unknown;
      };
      if (state === "waiting" || state === "running") return undefined;
      if (state !== "done") throw new Error(`authorisations of ${name}: ${state} ${JSON.stringify(report)}`);
      return true;
    });
    return subjects;
  }

  const { chainId, addresses } = network.deployment;
  const view = createChainView({
    provider,
    deployment: network.deployment,
    operator: addresses.memberRegistry,
    clock: () => new Date(),
  });

  async function selfOf(name: PartyName): Promise<LocalIdentity> {
    const member = Number(await contracts.memberRegistry.memberByName(name));
    const [digests, held] = [
      await view.certificateDigests(member),
      await readCredentials(network.state.party(name).certificate, keys(name)),
    ];
    const current = held.findLast(({ certificate }) =>
      digests.some((digest) => bytesEqual(digest, certificate.digest)),
    );
    if (!current) throw new Error(`${name} has no certificate`);
    return { member, ...current };
  }

  async function identity(name: PartyName): Promise<PartyIdentity> {
    return {
      self: await selfOf(name),
      network: { chainId, memberRegistry: addresses.memberRegistry },
      findPeer: createFindPeer(view),
      async identityOf(member) {
        const info = await contracts.memberRegistry.getMember(member);
        return await selfOf(info.name as PartyName);
      },
    };
  }

  return {
    network,
    expectations,
    provider,
    contracts,
    member,
    database,
    keys,
    operator: async (name) => createOperatorKey(await keys(name).operatorKey()),
    identity,
    trust: () => readTrust(network.state.party("alpha").trust),
    memberId: async (name) => Number(await contracts.memberRegistry.memberByName(name)),
    proxy(name) {
      const proxy = proxies.get(name);
      if (proxy === undefined) throw new RangeError(name);
      return proxy;
    },
    traffic: (name) => proxies.get(name)?.exchanges() ?? [],
    call,
    ask,
    authorise,
    async anchored(name, query) {
      await wait(`anchoring of query ${query}`, async () => {
        const leaves = await database(name)
          .selectFrom("query_leaves as l")
          .leftJoin("chain_intents as i", (join) =>
            join.on("i.key", "=", sql<string>`concat('anchor:', l.session, ':', l.batch)`),
          )
          .select("i.state")
          .where("l.query_id", "=", query)
          .execute();
        return leaves.length > 0 && leaves.every(({ state }) => state === "mined") ? true : undefined;
      });
    },
    async settled() {
      await wait("settlement", async () => {
        for (const { name } of PARTIES) {
          const open = await database(name)
            .selectFrom("holder_lanes")
            .select("lane")
            .whereRef("settled_count", "<", "count")
            .limit(1)
            .execute();
          if (open.length > 0) return undefined;
        }
        return true;
      });
    },
    wait,
  };
}

function authorisationsFile(subjects: readonly AskedSubject[]): Uint8Array {
  const columns = [
    ...["authorisation_id", "document_type", "document_number", "instrument", "document_sm3", "scope"],
    ...["purposes", "signed_on", "valid_until", "cohort", "notice_date", "notice_means"],
  ];
  const lines = subjects.map(({ scheme, number, authorisation = "" }) =>
    [
      ...[authorisation, scheme, number, "客户授权协议", randomBytes(32).toString("hex"), "query"],
      ...["全部", "2024-01-02", "2044-01-01", "增量", "2024-01-02", "书面"],
    ].join(","),
  );
  return Buffer.from([columns.join(","), ...lines, ""].join("\r\n"), "utf8");
}

/** Aborts when a part ends by itself: whatever waits for it would wait in vain. */
function brokenSignal(network: Network): AbortSignal {
  const controller = new AbortController();
  void network.broken.then((what) => {
    controller.abort(new Error(`the network broke: ${what}`));
  });
  return controller.signal;
}

const silent: Terminal = {
  line: () => undefined,
  stage: () => ({ update: () => undefined, done: () => undefined }),
  interrupt: () => undefined,
};
