/** A TCP proxy that keeps every byte that passes, so that a test can read what a party received and sent. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface HttpMessage {
  /** Request line or status line, without the line break. */
  readonly start: string;
  /** Names in lower case, in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** As it was on the wire: head, and body with its transfer coding. */
  readonly raw: Buffer;
}

export interface HttpExchange {
  readonly request: HttpMessage;
  /** Absent while it has not come whole. */
  readonly response: HttpMessage | undefined;
}

export interface RecordingProxy {
  /** Everything since the start, in the order in which connections came and requests were sent on them. */
  exchanges(): HttpExchange[];
  /** Port behind it. */
  readonly target: number;
  /** Sends new connections to another port, as to a holder that lies; without one, to the target again. Ends the old ones. */
  redirect(port?: number): void;
  close(): Promise<void>;
}

interface Recording {
  readonly sent: Buffer[];
  readonly received: Buffer[];
}

export async function startRecordingProxy(port: number, target: number): Promise<RecordingProxy> {
  const recordings: Recording[] = [];
  const sockets = new Set<Socket>();
  let behind = target;
  const server = createServer((client) => {
    const recording: Recording = { sent: [], received: [] };
    recordings.push(recording);
    const holder = connect(behind, "127.0.0.1");
    join(client, holder, recording.sent);
    join(holder, client, recording.received);
  });

  function join(from: Socket, to: Socket, kept: Buffer[]): void {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk) => kept.push(chunk));
    from.pipe(to);
    // A side that is gone takes the other along, as without a proxy between them.
    from.on("error", () => to.destroy());
    from.once("close", () => {
      sockets.delete(from);
      to.destroySoon();
    });
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    exchanges: () => recordings.flatMap(exchangesOf),
    target,
    redirect(port = target) {
      behind = port;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function exchangesOf({ sent, received }: Recording): HttpExchange[] {
  const responses = messages(Buffer.concat(received));
  return messages(Buffer.concat(sent)).map((request, i) => ({ request, response: responses[i] }));
}

/** The messages of one direction of a connection (RFC 9112); what is not whole yet is left out. */
function messages(bytes: Buffer): HttpMessage[] {
  const found: HttpMessage[] = [];
  for (let at = 0; ;) {
    const headEnd = bytes.indexOf("\r\n\r\n", at);
    if (headEnd < 0) return found;
    const [start = "", ...lines] = bytes.toString("latin1", at, headEnd).split("\r\n");
    const headers = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const header = (name: string): string | undefined => headers.find(([each]) => each === name)?.[1];
    const bodyAt = headEnd + 4;
    const chunked = header("transfer-encoding") === "chunked";
    const coded = chunked
      ? chunkedBody(bytes, bodyAt)
      : plainBody(bytes, bodyAt, Number(header("content-length") ?? 0));
    if (coded === undefined) return found;
    found.push({ start, headers, body: coded.body, raw: bytes.subarray(at, coded.end) });
    at = coded.end;
  }
}

interface CodedBody {
  readonly body: Buffer;
  readonly end: number;
}

function plainBody(bytes: Buffer, at: number, length: number): CodedBody | undefined {
  return at + length > bytes.length ? undefined : { body: bytes.subarray(at, at + length), end: at + length };
}

function chunkedBody(bytes: Buffer, start: number): CodedBody | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + length + 2;
    if (!(length >= 0) || end > bytes.length) return undefined;
    if (length === 0) return { body: Buffer.concat(chunks), end };
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = end;
  }
}
