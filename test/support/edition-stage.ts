/**
 * A consortium that makes editions: a real chain, a database and a peer API over HTTP for each member, keys that the test
 * deals. Parts of the work run when a test says so, so that it can stop between any two.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pino } from "pino";

import { contributionKey } from "../../protocol/aggregate/elgamal.ts";
import { concatBytes, toHex } from "../../protocol/encoding/bytes.ts";
import type { Scalar } from "../../protocol/group/group.ts";
import { encodeKeySet } from "../../protocol/threshold/key-set.ts";
import { KEY_PURPOSES } from "../../protocol/key-round/round.ts";
import type { EditionInfo, EditionStatus, KeyPurpose } from "../../relayer/chain/computation-view.ts";
import { openChain, type ChainConnection } from "../../relayer/chain/open-chain.ts";
import type { RelayerContext } from "../../relayer/context.ts";
import { createApp } from "../../relayer/http/app.ts";
import { aggregateRoutes } from "../../relayer/http/peer/aggregate.ts";
import { channelRoutes } from "../../relayer/http/peer/channel.ts";
import type { Route } from "../../relayer/http/route.ts";
import { serve, type Serving } from "../../relayer/http/serve.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { createOprfPool } from "../../relayer/oprf-pool/pool.ts";
import { createChannel, type Channel } from "../../relayer/services/channel/channel.ts";
import type { KeyShares } from "../../relayer/services/editions/edition-context.ts";
import { createEditions, type Editions } from "../../relayer/services/editions/editions.ts";
import { createPublishService, type PublishService } from "../../relayer/services/publish/publish-service.ts";
import type { PublishableSubject } from "../../relayer/services/records/publishable.ts";
import { createAuditLog } from "../../relayer/store/audit-log.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import { secretOf, trustedKey, type DealtKey } from "../protocol/threshold/ceremony.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "./identities.ts";
import { label, startTestPlatform, type TestMember, type TestPlatform } from "./platform.ts";
import { testDatabase, type TestDatabase } from "./postgres.ts";
import { publishableOf } from "./publishable.ts";

const NODES = 4;
const THRESHOLD = 2;
export const STAGE_SECONDS = 3_000;
export const COLLECTING_SECONDS = 3_600;
/** From one edition to the next; a test that wants another one lets it pass. */
export const PERIOD_SECONDS = 7_200;
/** Joining, Dealing, Complaining, Extracting, Disputing, in which the contract reads nothing. */
const ALL_PURPOSES = (1 << KEY_PURPOSES.length) - 1;
const PHASES = [1, 2, 3, 5, 6] as const;
const RESHARING_PHASES = [1, 2, 3] as const;
const DEALING = 2;
const EMPTY_PHASES: readonly number[] = [3, 6];
const CONFIRMING = 8;

export interface Party {
  readonly name: string;
  readonly member: TestMember;
  readonly database: TestDatabase;
  readonly ctx: RelayerContext;
  /** What its dataset holds; published when a test says so. */
  subjects: PublishableSubject[];
  /** Its shares as a node; a test may take them away or exchange them. */
  shares: KeyShares;
  readonly editions: Editions;
  readonly publishing: PublishService;
  readonly log: () => readonly Record<string, unknown>[];
  /** Registers the dataset and publishes, or publishes anew. */
  publish(): Promise<void>;
  /** Stops serving and working, as a machine that is down. */
  down(): Promise<void>;
  readonly isUp: () => boolean;
  up(): Promise<void>;
  /** As after kill -9: another service on the same store and files. What ran is not waited for. */
  reborn(): Promise<void>;
}

