/** What this relayer asks of others' for statistics. Answers are theirs, and of the right form; nothing more is known of them. */
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { answerSchema, type PublishedAnswer } from "../../../protocol/statistics/published-answer.ts";
import type { RelayerContext } from "../../context.ts";
import type { PeerChannel } from "../channel/client.ts";
import { callPeer, PeerRefusal } from "../peer/peer-call.ts";
import type { ReleaseCall, ShareAnswer } from "./releaser.ts";

export interface StatisticsPeers {
  /** base64url. All: @throws Fault PEER_UNREACHABLE, CHANNEL_*, or a PeerRefusal */
  contribution(member: number, statistic: Hex, period: number): Promise<string>;
  share(node: number, call: ReleaseCall): Promise<ShareAnswer>;
  answer(collector: number, statistic: Hex, period: number): Promise<SaltedAnswer>;
}

export interface SaltedAnswer {
  readonly answer: PublishedAnswer;
  readonly salt: string;
}

const contributionAnswer = z.object({ contribution: z.string() });
const shareAnswer = z.object({ share: z.string(), signature: z.string() });
const saltedAnswer = z.object({ answer: answerSchema, salt: z.string().regex(/^0x[0-9a-f]{64}$/) });

const TIMEOUT_MS = 10_000;
/** A node verifies 128 proofs of 15 ms and makes a share, on a core that others use too. */
const SHARE_TIMEOUT_MS = 60_000;
const SMALL_BYTES = 200_000;
const ANSWER_BYTES = 4_000_000;

export function createStatisticsPeers(
  { chain }: { readonly chain: Pick<RelayerContext["chain"], "member"> },
  channel: PeerChannel,
): StatisticsPeers {
  async function ask<T>(
    member: number,
    call: { path: `/peer/v1/${string}`; body: unknown; limit?: number; timeoutMs?: number },
    schema: z.ZodType<T>,
  ): Promise<T> {
    const { path, body, limit = SMALL_BYTES, timeoutMs = TIMEOUT_MS } = call;
    const peer = await chain.member(member);
    const parsed = schema.safeParse(await callPeer(channel, { peer, path, body, limit, timeoutMs }));
    if (!parsed.success) throw new Fault("PEER_UNREACHABLE", { member }, parsed.error);
    return parsed.data;
  }

  return {
    contribution: async (member, statistic, period) => {
      const call = { path: "/peer/v1/statistics/contribution", body: { statistic, period } } as const;
      return (await ask(member, call, contributionAnswer)).contribution;
    },
    share: (node, body) =>
      ask(node, { path: "/peer/v1/statistics/share", body, timeoutMs: SHARE_TIMEOUT_MS }, shareAnswer),
    answer: (collector, statistic, period) =>
      ask(
        collector,
        { path: "/peer/v1/statistics/answer", body: { statistic, period }, limit: ANSWER_BYTES },
        saltedAnswer,
      ),
  };
}

/** A stable code for what kept another relayer's answer from coming. @throws what is neither a Fault nor a refusal */
export function reasonOf(error: unknown): string {
  if (isFault(error)) return error.code;
  if (error instanceof PeerRefusal) return error.code ?? `status ${String(error.status)}`;
  throw error;
}
