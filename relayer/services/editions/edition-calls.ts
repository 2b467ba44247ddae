/** Calls of the chain for an edition: each takes effect once, however often and by how many processes it is asked for. */
import { fromHex, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { OutboxCall } from "../../chain/outbox.ts";
import type { RelayerContext } from "../../context.ts";

/** "refused": the chain would not take it now; nothing is sent. */
export type CallState = "waiting" | "done" | { readonly refused: Fault };

/** After so many that the chain refused in the end, something else is wrong. */
const MOST_TRIES = 32;

type CallContext = Pick<RelayerContext, "db" | "outbox">;

/**
 * @param key of the operation. One that the chain refused after it was sent is sent again under another, if it would be taken.
 * @throws Fault CHAIN_UNREACHABLE
 */
export async function callChain(ctx: CallContext, key: string, call: Omit<OutboxCall, "key">): Promise<CallState> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const name = tries === 0 ? key : `${key}:again-${String(tries)}`;
    const state = await ctx.outbox.state(name);
    if (state === "failed") continue;
    if (state !== undefined) return state === "mined" ? "done" : "waiting";
    try {
      await ctx.outbox.simulate(call);
    } catch (error) {
      if (!isFault(error) || error.code === "CHAIN_UNREACHABLE") throw error;
      return { refused: error };
    }
    await ctx.db.transaction().execute((trx) => ctx.outbox.enqueue(trx, { ...call, key: name }));
    ctx.outbox.poke();
    return "waiting";
  }
  return { refused: new Fault("CHAIN_REVERTED", { error: key }) };
}

/** A call of ConsortiumTables. */
export async function callTables(ctx: CallContext, key: string, data: string): Promise<CallState> {
  return await callChain(ctx, `edition:${key}`, { kind: "edition", contract: "consortiumTables", data: data as Hex });
}

/** A code as the chain keeps reasons: ASCII in 32 bytes, cut if it is longer. */
export function reasonBytes(code: FaultCode): Hex {
  const bytes = new Uint8Array(32);
  bytes.set(utf8(code).subarray(0, 32));
  return toHex(bytes);
}

/** The code that such a reason was made of, cut if it was longer. */
export function textOfReason(reason: string): string {
  return Buffer.from(fromHex(reason, 32)).toString("latin1").replace(/\0+$/, "");
}