export interface EditionStage {
  readonly platform: TestPlatform;
  readonly keys: Readonly<Record<KeyPurpose, DealtKey>>;
  readonly contributionKey: Uint8Array;
  readonly aggregator: Party;
  /** Of all of them but the aggregator; each is a node and a holder. */
  readonly firms: readonly Party[];
  readonly parties: readonly Party[];
  /** Runs all parts of all parties that are up until `done`, or fails after `rounds`. */
  work(done: () => Promise<boolean>, rounds?: number): Promise<void>;
  /** The same until the edition is in that status, as it is then. */
  reach(edition: number, status: EditionStatus): Promise<EditionInfo>;
  /** Has the next edition opened; nobody contributes yet. */
  open(edition: number): Promise<void>;
  /** Everybody sees what is on chain now. */
  look(): Promise<void>;
  /** Moves ledger time. */
  pass(seconds: number): Promise<void>;
  /** Mirrored by all that are up. */
  published(edition: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly leastRows?: number;
  /** Members beside them that could be aggregators too. */
  readonly spares?: readonly string[];
  /** Wraps the routes that a party serves. */
  readonly routes?: (party: string, routes: readonly Route[]) => readonly Route[];
}

export async function startEditionStage({
  leastRows = 4,
  spares = [],
  routes = (_, all) => all,
}: StageOptions = {}): Promise<EditionStage> {
  const platform = await startTestPlatform(0);
  const directory = await mkdtemp(join(tmpdir(), "riskveil-editions-"));
  const authority = testAuthority();
  const keys = Object.fromEntries(
    KEY_PURPOSES.map((purpose) => [purpose, trustedKey({ threshold: THRESHOLD, nodes: NODES })]),
  ) as Record<KeyPurpose, DealtKey>;

  async function enter(name: string, kind: "SecuritiesFirm" | "NodeOperator", index: number): Promise<Party> {
    const home = join(directory, name);
    const store = createKeyStore(join(home, "keys"), random);
    const identityKey = await store.identityKey();
    const credential = certified(authority, name, identityKey);
    const certificateFile = join(home, "certificate.pem");
    const trustDir = join(home, "trust");
    await writeCertificates(certificateFile, credential.certificate);
    await writeTrust(trustDir, authority.certificate, revocations(authority));
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${String(port)}`;
    const certificateDigest = toHex(credential.certificate.digest);
    const member = await platform.admit(name, { kind, endpoint, identityKey, certificateDigest });
    const database = await testDatabase();
    const cipher = createColumnCipher(await store.columnKeys(), random);
    const lines: Record<string, unknown>[] = [];
    const log = pino(
      { level: "info" },
      { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const config = {
      name,
      dataDir: join(home, "data"),
      keyDir: join(home, "keys"),
      suite: 1,
      certificateFile,
      trustDir,
    };
    let chain: ChainConnection;
    let channel: Channel;
    let serving: Serving | undefined;
    let editions: Editions;
    let publishing: PublishService;
    let ctx: RelayerContext;

    async function begin(): Promise<void> {
      chain = openChain({
        ...{ rpcUrl: platform.deployment.rpcUrl, deployment: platform.deployment, operator: member.operator },
        ...{ db: database.db, clock: () => new Date(), log },
      });
      const jobs = { process: () => undefined, enqueue: () => Promise.resolve() } as unknown as RelayerContext["jobs"];
      const clock = (): Date => new Date();
      const { view, outbox } = chain;
      ctx = {
        ...{ config, log, db: database.db, clock, random, chain: view, outbox, jobs, cipher, keys: store },
        operator: member.operator,
      } as unknown as RelayerContext;
      const audit = createAuditLog(database.db, clock, random);
      channel = createChannel(ctx);
      const pool = createOprfPool(random);
      const keyShares: KeyShares = { find: (round, purpose) => party.shares.find(round, purpose) };
      const limits = { idleMs: 2_000, fruitlessTries: 1, turnMs: 20_000 };
      editions = createEditions({ ...ctx, channel, pool, keyShares, audit }, limits);
      publishing = createPublishService(
        { ...ctx, audit },
        { threads: 1, collect: () => publishableOf(party.subjects) },
      );
      await chain.start();
      await listen();
      await channel.start();
    }

    async function listen(): Promise<void> {
      const all = [
        ...channelRoutes(channel, () => new Date()),
        ...aggregateRoutes(editions.desk, editions.files, channel),
      ];
      const app = createApp({
        routes: routes(name, all),
        ...{ info: { title: { en: "peer", zh: "peer" }, version: "1" }, checks: {}, clock: () => new Date() },
        ...{ log, tokens: undefined, idempotency: undefined },
      });
      serving = await serve(app, { port, bind: "127.0.0.1", service: name });
    }

    async function down(): Promise<void> {
      await serving?.close(0);
      serving = undefined;
    }

    const party: Party & { end(): Promise<void> } = {
      ...{ name, member, database, subjects: [] },
      shares: {
        find: (_, purpose) => {
          const share = keys[purpose].shares[index - 1];
          return Promise.resolve(share && { keys: keys[purpose].keys, share });
        },
      },
      get ctx() {
        return ctx;
      },
      get editions() {
        return editions;
      },
      get publishing() {
        return publishing;
      },
      log: () => lines,
      async publish() {
        await chain.watcher.look();
        if (!(await ctx.chain.datasets()).some(({ holder }) => holder === member.id)) {
          const acting = platform.actingAs(member);
          await platform.mined(acting.datasetRegistry.registerDataset(label("CREDIT"), [label("B"), label("C")]));
          await chain.watcher.look();
        }
        const { intentKey } = await publishing.publishDataset("CREDIT", { force: true });
        await ctx.outbox.wait(intentKey, 30_000);
        await chain.watcher.look();
      },
      down,
      isUp: () => serving !== undefined,
      up: listen,
      async reborn() {
        await down();
        void editions.close().catch(() => undefined);
        await channel.close();
        await chain.close();
        await begin();
      },
      async end() {
        await down();
        await editions.close();
        await channel.close();
        await chain.close();
        await database.close();
      },
    };
    await begin();
    return party;
  }

  const aggregator = await enter("collector", "NodeOperator", 0);
  const firms: Party[] = [];
  for (const [at, name] of ["alpha", "beta", "gamma", "delta"].entries()) {
    firms.push(await enter(name, "SecuritiesFirm", at + 1));
  }
  const others: Party[] = [];
  for (const name of spares) others.push(await enter(name, "NodeOperator", 0));
  const parties = [aggregator, ...firms, ...others];

  await appointNodes(platform, firms, keys);
  await platform.mined(
    platform.governance.consortiumTables.setTerms({
      ...{ aggregator: aggregator.member.id, leastContributors: 3, leastRows },
      ...{ period: PERIOD_SECONDS, collecting: COLLECTING_SECONDS, stage: STAGE_SECONDS },
    }),
  );

  async function look(): Promise<void> {
    for (const { ctx } of parties) ctx.chain.invalidate();
    await Promise.resolve();
  }

  const stage: EditionStage = {
    ...{ platform, keys, aggregator, firms, parties, look },
    contributionKey: contributionKey(keys.query.keys.publicKey, keys.layer.keys.publicKey),
    async work(done, rounds = 40) {
      for (let round = 0; round < rounds; round += 1) {
        await look();
        if (await done()) return;
        await Promise.all(
          parties.map(async ({ editions, isUp }) => {
            if (!isUp()) return;
            for (const part of ["contribute", "aggregate", "strip", "mirror", "clean"] as const)
              await editions.run(part);
          }),
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { computation } = aggregator.ctx.chain;
      const warnings = parties.flatMap(({ name, log }) =>
        log()
          .slice(-3)
          .map((line) => [name, line["msg"], line["code"]]),
      );
      const at = await computation.edition(await computation.editionCount());
      throw new Error(`not done: ${JSON.stringify({ at, warnings })}`);
    },
    async reach(edition, status) {
      await stage.work(async () => (await aggregator.ctx.chain.computation.edition(edition))?.status === status);
      return (await aggregator.ctx.chain.computation.edition(edition))!;
    },
    async open(edition) {
      if (edition > 1) await stage.pass(PERIOD_SECONDS);
      while ((await aggregator.ctx.chain.computation.editionCount()) < edition) {
        await aggregator.editions.run("aggregate");
        await new Promise((resolve) => setTimeout(resolve, 50));
        await look();
      }
    },
    async pass(seconds) {
      await platform.provider.send("evm_increaseTime", [seconds]);
      await platform.provider.send("evm_mine", []);
      await look();
    },
    async published(edition) {
      const up = parties.filter(({ isUp }) => isUp());
      const at = await Promise.all(up.map(({ editions }) => editions.mirror.newest()));
      return at.every((newest) => newest?.edition === edition);
    },
    async close() {
      for (const party of parties) await (party as Party & { end(): Promise<void> }).end();
      await platform.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return stage;
}

/** The firms become nodes, and a round on chain ends with the keys that the test dealt. */
async function appointNodes(
  platform: TestPlatform,
  firms: readonly Party[],
  keys: Readonly<Record<KeyPurpose, DealtKey>>,
): Promise<void> {
  for (const { member } of firms) {
    await platform.mined(platform.actingAs(member).algorithmNodes.register());
    await platform.mined(platform.governance.algorithmNodes.activate(member.id));
  }
  const ids = firms.map(({ member }) => member.id);
  await platform.mined(platform.governance.keyRounds.begin(ALL_PURPOSES, THRESHOLD, ids, 0, 3_600));
  await speak(platform, 1, PHASES, () => firms);
  await confirm(platform, 1, firms, keys);
}

/** The keys go to `to`, dealt anew by the test. @returns the round and what each of `to` has of the keys, in their order */
export async function reshare({ platform, firms, keys }: EditionStage, to: readonly Party[], basis: number) {
  const parameters = { threshold: THRESHOLD, nodes: to.length };
  const anew = Object.fromEntries(
    KEY_PURPOSES.map((purpose) => [purpose, trustedKey(parameters, secretOf(keys[purpose].shares) as Scalar)]),
  ) as Record<KeyPurpose, DealtKey>;
  const { keyRounds } = platform.governance;
  const ids = to.map(({ member }) => member.id);
  await platform.mined(keyRounds.begin(ALL_PURPOSES, THRESHOLD, ids, basis, 3_600));
  const round = Number(await platform.contracts.keyRounds.roundCount());
  await speak(platform, round, RESHARING_PHASES, (phase) => (phase === DEALING ? firms : to));
  await confirm(platform, round, to, anew);
  return { round, keys: anew };
}

async function speak(
  platform: TestPlatform,
  round: number,
  phases: readonly number[],
  speakers: (phase: number) => readonly Party[],
): Promise<void> {
  for (const phase of phases) {
    const message = EMPTY_PHASES.includes(phase) ? "0x" : "0x01";
    for (const { member } of speakers(phase)) {
      await platform.mined(platform.actingAs(member).keyRounds.post(round, phase, message));
    }
  }
}

async function confirm(
  platform: TestPlatform,
  round: number,
  nodes: readonly Party[],
  keys: EditionStage["keys"],
): Promise<void> {
  const sets = toHex(concatBytes(...KEY_PURPOSES.map((purpose) => encodeKeySet(keys[purpose].keys))));
  for (const { member } of nodes) {
    await platform.mined(platform.actingAs(member).keyRounds.post(round, CONFIRMING, sets));
  }
}
