import type { Kysely } from "kysely";
import type { Logger } from "pino";

import type { RandomBytes } from "../protocol/encoding/bytes.ts";
import type { ChainView } from "./chain/chain-view.ts";
import type { OperatorKey } from "./chain/operator-key.ts";
import type { Outbox } from "./chain/outbox.ts";
import type { Config } from "./config/config.ts";
import type { Jobs } from "./jobs/jobs.ts";
import type { KeyStore } from "./keys/key-store.ts";
import type { ColumnCipher } from "./store/column-cipher.ts";
import type { Database } from "./store/schema.ts";

/** What a relayer's services are built from. Assembled once, in main.ts; a test passes its own. */
export interface RelayerContext {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Kysely<Database>;
  /** Wall clock. Deadlines that money depends on use `chain.ledgerTime()` instead. */
  readonly clock: () => Date;
  readonly random: RandomBytes;
  readonly chain: ChainView;
  readonly outbox: Outbox;
  readonly jobs: Jobs;
  readonly cipher: ColumnCipher;
  readonly keys: KeyStore;
  readonly operator: OperatorKey;
}
