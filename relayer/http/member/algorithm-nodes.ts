/** Member API: the algorithm nodes, their key rounds, and this member's own part in them. */
import { z } from "zod";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { KEY_PURPOSES, type KeyPurpose } from "../../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../../protocol/threshold/key-set.ts";
import type { NodeInfo } from "../../chain/computation-view.ts";
import type { RelayerContext } from "../../context.ts";
import { isLate } from "../../services/nodes/health.ts";
import type { NodeService } from "../../services/nodes/node-service.ts";
import type { NodeOffice } from "../../services/nodes/office.ts";
import type { RoundReports } from "../../services/nodes/round-report.ts";
import { defineRoute, type Route } from "../route.ts";

const READING = ["admin", "data_officer", "credit_officer", "compliance", "auditor"] as const;
/** Being a node binds the firm's keys and machines: not for those who work with records or queries. */
const DECIDING = ["admin"] as const;

const moment = z.iso.datetime().nullable();
const purpose = z.enum(KEY_PURPOSES);
const phase = z.string();
const status = z.enum(["Registered", "Active", "Retired"]);
const publicKey = z.string().regex(/^0x[0-9a-f]{64}$/);

/** By what is done, as prices and logs name them. */
function servicesOf({ services: { evaluation, locator, query } }: NodeInfo) {
  return { evaluation, location: locator, decryption: query };
}

const nodeView = z.object({
  id: z.number().int(),
  member: z.string(),
  status,
  registeredAt: moment,
  activatedAt: moment,
  lastHeartbeat: moment,
  late: z.boolean(),
  reports: z.number().int(),
  reporters: z.number().int(),
  services: z.object({ evaluation: z.string(), location: z.string(), decryption: z.string() }),
});

const roundView = z.object({
  number: z.number().int(),
  phase,
  phaseEndsAt: moment,
  purposes: z.array(purpose),
  threshold: z.number().int(),
  basis: z.number().int().nullable(),
  nodes: z.array(z.string()),
  dealers: z.array(z.string()),
});

const blamed = z.object({ member: z.string(), reason: z.string() });

const iso = (seconds: number): string | null => (seconds === 0 ? null : new Date(seconds * 1_000).toISOString());

