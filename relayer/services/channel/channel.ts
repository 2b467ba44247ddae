/**
 * The SM2-authenticated channel between this relayer and the others: both sides of it, and what keeps them true. Once a second
 * the identity's files are looked at, sessions are agreed on where they are missing, and those whose certificate is no longer
 * in force are closed. Whether a member is active and its certificate registered is asked at every request.
 */
import { setImmediate as breathe } from "node:timers/promises";

import { createClientBook } from "../../../protocol/channel/client-book.ts";
import { createServerBook } from "../../../protocol/channel/server-book.ts";
import { recheckPeer, type ClientSession, type ServerSession } from "../../../protocol/channel/session.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import { createChannelClient, type PeerChannel } from "./client.ts";
import { createIdentity } from "./identity.ts";
import { createFindPeer } from "./peers.ts";
import { createChannelServer, type ChannelServer } from "./server.ts";

export type ChannelDependencies = Parameters<typeof createIdentity>[0] & Pick<RelayerContext, "random">;

export interface Channel extends ChannelServer, PeerChannel {
  /** Reads the identity, and begins to agree with everybody. @throws Fault of {@link createIdentity}'s `self` */
  start(): Promise<void>;
  /** What is otherwise done every second. */
  tend(): Promise<void>;
  close(): Promise<void>;
}

const EVERY_MS = 1_000;

export function createChannel(ctx: ChannelDependencies): Channel {
  const { chainId, addresses } = ctx.chain.deployment;
  const network = { chainId, memberRegistry: addresses.memberRegistry };
  const identity = createIdentity(ctx);
  const findPeer = createFindPeer(ctx.chain);
  const [calls, called] = [createClientBook(), createServerBook()];
  const shared = { ...ctx, network, identity, findPeer };
  const client = createChannelClient({ ...shared, book: calls });
  const server = createChannelServer({
    ...shared,
    book: called,
    opened: (member) => {
      client.seen(member);
    },
  });
  let timer: NodeJS.Timeout | undefined;
  let tending: Promise<void> | undefined;
  let closed = false;

  async function tend(): Promise<void> {
    const changes = await identity.look();
    if (changes.certificate) client.renewAll();
    if (changes.trust) await recheck();
    await client.agreeAhead();
  }

  /** 3 ms a session: requests are let in between. */
  async function recheck(): Promise<void> {
    const trust = await identity.trust();
    const closeIf = async <S extends ClientSession | ServerSession>(
      sessions: readonly S[],
      drop: (session: S) => void,
    ) => {
      for (const session of sessions) {
        await breathe();
        try {
          recheckPeer(session, trust, ctx.clock().getTime() / 1000);
        } catch (error) {
          if (!isFault(error)) throw error;
          ctx.log.warn({ peer: session.peer, code: error.code }, "session closed");
          drop(session);
        }
      }
    };
    await closeIf(called.sessions(), ({ id }) => {
      called.drop(id);
    });
    await closeIf(calls.sessions(), ({ id }) => {
      calls.drop(id);
    });
  }

  function tendOften(): void {
    if (tending !== undefined || closed) return;
    tending = tend()
      .catch((error: unknown) => {
        ctx.log.warn({ code: isFault(error) ? error.code : "INTERNAL", err: error }, "sessions are looked after later");
      })
      .finally(() => {
        tending = undefined;
      });
  }

  return {
    hello: server.hello,
    confirm: server.confirm,
    verify: server.verify,
    authenticate: client.authenticate,
    tend,
    async start() {
      await identity.trust();
      timer = setInterval(tendOften, EVERY_MS);
      tendOften();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await client.close();
      await tending;
    },
  };
}
