/** A call of a contract that must happen once: stored once under its key, and again under another only if it was not taken. */
import { isFault } from "../../../protocol/errors/fault.ts";
import type { OutboxCall } from "../../chain/outbox.ts";
import { isNotTaken, isRetryable } from "../../chain/refusal.ts";
import type { RelayerContext } from "../../context.ts";

/** What no contract refuses for good may be tried so often. */
const TRIES = 5;

type OnceDependencies = Pick<RelayerContext, "db" | "outbox">;

/** The key under which to store the call now; undefined while it is on its way, done, or refused for good. */
export async function freeKey({ outbox }: OnceDependencies, key: string): Promise<string | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const candidate = attempt === 1 ? key : `${key}:${String(attempt)}`;
    const state = await outbox.state(candidate);
    if (state === undefined) return candidate;
    if (state !== "failed" || !(await failedInPassing(outbox, candidate))) return undefined;
  }
  return undefined;
}

/** @returns whether it was stored now */
export async function storeOnce(ctx: OnceDependencies, call: OutboxCall): Promise<boolean> {
  const key = await freeKey(ctx, call.key);
  if (key === undefined) return false;
  await ctx.db.transaction().execute((trx) => ctx.outbox.enqueue(trx, { ...call, key }));
  ctx.outbox.poke();
  return true;
}

async function failedInPassing(outbox: OnceDependencies["outbox"], key: string): Promise<boolean> {
  try {
    await outbox.wait(key, 0);
    return false;
  } catch (error) {
    return isFault(error) && (isNotTaken(error) || isRetryable(error));
  }
}
