/**
 * Several statements in one message to PostgreSQL and one answer, where node-postgres waits for each before it sends the
 * next: a round trip costs both sides more than our short statements take to run. They run one after the other, each on a
 * snapshot of its own, and end with one Sync: after one that fails PostgreSQL skips all that follow, and outside of a
 * transaction they are one (PostgreSQL, Frontend/Backend Protocol, "Pipelining").
 *
 * To the client a batch is one query; its messages are handed to the statement that they are about.
 */
import pg from "pg";

export interface BatchStatement {
  /** Under which it is prepared; parsed anew each time without. */
  readonly name: string | undefined;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Resolves to one result a statement, in order. Rejects with the error of the first that failed, or of the connection. */
export function runBatch(client: pg.ClientBase, statements: readonly BatchStatement[]): Promise<pg.QueryResult[]> {
  return new Promise((resolve, reject) => {
    const results: pg.QueryResult[] = [];
    let failed = false;
    const done = (error: Error | null | undefined, result: pg.QueryResult): void => {
      failed ||= error instanceof Error;
      if (error) reject(error);
      else if (results.push(result) === statements.length) resolve(results);
    };
    const queries = statements.map(({ name, text, values }) => {
      const config = { text, values: [...values], queryMode: "extended", ...(name === undefined ? {} : { name }) };
      return new pg.Query(config, done) as unknown as Query;
    });
    client.query(batchOf(queries, () => failed));
  });
}

/** What node-postgres' queries and connections have, and their types leave out. */
interface Query {
  submit(connection: Connection): void;
  readonly name: string | undefined;
  readonly text: string;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
}
interface Connection extends pg.Connection {
  /** Names whose Parse was sent and not answered yet. */
  readonly submittedNamedStatements: Record<string, string>;
}

function batchOf(queries: readonly Query[], failed: () => boolean): pg.Submittable {
  let running = 0;
  const forgetUnparsed = ({ submittedNamedStatements }: Connection): void => {
    for (const { name } of queries.slice(running)) Reflect.deleteProperty(submittedNamedStatements, name ?? "");
  };
  const batch: Query = {
    // The client notes by these what has been parsed.
    get name() {
      return queries[running]?.name;
    },
    get text() {
      return queries[running]?.text ?? "";
    },
    submit(connection: Connection) {
      const messages: Uint8Array[] = [];
      const collecting = collect(connection, messages);
      for (const query of queries) query.submit(collecting);
      if (failed()) {
        // A value that has no form in PostgreSQL: its statement is missing, so the others must not run either.
        forgetUnparsed(connection);
        connection.sync();
        return;
      }
      connection.sync.call(collecting);
      connection.stream.write(Buffer.concat(messages));
    },
    handleRowDescription: (message) => queries[running]?.handleRowDescription(message),
    handleDataRow: (message) => queries[running]?.handleDataRow(message),
    handleCommandComplete(message, connection) {
      queries[running]?.handleCommandComplete(message, connection);
      running += 1;
    },
    handleError(error, connection) {
      // What PostgreSQL skipped it has not parsed.
      forgetUnparsed(connection);
      (queries[running] ?? queries[0])?.handleError(error, connection);
    },
    handleReadyForQuery(connection) {
      for (const query of queries) query.handleReadyForQuery(connection);
    },
  };
  return batch as unknown as pg.Submittable;
}

/** The connection, but what is written comes into `messages`, and the Sync after each statement is left out. */
function collect(connection: Connection, messages: Uint8Array[]): Connection {
  const stream = {
    writable: true,
    write: (message: Uint8Array) => messages.push(message) > 0,
    cork: () => undefined,
    uncork: () => undefined,
  };
  return Object.assign(Object.create(connection) as Connection, { stream, sync: () => undefined });
}
