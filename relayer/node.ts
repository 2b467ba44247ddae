/** A relayer put together: store, chain, queue, services and the two APIs, and its orderly end. */
import type { Logger } from "pino";

import type { RandomBytes } from "../protocol/encoding/bytes.ts";
import { readDeployment } from "./chain/deployment.ts";
import { openChain } from "./chain/open-chain.ts";
import { createOperatorKey } from "./chain/operator-key.ts";
import type { Config } from "./config/config.ts";
import type { RelayerContext } from "./context.ts";
import { createApp } from "./http/app.ts";
import { serve } from "./http/serve.ts";
import { createJobs } from "./jobs/create-jobs.ts";
import { createKeyStore } from "./keys/key-store.ts";
import { memberApi, peerApi } from "./routes.ts";
import { createServices } from "./services.ts";
import { EDITION_EVENTS } from "./services/editions/editions.ts";
import { readRatingModel } from "./services/picture/rating-model.ts";
import { createAuditLog } from "./store/audit-log.ts";
import { createColumnCipher } from "./store/column-cipher.ts";
import { migrate, openDatabase } from "./store/database.ts";
import { createIdempotencyStore } from "./store/idempotency.ts";
import { createTokens } from "./store/tokens.ts";

export interface RelayerNode {
  readonly memberPort: number;
  readonly peerPort: number;
  /** Lets requests and jobs in hand finish; what is not done is taken up at the next start. */
  close(): Promise<void>;
}

export async function startNode(config: Config, log: Logger, random: RandomBytes): Promise<RelayerNode> {
  const clock = (): Date => new Date();
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => {
        log.warn({ err: error }, "while stopping");
      });
    }
  };
  try {
    const keys = createKeyStore(config.keyDir, random);
    const operator = createOperatorKey(await keys.operatorKey());
    const cipher = createColumnCipher(await keys.columnKeys(), random);
    const ratingModel = await readRatingModel(config.ratingModelFile);
    const deployment = await readDeployment(config.deploymentFile);

    const db = openDatabase(config.databaseUrl);
    closers.push(() => db.destroy());
    await migrate(db);

    const chain = openChain({ rpcUrl: config.rpcUrl, deployment, operator, db, clock, log });
    closers.push(() => chain.close());

    const jobs = await createJobs({ ...config, log });
    closers.push(() => jobs.close());

    const context: RelayerContext = {
      config,
      log,
      db,
      clock,
      random,
      chain: chain.view,
      outbox: chain.outbox,
      jobs,
      cipher,
      keys,
      operator,
    };
    const idempotency = createIdempotencyStore(db, cipher, clock);
    const audit = createAuditLog(db, clock, random);
    const services = createServices(context, audit, idempotency, ratingModel);
    closers.push(() => services.close());
    chain.watcher.on("CommitmentPublished", (event) => {
      services.onCommitment(String(event.args["dataset"]).toLowerCase());
      return Promise.resolve();
    });

    for (const event of EDITION_EVENTS) chain.watcher.on(event, services.editions.onEvent);
    for (const name of ["RoundPhaseBegun", "RoundCompleted", "RoundFailed", "RoundCalledOff"]) {
      chain.watcher.on(name, () => {
        services.onKeyRound();
        return Promise.resolve();
      });
    }

    const { restore } = services;
    chain.watcher.on("SessionOpened", restore.onSessionOpened);
    chain.watcher.on("LaneSettled", restore.onLaneSettled);
    chain.watcher.on("SessionClosed", restore.onSessionClosed);

    chain.watcher.on("CollectionOpened", services.statistics.onCollectionOpened);

    await chain.start();
    await jobs.start();
    await services.start();

    const checks = {
      db: async () => (await db.selectNoFrom((eb) => eb.lit(1).as("one")).execute()).length === 1,
      chain: async () => (await chain.view.me()).status === "Active",
      queue: () => jobs.healthy(),
    };
    const shared = { checks, log, clock };
    const memberApp = createApp({
      ...shared,
      routes: services.memberRoutes,
      tokens: createTokens(db, clock, random),
      idempotency,
      info: memberApi,
    });
    const peerApp = createApp({
      ...shared,
      routes: services.peerRoutes,
      tokens: undefined,
      idempotency: undefined,
      info: peerApi,
    });
    const peer = await serve(peerApp, { port: config.peerPort, bind: config.bind, service: "peer API" });
    closers.push(() => peer.close());
    const member = await serve(memberApp, { port: config.memberPort, bind: config.bind, service: "member API" });
    closers.push(() => member.close());
    log.info({ member: member.port, peer: peer.port, operator: operator.address }, "relayer is up");
    return { memberPort: member.port, peerPort: peer.port, close };
  } catch (error) {
    await close();
    throw error;
  }
}
