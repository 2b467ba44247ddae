/** A relayer's settings, parsed once from the environment. */
export interface Config {
  /** Member's name as registered on chain. */
  readonly name: string;
  readonly databaseUrl: string;
  /** BullMQ runs on PostgreSQL when absent. */
  readonly redisUrl: string | undefined;
  readonly rpcUrl: string;
  /** File with the addresses of the deployed contracts. */
  readonly deploymentFile: string;
  /** Tables and trees that are too large for the database. */
  readonly dataDir: string;
  readonly keyDir: string;
  readonly memberPort: number;
  readonly peerPort: number;
  readonly bind: string;
  readonly logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  /** Sealing suite of tables this relayer publishes: 1 ristretto255-aes256gcm, 2 ristretto255-sm4-hmacsm3. */
  readonly suite: 1 | 2;
  readonly anchorWindowMs: number;
  readonly settleWindowMs: number;
}
