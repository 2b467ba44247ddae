/** A member's offer to be an algorithm node, and its resignation: said on chain by its own operator, and put on record here. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { NodeInfo } from "../../chain/computation-view.ts";
import type { OutboxKind } from "../../chain/outbox.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";

export type OfficeDependencies = Pick<RelayerContext, "chain" | "db" | "outbox"> & { readonly audit: AuditLog };

export interface NodeOffice {
  /**
   * Offers this member as a node and waits until that is on chain; the constitution appoints. One that has offered itself, or
   * is a node, is left as it is. @param by token of who asks
   * @throws Fault what the contract refuses it with (a member that may not compute), OUTBOX_WAIT_TIMEOUT
   */
  register(by: string): Promise<NodeInfo>;
  /**
   * Ends this member's office for all that begins from now on, and waits until that is on chain. What its shares are still
   * needed for it goes on doing. @throws Fault CHAIN_REVERTED (NodeUnknown) if it never was one, OUTBOX_WAIT_TIMEOUT
   */
  resign(by: string): Promise<NodeInfo>;
}

const PATIENCE_MS = 30_000;

export function createNodeOffice(ctx: OfficeDependencies): NodeOffice {
  const { interface: contract } = ctx.chain.contracts.algorithmNodes;

  async function entry(member: number): Promise<NodeInfo | undefined> {
    return (await ctx.chain.computation.nodes()).find((node) => node.member === member);
  }

  /** A word that was refused may be said again: the reason may be gone. */
  async function openKey(key: string): Promise<{ readonly open: string; readonly stored: boolean }> {
    for (let attempt = 1; ; attempt++) {
      const open = attempt === 1 ? key : `${key}:${String(attempt)}`;
      const state = await ctx.outbox.state(open);
      if (state !== "failed") return { open, stored: state !== undefined };
    }
  }

  async function say(kind: OutboxKind, term: number, data: Hex, by: string, member: number): Promise<void> {
    const call = { kind, contract: "algorithmNodes", data } as const;
    // One word a term of office: a retired node may offer itself again.
    const key = `${kind}:${String(term)}`;
    const { open, stored } = await openKey(key);
    if (!stored) {
      await ctx.outbox.simulate(call);
      await ctx.db.transaction().execute(async (trx) => {
        await ctx.outbox.enqueue(trx, { ...call, key: open });
        await ctx.audit.append(trx, {
          actor: by,
          action: `node.${kind.split("-")[0] ?? kind}`,
          subjectId: String(member),
        });
      });
      ctx.outbox.poke();
    }
    await ctx.outbox.wait(open, PATIENCE_MS);
    ctx.chain.invalidate();
  }

  async function settled(member: number): Promise<NodeInfo> {
    const found = await entry(member);
    if (found === undefined) throw new Error("a node that was just registered is not on chain");
    return found;
  }

  return {
    async register(by) {
      const { id } = await ctx.chain.me();
      const known = await entry(id);
      if (known !== undefined && known.status !== "Retired") return known;
      const data = contract.encodeFunctionData("register") as Hex;
      await say("register-node", known?.registeredAt ?? 0, data, by, id);
      return await settled(id);
    },
    async resign(by) {
      const { id } = await ctx.chain.me();
      const known = await entry(id);
      if (known?.status === "Retired") return known;
      const data = contract.encodeFunctionData("retire", [id]) as Hex;
      await say("retire-node", known?.registeredAt ?? 0, data, by, id);
      return await settled(id);
    },
  };
}
