/**
 * Relayers reduced to their statistics: chain, outbox, watcher, PostgreSQL, keys, certificates, channel and HTTP are real. Jobs are
 * run by the test. A node lies where a test has it do so, over its own channel and with its own account.
 */
import { join } from "node:path";

import { pino } from "pino";

import { toHex } from "../../protocol/encoding/bytes.ts";
import type { Authority } from "../../protocol/certificates/issue.ts";
import { openChain, type ChainConnection } from "../../relayer/chain/open-chain.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import type { Config } from "../../relayer/config/config.ts";
import type { RelayerContext } from "../../relayer/context.ts";
import { createApp } from "../../relayer/http/app.ts";
import { statisticsRoutes } from "../../relayer/http/member/statistics.ts";
import { channelRoutes } from "../../relayer/http/peer/channel.ts";
import { statisticsPeerRoutes } from "../../relayer/http/peer/statistics.ts";
import { serve, type Serving } from "../../relayer/http/serve.ts";
import { createKeyStore, type KeyStore } from "../../relayer/keys/key-store.ts";
import { createChannel, type Channel } from "../../relayer/services/channel/channel.ts";
import type { ReleaseCall, ShareAnswer } from "../../relayer/services/statistics/releaser.ts";
import { createStatisticsService, type StatisticsService } from "../../relayer/services/statistics/statistics.ts";
import { createAuditLog } from "../../relayer/store/audit-log.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { createIdempotencyStore } from "../../relayer/store/idempotency.ts";
import { createTokens } from "../../relayer/store/tokens.ts";
import { freePort } from "../../scripts/embedded/ports.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import type { Applicant } from "../../scripts/network/admit-members.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "./identities.ts";
import type { TestPlatform } from "./platform.ts";
import { testDatabase, type TestDatabase } from "./postgres.ts";

/** Keys and papers of a member that is not on chain yet. */
export interface Preparation {
  readonly name: string;
  readonly home: string;
  readonly port: number;
  readonly keys: KeyStore;
  readonly given: Partial<Applicant>;
}

export interface StatisticsParty {
  readonly name: string;
  readonly id: number;
  readonly ctx: RelayerContext;
  readonly database: TestDatabase;
  readonly chain: ChainConnection;
  readonly channel: Channel;
  readonly statistics: StatisticsService;
  readonly memberUrl: string;
  readonly keyDir: string;
  /** Bearer of the member API. */
  readonly token: string;
  /** What this node answers instead of what it should. */
  lie: ((call: ReleaseCall, honest: () => Promise<ShareAnswer>) => Promise<ShareAnswer>) | undefined;
  /** Requests for shares that reached it. */
  asked: number;
  up(): Promise<void>;
  down(): Promise<void>;
  /** As after a kill: nothing that was in memory is known. */
  restart(): void;
  close(): Promise<void>;
}

export function statisticsAuthority(): Authority {
  return testAuthority();
}

export async function prepare(authority: Authority, directory: string, name: string): Promise<Preparation> {
  const home = join(directory, name);
  const keys = createKeyStore(join(home, "keys"), random);
  const [identityKey, operatorKey, port] = [await keys.identityKey(), await keys.operatorKey(), await freePort()];
  const { certificate } = certified(authority, name, identityKey);
  await writeCertificates(join(home, "certificate.pem"), certificate);
  await writeTrust(join(home, "trust"), authority.certificate, revocations(authority));
  const certificateDigest = toHex(certificate.digest);
  const endpoint = `http://127.0.0.1:${String(port)}`;
  return { name, home, port, keys, given: { identityKey, operatorKey, certificateDigest, endpoint } };
}

export async function startParty(
  { deployment }: TestPlatform,
  { name, home, port, keys }: Preparation,
  id: number,
): Promise<StatisticsParty> {
  const database = await testDatabase();
  const { db } = database;
  const clock = (): Date => new Date();
  const log = pino({ level: process.env["LOG"] ?? "silent" });
  const operator = createOperatorKey(await keys.operatorKey());
  const cipher = createColumnCipher(await keys.columnKeys(), random);
  const chain = openChain({ rpcUrl: deployment.rpcUrl, deployment, operator, db, clock, log });
  const keyDir = join(home, "keys");
  const config = { keyDir, certificateFile: join(home, "certificate.pem"), trustDir: join(home, "trust") } as Config;
  const ctx = {
    ...{ config, log, db, clock, random, cipher, keys, operator },
    ...{ chain: chain.view, outbox: chain.outbox },
    audit: createAuditLog(db, clock, random),
    jobs: undefined as never,
  };
  const channel = createChannel(ctx);
  // Handlers of the outbox are registered once; what is made anew after a restart shares them.
  const options = { leastKeyBits: 512, recountMs: 0 };
  let statistics = createStatisticsService({ ...ctx, channel }, options);
  chain.watcher.on("CollectionOpened", statistics.onCollectionOpened);
  await chain.start();
  await chain.watcher.look();
  await channel.start();

  const party: StatisticsParty = {
    ...{ name, id, ctx, database, chain, channel, keyDir },
    ...{ lie: undefined, asked: 0, memberUrl: "", token: "" },
    get statistics() {
      return statistics;
    },
    up,
    down,
    restart() {
      const silent = { ...ctx.outbox, onMined: () => undefined, onFailed: () => undefined };
      statistics = createStatisticsService({ ...ctx, outbox: silent, channel }, options);
    },
    async close() {
      await channel.close();
      await down();
      await member.close(0);
      await chain.close();
      await database.close();
    },
  };

  let peer: Serving | undefined;
  const shared = { checks: {}, log: pino({ level: "silent" }), clock };
  const info = { title: { en: name, zh: name }, version: "1" };

  async function up(): Promise<void> {
    const served = {
      get answers() {
        return statistics.answers;
      },
      handOut: (...given: Parameters<StatisticsService["handOut"]>) => statistics.handOut(...given),
      release: (call: ReleaseCall, caller: number) => {
        party.asked += 1;
        const honest = () => statistics.release(call, caller);
        return party.lie === undefined ? honest() : party.lie(call, honest);
      },
    };
    const routes = [...channelRoutes(channel, clock), ...statisticsPeerRoutes(served, channel, chain.view)];
    const app = createApp({ ...shared, routes, info, tokens: undefined, idempotency: undefined });
    peer = await serve(app, { port, bind: "127.0.0.1", service: name });
  }

  async function down(): Promise<void> {
    await peer?.close(0);
    peer = undefined;
  }

  const tokens = createTokens(db, clock, random);
  const app = createApp({
    ...{ ...shared, info, tokens, idempotency: createIdempotencyStore(db, cipher, clock) },
    routes: statisticsRoutes(ctx, {
      get answers() {
        return statistics.answers;
      },
      get collections() {
        return statistics.collections;
      },
    }),
  });
  const member = await serve(app, { port: 0, bind: "127.0.0.1", service: name });
  const { token } = await tokens.create({ role: "compliance", label: "test" });
  Object.assign(party, { memberUrl: `http://127.0.0.1:${String(member.port)}`, token });
  await up();
  return party;
}
