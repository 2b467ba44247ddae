/** Rounds in which nodes make keys or share them anew. */
import { KEY_PURPOSES } from "../../../protocol/key-round/round.ts";
import { nameOf, ROUND_PHASES } from "../../../relayer/chain/codes.ts";
import type { RoundPhase } from "../../../relayer/chain/computation-view.ts";
import type { Text } from "../language.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, moment, parseCount, parseDuration, parseLabel, required } from "../words/amounts.ts";
import { purposesOf } from "../words/computation-phrases.ts";
import { activeNodes } from "./nodes.ts";

const DEFAULT_PHASE = "1h";
const PHASES: Readonly<Record<RoundPhase, Text>> = {
  Joining: { en: "joining", zh: "加入" },
  Dealing: { en: "dealing", zh: "分发份额" },
  Complaining: { en: "complaining", zh: "投诉" },
  Answering: { en: "answering", zh: "答复" },
  Extracting: { en: "extracting", zh: "提取" },
  Disputing: { en: "disputing", zh: "争议" },
  Exposing: { en: "exposing", zh: "公开" },
  Confirming: { en: "confirming", zh: "确认" },
  Completed: { en: "completed", zh: "已完成" },
  Failed: { en: "failed", zh: "已失败" },
};

export async function listRounds(session: Session): Promise<Report> {
  const [{ contracts }, names] = [await session.platform(), await session.names()];
  const { keyRounds } = contracts;
  const count = Number(await keyRounds.roundCount());
  const current = await Promise.all(KEY_PURPOSES.map(async (_, index) => Number(await keyRounds.currentRound(index))));
  const rows = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const facts = await keyRounds.getRound(index + 1);
      const name = (id: bigint): string => names.memberName(id);
      return {
        round: index + 1,
        phase: nameOf(ROUND_PHASES, facts.phase),
        purposes: purposesOf(Number(facts.purposes)),
        inUseFor: KEY_PURPOSES.filter((_purpose, i) => current[i] === index + 1),
        threshold: Number(facts.threshold),
        reshares: facts.basis === 0n ? null : Number(facts.basis),
        nodes: facts.nodes.map(name),
        dealers: facts.dealers.map(name),
        phaseEndsAt: Number(facts.phaseEndsAt),
      };
    }),
  );
  return {
    json: rows.map(({ phaseEndsAt, ...row }) => ({ ...row, phaseEndsAt: iso(phaseEndsAt) })),
    text: (language) =>
      table(
        [
          { title: { en: "round", zh: "轮次" }, cell: ({ round }) => String(round) },
          { title: { en: "purposes", zh: "用途" }, cell: ({ purposes }) => purposes.join(", ") },
          { title: { en: "in use for", zh: "现行用途" }, cell: ({ inUseFor }) => inUseFor.join(", ") || "-" },
          { title: { en: "phase", zh: "阶段" }, cell: ({ phase }) => PHASES[phase][language] },
          {
            title: { en: "until", zh: "截止" },
            cell: ({ phaseEndsAt }) => (phaseEndsAt === 0 ? "-" : moment(phaseEndsAt)),
          },
          {
            title: { en: "nodes", zh: "算法节点" },
            cell: (row) => `${row.threshold}/${row.nodes.length}: ${row.nodes.join(", ")}`,
          },
          {
            title: { en: "shares anew", zh: "重新分发" },
            cell: ({ reshares }) => (reshares === null ? "-" : String(reshares)),
          },
        ],
        rows,
        language,
      ),
  };
}

export async function beginRound(
  session: Session,
  args: {
    readonly purposes?: string;
    readonly threshold?: string;
    readonly nodes?: string;
    readonly reshare?: string;
    readonly phaseSeconds?: string;
  },
): Promise<Plan> {
  const names = await session.names();
  const nodes =
    args.nodes === undefined
      ? await activeNodes(session)
      : [...new Set(args.nodes.split(",").map((given) => names.findMember(given.trim()).id))].sort((a, b) => a - b);
  return await planOf(session, "desk", "keyRounds", "begin", [
    [
      purposeBits(args.purposes ?? KEY_PURPOSES.join(",")),
      parseCount("--threshold", required("--threshold", args.threshold)),
      nodes,
      args.reshare === undefined ? 0 : parseCount("--reshare", args.reshare),
      parseDuration("--phase-seconds", args.phaseSeconds ?? DEFAULT_PHASE),
    ],
  ]);
}

export async function callOff(
  session: Session,
  args: { readonly round: string; readonly reason?: string },
): Promise<Plan> {
  const reason = parseLabel("--reason", required("--reason", args.reason));
  return await planOf(session, "desk", "keyRounds", "callOff", [[parseCount("round", args.round), reason]]);
}

/** Bit i stands for the purpose of value i. @throws Fault ARGUMENT_INVALID */
function purposeBits(given: string): number {
  return given.split(",").reduce((bits, name) => {
    const index = KEY_PURPOSES.findIndex((known) => known === name.trim());
    if (index < 0) throw invalid("--purposes", given, KEY_PURPOSES.join(", "));
    return bits | (1 << index);
  }, 0);
}
