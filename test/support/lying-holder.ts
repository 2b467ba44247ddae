/**
 * Stands in for a holder's peer API with the holder's own SM2 key and lies where a test says so; everything else it passes on to the
 * real one, in the name of who asked. A member that lies is still a member: its lies are authenticated.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { expect } from "chai";
import { pino } from "pino";

import { createServerBook } from "../../protocol/channel/server-book.ts";
import { RESPONSE_HEADER } from "../../protocol/channel/request-tag.ts";
import { toWire } from "../../protocol/channel/messages.ts";
import { isFault } from "../../protocol/errors/fault.ts";
import { CONFIRMATION_PATH, HELLO_PATH } from "../../relayer/services/channel/agree.ts";
import { createChannelServer, type PeerCaller } from "../../relayer/services/channel/server.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import type { PartyName } from "../../scripts/network/parties.ts";
import { createChannelCaller, type ChannelCaller } from "./channel-caller.ts";
import type { TestNetwork } from "./network.ts";

export interface ToldRequest {
  readonly method: string;
  readonly path: string;
  /** Who asks. */
  readonly caller: number;
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

/** What the channel refuses is answered as a relayer does. */
async function refusing(response: ServerResponse, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isFault(error)) throw error;
    response.writeHead(error.status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ code: error.code }));
  }
}

export async function startLyingHolder(net: TestNetwork, name: PartyName, lie: Lie): Promise<LyingHolder> {
  const proxy = net.proxy(name);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  const { self, network, findPeer, identityOf } = await net.identity(name);
  const channel = createChannelServer({
    ...{ network, findPeer, random, clock: () => new Date(), log: pino({ level: "silent" }) },
    identity: { self: () => Promise.resolve(self), trust: () => net.trust(), look: () => expect.fail("never") },
    book: createServerBook(),
    opened: () => undefined,
  });
  /** The real holder, as each of its callers calls it. */
  const callers = new Map<number, ChannelCaller>();

  async function callerOf(member: number): Promise<ChannelCaller> {
    const known = callers.get(member);
    if (known) return known;
    const caller = createChannelCaller({ self: await identityOf(member), network, trust: await net.trust() });
    callers.set(member, caller);
    return caller;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const body = await buffer(request);
    if (path === HELLO_PATH || path === CONFIRMATION_PATH) {
      const message: unknown = JSON.parse(body.toString());
      await refusing(response, async () => {
        const said = path === HELLO_PATH ? await channel.hello(message) : await channel.confirm(message);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(toWire(said)));
      });
      return;
    }
    await refusing(response, async () => {
      const tag = headers["riskveil-channel"];
      const caller = await channel.verify({ method, path, body }, typeof tag === "string" ? tag : undefined);
      await tell(caller, { method, path, body, range: headers.range }, response);
    });
  }

  async function tell(
    caller: PeerCaller,
    { method, path, body, range }: { method: string; path: string; body: Buffer; range: string | undefined },
    response: ServerResponse,
  ): Promise<void> {
    async function truth(): ReturnType<ToldRequest["truth"]> {
      const real = { member: self.member, url: `http://127.0.0.1:${String(proxy.target)}` };
      const told = await (
        await callerOf(caller.member)
      ).send(real, {
        ...{ method, path, headers: range === undefined ? {} : { range } },
        ...(method === "GET" ? {} : { body: body.toString() }),
      });
      return { status: told.status, headers: told.headers, body: Buffer.from(await told.arrayBuffer()) };
    }
    const send = (status: number, sent: Readonly<Record<string, string>>, content: string | Uint8Array): void => {
      const mac = caller.authenticate(status, Buffer.from(content));
      response.writeHead(status, { ...sent, [RESPONSE_HEADER]: mac });
      response.end(content);
    };
    const told = await lie({ method, path, caller: caller.member, body, truth });
    if (told === "cut") {
      response.destroy();
      return;
    }
    if (told !== undefined) {
      send(told.status ?? 200, { "content-type": "application/json", ...told.headers }, told.body ?? "");
      return;
    }
    const real = await truth();
    const kept = ["content-type", "content-range", "etag"].flatMap((key) => {
      const value = real.headers.get(key);
      return value === null ? [] : [[key, value] as const];
    });
    send(real.status, Object.fromEntries(kept), real.body);
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