export function algorithmNodeRoutes(
  ctx: Pick<RelayerContext, "chain" | "config">,
  nodes: Pick<NodeService, "me" | "health" | "shares">,
  rounds: RoundReports,
  office: NodeOffice,
): Route[] {
  const window = (): number => Math.max(1, Math.floor(ctx.config.nodeHeartbeatMs / 1_000));

  async function viewsOf(infos: readonly NodeInfo[]): Promise<z.input<typeof nodeView>[]> {
    const [members, now] = await Promise.all([ctx.chain.members(), ctx.chain.ledgerTime()]);
    return infos.map((node) => ({
      id: node.member,
      member: members.find(({ id }) => id === node.member)?.name ?? String(node.member),
      status: node.status,
      registeredAt: iso(node.registeredAt),
      activatedAt: iso(node.activatedAt),
      lastHeartbeat: iso(node.lastHeartbeat),
      late: isLate(node, now, window()),
      reports: node.reports,
      reporters: node.reporters,
      services: servicesOf(node),
    }));
  }

  async function viewOf(node: NodeInfo): Promise<z.input<typeof nodeView>> {
    const [view] = await viewsOf([node]);
    if (view === undefined) throw new Error("one node has one view");
    return view;
  }

  /** Undefined for bytes that are no keys, should enough nodes ever confirm such. */
  async function keySetOf(round: number, of: KeyPurpose): Promise<PublicKeySet | undefined> {
    try {
      return await ctx.chain.computation.keySet(round, of);
    } catch (error) {
      if (isFault(error) && !isFault(error, "CHAIN_UNREACHABLE")) return undefined;
      throw error;
    }
  }

  /** The newest keys, one round a purpose that has any. */
  async function currentKeys() {
    const [found, members] = await Promise.all([
      Promise.all(
        KEY_PURPOSES.map(async (each) => {
          const number = await ctx.chain.computation.currentRound(each);
          const [round, set] = await Promise.all([
            ctx.chain.computation.round(number),
            number === 0 ? undefined : keySetOf(number, each),
          ]);
          return { each, round, set };
        }),
      ),
      ctx.chain.members(),
    ]);
    return found.flatMap(({ each, round, set }) =>
      round === undefined
        ? []
        : [
            {
              purpose: each,
              round: round.number,
              threshold: round.threshold,
              nodes: round.nodes.map((node) => members.find(({ id }) => id === node)?.name ?? String(node)),
              publicKey: set === undefined ? null : toHex(set.publicKey),
            },
          ],
    );
  }

  return [
    defineRoute({
      method: "get",
      path: "/v1/algorithm-nodes",
      summary: {
        en: "Algorithm nodes, the current keys, and this member's part",
        zh: "算法节点、当前密钥与本机构的角色",
      },
      description: {
        en:
          "`late`: an active node whose last heartbeat (or appointment) is more than two windows ago. `me.health` opens the salted " +
          "digest that this node last put on chain; `me.shares` are the keys of which it holds a share. A `publicKey` is null where what " +
          "the nodes confirmed is no key.",
        zh: "`late`：有效节点距上次心跳（或任命）已超过两个窗口。`me.health` 可打开本节点最近一次上链的加盐摘要；`me.shares` 为本节点持有份额的密钥。节点所确认的内容不是有效密钥时，`publicKey` 为空。",
      },
      tag: "algorithm-nodes",
      access: READING,
      response: z.object({
        me: z.object({
          member: z.string(),
          setting: z.enum(["auto", "off"]),
          node: nodeView.nullable(),
          shares: z.array(z.object({ round: z.number().int(), purpose })),
          health: z
            .object({
              document: z.object({
                member: z.number().int(),
                moment: z.number().int(),
                version: z.string(),
                shares: z.array(z.string()),
              }),
              salt: z.string(),
              digest: z.string(),
            })
            .nullable(),
        }),
        heartbeatSeconds: z.number().int(),
        items: z.array(nodeView),
        keys: z.array(
          z.object({
            ...{ purpose, round: z.number().int(), threshold: z.number().int() },
            ...{ nodes: z.array(z.string()), publicKey: publicKey.nullable() },
          }),
        ),
      }),
      handler: async () => {
        const [me, node, shares, health, infos, keys] = await Promise.all([
          ...([ctx.chain.me(), nodes.me(), nodes.shares(), nodes.health()] as const),
          ...([ctx.chain.computation.nodes(), currentKeys()] as const),
        ]);
        return {
          me: {
            member: me.name,
            setting: ctx.config.algorithmNode,
            node: node === undefined ? null : await viewOf(node),
            shares: [...shares],
            health:
              health === undefined
                ? null
                : { ...health, document: { ...health.document, shares: [...health.document.shares] } },
          },
          heartbeatSeconds: window(),
          items: await viewsOf(infos),
          keys,
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/algorithm-nodes/rounds",
      summary: { en: "Key rounds, newest first", zh: "密钥轮次（由新到旧）" },
      tag: "algorithm-nodes",
      access: READING,
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      response: z.object({ items: z.array(roundView) }),
      handler: async ({ query }) => ({ items: await rounds.list(query.limit) }),
    }),
    defineRoute({
      method: "get",
      path: "/v1/algorithm-nodes/rounds/{number}",
      summary: { en: "A key round: who spoke, and what the messages say", zh: "密钥轮次详情：各方消息与判定" },
      description: {
        en:
          "The verdict is computed anew from the messages on chain: who was excluded or exposed, and with which code. `agreed`: " +
          "whether the keys on chain are those that the messages give. `calledOff`: in which phase the constitution ended the round, and why; " +
          "nobody was late in that phase.",
        zh: "判定由链上消息重新计算：列出被排除或被揭示的成员及代码。`agreed`：链上密钥是否与消息所得一致。`calledOff`：章程程序在哪一阶段、因何取消该轮；该阶段无人视为逾期。",
      },
      tag: "algorithm-nodes",
      access: READING,
      params: z.object({ number: z.coerce.number().int().min(1).max(0xffff_ffff) }),
      response: roundView.extend({
        phases: z.array(z.object({ phase, asked: z.array(z.string()), spoken: z.array(z.string()) })),
        joined: z.array(z.string()),
        keys: z.array(
          z.object({
            purpose,
            qualified: z.array(z.string()),
            excluded: z.array(blamed.extend({ receiver: z.string().nullable() })),
            exposed: z.array(blamed),
            publicKey: publicKey.nullable(),
            failure: z.string().nullable(),
          }),
        ),
        calledOff: z.object({ phase, reason: z.string() }).nullable(),
        agreed: z.boolean().nullable(),
      }),
      handler: ({ params }) => rounds.report(params.number),
    }),
    defineRoute({
      method: "post",
      path: "/v1/algorithm-nodes/register",
      summary: { en: "Offer this member as an algorithm node", zh: "申请成为算法节点" },
      description: {
        en:
          "Waits until the offer is on chain. The constitution appoints (`node activate`). A member that has offered itself already is " +
          "answered as it stands.",
        zh: "等待申请上链；由章程程序任命（`node activate`）。已申请者直接返回现状。",
      },
      tag: "algorithm-nodes",
      access: DECIDING,
      status: 201,
      response: nodeView,
      handler: async ({ caller }) => viewOf(await office.register(caller.tokenId)),
    }),
    defineRoute({
      method: "post",
      path: "/v1/algorithm-nodes/resign",
      summary: { en: "Resign as an algorithm node", zh: "辞去算法节点" },
      description: {
        en:
          "Takes effect at once for all that begins afterwards, and cannot be taken back: to be a node again takes a new offer and a new " +
          "appointment. Keep the relayer running until the keys were shared anew without it.",
        zh: "对此后开始的事项立即生效且不可撤回；再次成为节点须重新申请并任命。在密钥重新分发给其他节点之前，请保持中继运行。",
      },
      tag: "algorithm-nodes",
      access: DECIDING,
      response: nodeView,
      handler: async ({ caller }) => viewOf(await office.resign(caller.tokenId)),
    }),
  ];
}
