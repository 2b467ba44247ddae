/**
 * Ends what the aggregator leaves lying: the contract lets anybody close a collecting or abandon an edition whose time is over.
 * Active nodes and the aggregator of the current terms do it one after the other, so that the chain hears it once.
 */
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

  /** Undefined for members that do not end others' editions. The aggregator of the terms is first: it opens the next. */
  async function turnOf(me: number): Promise<number | undefined> {
    const [{ aggregator }, nodes] = await Promise.all([tables.terms(), ctx.chain.computation.nodes()]);
    const active = nodes.filter(({ status }) => status === "Active").map(({ member }) => member);
    const order = [Number(aggregator), ...active.sort((a, b) => a - b)];
    const turn = order.indexOf(me);
    return turn === -1 ? undefined : turn;
  }

  return {
    async endIfLate({ number, status, stageEndsAt }) {
      const now = await ctx.chain.ledgerTime();
      if (now < stageEndsAt) return;
      const turn = await turnOf((await ctx.chain.me()).id);
      // The edition's own aggregator has the first turn.
      if (turn === undefined || now < stageEndsAt + (turn + 1) * SPREAD_SECONDS) return;
      const step = status === "Collecting" ? "close" : "abandon";
      const data =
        step === "close"
          ? tables.interface.encodeFunctionData("close", [number])
          : tables.interface.encodeFunctionData("abandon", [number]);
      const state = await callTables(ctx, `${step}:${String(number)}`, data);
      // Stripping may be abandoned only after all its attempts' time, which the refusal says.
      if (typeof state !== "string") ctx.log.debug({ step, ...state.refused.values }, "not taken by the chain now");
      else if (state === "waiting") ctx.log.warn({ edition: number, step }, "ended for an aggregator that is late");
    },
  };
}
