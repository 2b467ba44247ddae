/**
 * Kysely's PostgreSQL, sparing round trips: a transaction's BEGIN goes out with its first statement, and `together` sends
 * statements in one batch, with the COMMIT if they are the last. What runs, in which order and on which snapshot stays
 * the same; only the waiting in between is gone.
 */
import {
  AbortedTransactionError,
  PostgresDialect,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryExecutorProvider,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type pg from "pg";

import { createStatementNames, type StatementNames } from "./prepared-statements.ts";
import { runBatch, type BatchStatement } from "./statement-batch.ts";

/** Statements that `together` can send, as Kysely compiles them, and what they give. */
export type Statements = readonly CompiledQuery[];
export type Results<S extends Statements> = {
  [K in keyof S]: S[K] extends CompiledQuery<infer R> ? QueryResult<R> : never;
};

/**
 * Runs statements one after the other in one round trip. Outside of a transaction either all take effect or none.
 * `commit`: they are the transaction's last, and it is committed with them; the callback of the transaction does nothing
 * after it but return.
 */
export async function together<const S extends Statements>(
  on: QueryExecutorProvider,
  statements: S,
  options: { readonly commit?: boolean } = {},
): Promise<Results<S>> {
  const results = await on
    .getExecutor()
    .provideConnection((connection) => (connection as Connection).together(statements, options.commit ?? false));
  return results as Results<S>;
}

export function createPostgresDialect(pool: pg.Pool): PostgresDialect {
  const dialect = new PostgresDialect({ pool });
  dialect.createDriver = () => createDriver(pool);
  return dialect;
}

interface Connection extends DatabaseConnection {
  together(statements: Statements, commit: boolean): Promise<QueryResult<unknown>[]>;
  begin(settings: TransactionSettings): void;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  release(): void;
}

function createDriver(pool: pg.Pool): Driver {
  const names = createStatementNames();
  const connections = new WeakMap<pg.PoolClient, Connection>();
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      const client = await pool.connect();
      const known = connections.get(client) ?? createConnection(client, names);
      connections.set(client, known);
      return known;
    },
    beginTransaction(connection, settings) {
      (connection as Connection).begin(settings);
      return Promise.resolve();
    },
    commitTransaction: (connection) => (connection as Connection).commit(),
    rollbackTransaction: (connection) => (connection as Connection).rollback(),
    releaseConnection(connection) {
      (connection as Connection).release();
      return Promise.resolve();
    },
    destroy: () => pool.end(),
  };
}

/** "due": the transaction begins with its next statement; "committed": with the statements that were its last. */
type TransactionState = "none" | { readonly due: string } | "open" | "committed";

function createConnection(client: pg.PoolClient, names: StatementNames): Connection {
  let transaction: TransactionState = "none";
  let broken = false;

  const named = (text: string, values: readonly unknown[]): BatchStatement => ({ name: names(text), text, values });

  async function alone({ sql, parameters }: CompiledQuery): Promise<pg.QueryResult> {
    if (parameters.length === 0) return client.query(sql);
    const { name, text, values } = named(sql, parameters);
    return client.query({ ...(name === undefined ? {} : { name }), text, values: [...values] });
  }

  async function run(statements: Statements, commit: boolean): Promise<pg.QueryResult[]> {
    if (transaction === "committed") throw new Error("a statement after its transaction's last");
    const begin = typeof transaction === "object" ? [named(transaction.due, [])] : [];
    if (begin.length > 0) transaction = "open";
    const [first] = statements;
    // Without parameters it may be several statements, which only the simple protocol takes.
    if (statements.length === 1 && first?.parameters.length === 0 && !commit) {
      for (const { text } of begin) await client.query(text);
      return [await alone(first)];
    }
    if (statements.length === 1 && first !== undefined && begin.length === 0 && !commit) return [await alone(first)];
    const end = commit && transaction === "open" ? [named("commit", [])] : [];
    const batch = statements.map(({ sql, parameters }) => named(sql, parameters));
    const results = await runBatch(client, [...begin, ...batch, ...end]);
    if (commit && transaction === "open") transaction = "committed";
    return results.slice(begin.length, begin.length + batch.length);
  }

  return {
    async executeQuery<R>(query: CompiledQuery) {
      const [result] = await told(run([query], false));
      return resultOf(result) as QueryResult<R>;
    },
    together: async (statements, commit) => (await told(run(statements, commit))).map(resultOf),
    streamQuery() {
      throw new Error("rows are not streamed here");
    },
    begin({ isolationLevel, accessMode }) {
      const modes = [isolationLevel === undefined ? "" : `isolation level ${isolationLevel}`, accessMode ?? ""];
      transaction = { due: ["begin", ...modes.filter((mode) => mode !== "")].join(" ") };
    },
    async commit() {
      const open = transaction === "open";
      transaction = "none";
      // PostgreSQL answers ROLLBACK where a statement of the transaction had failed.
      if (open && (await client.query("commit")).command === "ROLLBACK") throw new AbortedTransactionError();
    },
    async rollback() {
      const open = transaction === "open";
      transaction = "none";
      if (!open) return;
      try {
        await client.query("rollback");
      } catch (error) {
        broken = true;
        throw error;
      }
    },
    release() {
      client.release(broken);
    },
  };
}

/** Errors come from the socket's events: the trace of whoever asked is added. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error) error.stack = `${error.stack ?? ""}\n${(new Error().stack ?? "").replace(/^.*\n/, "")}`;
    throw error;
  }
}

function resultOf(result: pg.QueryResult | undefined): QueryResult<unknown> {
  const { command = "", rowCount = 0, rows = [] } = result ?? {};
  const changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command);
  return { ...(changes ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}), rows };
}
