/** Stands in for a holder's peer API and lies where a test says so; everything else it passes on to the real one. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import type { PartyName } from "../../scripts/network/parties.ts";
import type { TestNetwork } from "./network.ts";

export interface ToldRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** What the real holder answers. */
  truth(): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Buffer }>;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An answer; "cut" to end the connection; undefined to tell the truth. */
export type Lie = (request: ToldRequest) => Promise<Told | "cut" | undefined>;

export interface LyingHolder {
  /** Ends it: the real holder is asked again. */
  stop(): Promise<void>;
}

export async function startLyingHolder(net: TestNetwork, name: PartyName, lie: Lie): Promise<LyingHolder> {
  const proxy = net.proxy(name);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const body = await buffer(request);
    async function truth(): ReturnType<ToldRequest["truth"]> {
      const passed = Object.entries(headers).flatMap(([key, value]) =>
        typeof value === "string" && !["host", "connection", "content-length", "accept-encoding"].includes(key)
          ? [[key, value] as const]
          : [],
      );
      const told = await fetch(`http://127.0.0.1:${String(proxy.target)}${path}`, {
        method,
        headers: Object.fromEntries(passed),
        ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
      });
      return { status: told.status, headers: told.headers, body: Buffer.from(await told.arrayBuffer()) };
    }
    const told = await lie({ method, path, headers, body, truth });
    if (told === "cut") {
      response.destroy();
      return;
    }
    if (told !== undefined) {
      response.writeHead(told.status ?? 200, { "content-type": "application/json", ...told.headers });
      response.end(told.body ?? "");
      return;
    }
    const real = await truth();
    const kept = ["content-type", "content-range", "etag"].flatMap((key) => {
      const value = real.headers.get(key);
      return value === null ? [] : [[key, value] as const];
    });
    response.writeHead(real.status, Object.fromEntries(kept));
    response.end(real.body);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.redirect((server.address() as AddressInfo).port);
  return {
    async stop() {
      proxy.redirect();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
