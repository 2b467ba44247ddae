/**
 * Ends what the aggregator leaves lying: the contract lets anybody close a collecting or abandon an edition whose time is over.
 * Active nodes and the aggregator of the current terms do it one after the other, so that the chain hears it once.
 */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { callTables } from "./edition-calls.ts";
import type { EditionContext } from "./edition-context.ts";

/** How much later than the one before each of them acts. */
export const SPREAD_SECONDS = 30;

export interface EditionEnder {
  /** Of an edition whose aggregator is another member. Nothing is sent while the chain would refuse it. */
  endIfLate(edition: EditionInfo): Promise<void>;
}

export function createEditionEnder(ctx: Pick<EditionContext, "chain" | "db" | "outbox" | "log">): EditionEnder {
  const tables = ctx.chain.contracts.consortiumTables;
  /** Since when, as far as this process saw, the chain would let an edition be abandoned while it is stripped. */
  let late: { readonly edition: number; readonly since: number } | undefined;

  /** Undefined for members that do not end others' editions. The aggregator of the terms is first: it opens the next. */
  async function turnOf(me: number): Promise<number | undefined> {
    const [{ aggregator }, nodes] = await Promise.all([tables.terms(), ctx.chain.computation.nodes()]);
    const active = nodes.filter(({ status }) => status === "Active").map(({ member }) => member);
    const order = [Number(aggregator), ...active.sort((a, b) => a - b)];
    const turn = order.indexOf(me);
    return turn === -1 ? undefined : turn;
  }

  /**
   * Undefined while it may not be ended. All attempts at stripping together have a time that the contract does not tell: it is
   * asked whether that is over. A set that is at work is left its own.
   */
  async function endableSince({ number, status, stageEndsAt }: EditionInfo, now: number): Promise<number | undefined> {
    if (now < stageEndsAt) return undefined;
    if (status !== "Stripping") return stageEndsAt;
    if (late?.edition === number) return Math.max(late.since, stageEndsAt);
    const data = tables.interface.encodeFunctionData("abandon", [number]) as Hex;
    try {
      await ctx.outbox.simulate({ contract: "consortiumTables", data });
    } catch (error) {
      if (isFault(error) && error.code !== "CHAIN_UNREACHABLE") return undefined;
      throw error;
    }
    late = { edition: number, since: now };
    return now;
  }

  return {
    async endIfLate(edition) {
      const { number, status } = edition;
      const turn = await turnOf((await ctx.chain.me()).id);
      if (turn === undefined) return;
      const now = await ctx.chain.ledgerTime();
      const since = await endableSince(edition, now);
      // The edition's own aggregator has the first turn.
      if (since === undefined || now < since + (turn + 1) * SPREAD_SECONDS) return;
      const step = status === "Collecting" ? "close" : "abandon";
      const data =
        step === "close"
          ? tables.interface.encodeFunctionData("close", [number])
          : tables.interface.encodeFunctionData("abandon", [number]);
      const state = await callTables(ctx, `${step}:${String(number)}`, data);
      if (typeof state !== "string") ctx.log.debug({ step, ...state.refused.values }, "not taken by the chain now");
      else if (state === "waiting") ctx.log.warn({ edition: number, step }, "ended for an aggregator that is late");
    },
  };
}
