/** Algorithm nodes: who they are, and how members become and stop being one. */
import { KEY_PURPOSES, type NodeService } from "../../../protocol/key-round/round.ts";
import { NODE_STATUSES, nameOf } from "../../../relayer/chain/codes.ts";
import type { NodeStatus } from "../../../relayer/chain/computation-view.ts";
import type { RegisteredMember } from "../../../relayer/chain/chain-view.ts";
import type { Text } from "../language.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import type { Contracts } from "../platform.ts";
import { sheet, table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, moment } from "../words/amounts.ts";

interface NodeRow {
  readonly member: number;
  readonly name: string;
  readonly status: NodeStatus;
  /** Moments of the ledger, Unix seconds; 0 where there is none. */
  readonly registeredAt: number;
  readonly activatedAt: number;
  readonly lastHeartbeat: number;
  readonly reports: number;
  readonly reporters: number;
}

const STATUSES: Readonly<Record<NodeStatus, Text>> = {
  Registered: { en: "registered", zh: "已登记" },
  Active: { en: "active", zh: "在任" },
  Retired: { en: "retired", zh: "已退役" },
};

const at = (seconds: number): string => (seconds === 0 ? "-" : moment(seconds));
const json = ({ registeredAt, activatedAt, lastHeartbeat, ...row }: NodeRow) => ({
  ...row,
  registeredAt: iso(registeredAt),
  activatedAt: iso(activatedAt),
  lastHeartbeat: iso(lastHeartbeat),
});

/** Undefined for a member that never registered. */
async function readNode({ algorithmNodes }: Contracts, member: number, name: string): Promise<NodeRow | undefined> {
  const facts = await algorithmNodes.getNode(member);
  if (facts.status === 0n) return undefined;
  return {
    ...{ member, name, status: nameOf(NODE_STATUSES, facts.status), registeredAt: Number(facts.registeredAt) },
    activatedAt: Number(facts.activatedAt),
    lastHeartbeat: Number(facts.lastHeartbeat),
    reports: Number(facts.reports),
    reporters: Number(facts.reporters),
  };
}

/** In order of first registration, retired ones included. */
async function readNodes(session: Session): Promise<NodeRow[]> {
  const [{ contracts }, names] = [await session.platform(), await session.names()];
  const count = Number(await contracts.algorithmNodes.nodeCount());
  const rows = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const member = Number(await contracts.algorithmNodes.nodeAt(index));
      return await readNode(contracts, member, names.memberName(member));
    }),
  );
  return rows.filter((row) => row !== undefined);
}

/** Members whose nodes are in office, in ascending order. */
export async function activeNodes(session: Session): Promise<number[]> {
  const rows = await readNodes(session);
  return rows
    .filter(({ status }) => status === "Active")
    .map(({ member }) => member)
    .sort((a, b) => a - b);
}

export async function listNodes(session: Session): Promise<Report> {
  const rows = await readNodes(session);
  return {
    json: rows.map(json),
    text: (language) =>
      table(
        [
          { title: { en: "no", zh: "编号" }, cell: ({ member }) => String(member) },
          { title: { en: "name", zh: "名称" }, cell: ({ name }) => name },
          { title: { en: "status", zh: "状态" }, cell: ({ status }) => STATUSES[status][language] },
          { title: { en: "since", zh: "任命时间" }, cell: ({ activatedAt }) => at(activatedAt) },
          { title: { en: "last heartbeat", zh: "最近心跳" }, cell: ({ lastHeartbeat }) => at(lastHeartbeat) },
          { title: { en: "reported by", zh: "报告成员数" }, cell: ({ reporters }) => String(reporters) },
          { title: { en: "reports", zh: "被报告次数" }, cell: ({ reports }) => String(reports) },
        ],
        rows,
        language,
      ),
  };
}

export async function showNode(session: Session, args: { readonly node: string }): Promise<Report> {
  const [{ contracts }, names] = [await session.platform(), await session.names()];
  const { algorithmNodes, keyRounds } = contracts;
  const { id, name } = names.findMember(args.node);
  const row = await readNode(contracts, id, name);
  if (row === undefined) throw invalid("node", args.node, "a member that registered as an algorithm node");
  const serviceOf = (service: NodeService): Promise<string> =>
    algorithmNodes.serviceOf(id, KEY_PURPOSES.indexOf(service));
  const [evaluation, locator, query] = await Promise.all([
    serviceOf("evaluation"),
    serviceOf("locator"),
    serviceOf("query"),
  ]);
  const keys = await Promise.all(
    KEY_PURPOSES.map(async (purpose, index) => {
      const round = Number(await keyRounds.currentRound(index));
      const { nodes } = await keyRounds.getRound(round);
      return { purpose, round, takesPart: nodes.includes(BigInt(id)) };
    }),
  );
  return {
    json: { ...json(row), services: { evaluation, location: locator, decryption: query }, keys },
    text: (language) =>
      sheet(
        [
          [{ en: "node", zh: "算法节点" }, `${name} (${id})`],
          [{ en: "status", zh: "状态" }, STATUSES[row.status][language]],
          [{ en: "registered", zh: "登记时间" }, at(row.registeredAt)],
          [{ en: "in office since", zh: "任命时间" }, at(row.activatedAt)],
          [{ en: "last heartbeat", zh: "最近心跳" }, at(row.lastHeartbeat)],
          [{ en: "members that reported it", zh: "报告成员数" }, String(row.reporters)],
          [{ en: "reports", zh: "被报告次数" }, String(row.reports)],
          [{ en: "evaluation service", zh: "求值服务编号" }, evaluation],
          [{ en: "location service", zh: "定位服务编号" }, locator],
          [{ en: "decryption service", zh: "解密服务编号" }, query],
          [
            { en: "part in the keys of", zh: "参与的密钥" },
            keys
              .filter(({ takesPart }) => takesPart)
              .map(
                ({ purpose, round }) =>
                  ({ en: `${purpose} (round ${round})`, zh: `${purpose}（第 ${round} 轮）` })[language],
              )
              .join("\n") || "-",
          ],
        ],
        language,
      ),
  };
}

export async function register(session: Session): Promise<Plan> {
  return await planOf(session, "direct", "algorithmNodes", "register");
}

export async function activate(session: Session, args: { readonly nodes: readonly string[] }): Promise<Plan> {
  const names = await session.names();
  const found = args.nodes.map((given): RegisteredMember => names.findMember(given));
  return await planOf(
    session,
    "desk",
    "algorithmNodes",
    "activate",
    found.map(({ id }) => [id]),
  );
}

/** A node ends its office by itself; that the Association ends it is for the constitution. */
export async function retire(session: Session, args: { readonly node: string }): Promise<Plan> {
  const [names, { address }] = [await session.names(), await session.account()];
  const { id } = names.findMember(args.node);
  const through = names.memberOf(address)?.id === id ? "direct" : "desk";
  return await planOf(session, through, "algorithmNodes", "retire", [[id]]);
}
