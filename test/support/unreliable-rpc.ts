/** A proxy before the chain's RPC that loses replies, answers in the chain's place, or is away, as the test says. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface UnreliableRpc {
  readonly url: string;
  /** Decides for each call, after the chain has done it, whether the reply gets lost. */
  loses: (method: string) => boolean;
  /** What it answers in place of the chain, which does not hear of the call: `{ error }` or `{ result }`. */
  replies: (method: string, params: readonly unknown[]) => object | undefined;
  /** While true, connections are cut before anything reaches the chain. */
  down: boolean;
  lost(): number;
  close(): Promise<void>;
}

export async function startUnreliableRpc(target: string): Promise<UnreliableRpc> {
  let lost = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await read(request);
      if (rpc.down) {
        request.socket.destroy();
        return;
      }
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
      const instead = rpc.replies(method, params);
      if (instead !== undefined) {
        const reply = { jsonrpc: "2.0", id, ...instead };
        response.setHeader("content-type", "application/json").end(JSON.stringify(reply));
        return;
      }
      const answer = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body })
        .then((reply) => reply.text())
        .catch(() => undefined);
      if (answer === undefined || rpc.loses(method)) {
        lost += 1;
        request.socket.destroy();
        return;
      }
      response.setHeader("content-type", "application/json").end(answer);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const rpc: UnreliableRpc = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    loses: () => false,
    replies: () => undefined,
    down: false,
    lost: () => lost,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return rpc;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
