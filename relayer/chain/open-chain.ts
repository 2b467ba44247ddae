/** Everything a relayer has of the chain, made from one deployment file: assembled here once, started and closed together. */
import type { JsonRpcProvider } from "ethers";
import type { Kysely } from "kysely";

import type { Database } from "../store/schema.ts";
import type { ChainView } from "./chain-view.ts";
import { createChainView } from "./create-chain-view.ts";
import { createOutbox } from "./create-outbox.ts";
import type { Deployment } from "./deployment.ts";
import type { OperatorKey } from "./operator-key.ts";
import type { SenderLog } from "./outbox-sender.ts";
import type { Outbox } from "./outbox.ts";
import { createProvider } from "./provider.ts";
import { createWatcher, type Watcher } from "./watcher.ts";

export interface ChainConnection {
  readonly provider: JsonRpcProvider;
  readonly view: ChainView;
  readonly outbox: Outbox;
  readonly watcher: Watcher;
  /** After handlers are registered. @throws Fault CHAIN_WRONG, DEPLOYMENT_CHANGED; a node that is down is waited for. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function openChain(options: {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly operator: OperatorKey;
  readonly db: Kysely<Database>;
  readonly clock: () => Date;
  readonly log: SenderLog;
}): ChainConnection {
  const { rpcUrl, deployment, operator, db, clock, log } = options;
  const provider = createProvider(rpcUrl, deployment.chainId);
  const watcher = createWatcher({ db, provider, deployment, log });
  const view = createChainView({
    provider,
    deployment,
    operator: operator.address,
    clock,
    fresh: () => watcher.fresh(),
  });
  watcher.onChange(view.listener);
  const outbox = createOutbox({ db, provider, deployment, operator, clock, log });

  return {
    provider,
    view,
    outbox,
    watcher,
    async start() {
      await outbox.start();
      watcher.start();
    },
    async close() {
      await Promise.all([outbox.close(), watcher.close()]);
      provider.destroy();
    },
  };
}
