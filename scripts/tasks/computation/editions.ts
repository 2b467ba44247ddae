/** Editions of the consortium table, and the terms on which they are made. */
import { EDITION_STATUSES, nameOf } from "../../../relayer/chain/codes.ts";
import type { EditionStatus } from "../../../relayer/chain/computation-view.ts";
import type { Text } from "../language.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { duration, invalid, iso, moment, parseCount, parseDuration, required } from "../words/amounts.ts";

const STATUSES: Readonly<Record<EditionStatus, Text>> = {
  Collecting: { en: "collecting", zh: "收集中" },
  Merging: { en: "merging", zh: "合并中" },
  Stripping: { en: "stripping", zh: "剥离中" },
  Published: { en: "published", zh: "已发布" },
  Abandoned: { en: "abandoned", zh: "已放弃" },
};

/** Times in seconds; all 0 before terms were set. */
interface Terms {
  readonly aggregator: number;
  readonly leastContributors: number;
  readonly leastRows: number;
  readonly period: number;
  readonly collecting: number;
  readonly stage: number;
}

async function readTerms(session: Session): Promise<Terms | undefined> {
  const { consortiumTables } = (await session.platform()).contracts;
  const facts = await consortiumTables.terms();
  if (facts.period === 0n) return undefined;
  return {
    aggregator: Number(facts.aggregator),
    leastContributors: Number(facts.leastContributors),
    leastRows: Number(facts.leastRows),
    period: Number(facts.period),
    collecting: Number(facts.collecting),
    stage: Number(facts.stage),
  };
}

export async function showTerms(session: Session): Promise<Report> {
  const [terms, names] = [await readTerms(session), await session.names()];
  if (terms === undefined) {
    return { json: null, text: (language) => ({ en: "No terms are set.", zh: "尚未设定编制条件。" })[language] };
  }
  const aggregator = names.memberName(terms.aggregator);
  return {
    json: { ...terms, aggregator },
    text: (language) =>
      sheet(
        [
          [{ en: "aggregator", zh: "汇总方" }, aggregator],
          [{ en: "least contributors (k)", zh: "最少贡献方（k）" }, String(terms.leastContributors)],
          [{ en: "least rows (class)", zh: "最小行数（数量级）" }, String(terms.leastRows)],
          [{ en: "period", zh: "编制周期" }, duration(terms.period)[language]],
          [{ en: "collecting", zh: "收集时长" }, duration(terms.collecting)[language]],
          [{ en: "stage", zh: "每阶段时长" }, duration(terms.stage)[language]],
        ],
        language,
      ),
  };
}

interface TermsArguments {
  readonly aggregator?: string;
  readonly leastContributors?: string;
  readonly leastRows?: string;
  readonly period?: string;
  readonly collecting?: string;
  readonly stage?: string;
}

/** What is not given is as it was; the first terms need all. */
export async function setTerms(session: Session, args: TermsArguments): Promise<Plan> {
  const [known, names] = [await readTerms(session), await session.names()];
  const given = (
    option: string,
    text: string | undefined,
    name: keyof Terms,
    read: (text: string) => number,
  ): number => (text === undefined && known !== undefined ? known[name] : read(required(option, text)));
  const count = (option: string, text: string | undefined, name: keyof Terms): number =>
    given(option, text, name, (value) => parseCount(option, value));
  const time = (option: string, text: string | undefined, name: keyof Terms): number =>
    given(option, text, name, (value) => parseDuration(option, value));
  const terms: Terms = {
    aggregator: given("--aggregator", args.aggregator, "aggregator", (text) => names.findMember(text).id),
    leastContributors: count("--least-contributors", args.leastContributors, "leastContributors"),
    leastRows: count("--least-rows", args.leastRows, "leastRows"),
    period: time("--period", args.period, "period"),
    collecting: time("--collecting", args.collecting, "collecting"),
    stage: time("--stage", args.stage, "stage"),
  };
  return await planOf(session, "desk", "consortiumTables", "setTerms", [[terms]]);
}

export async function showEdition(session: Session, args: { readonly edition?: string }): Promise<Report> {
  const [{ contracts }, names] = [await session.platform(), await session.names()];
  const { consortiumTables } = contracts;
  const newest = Number(await consortiumTables.editionCount());
  const edition = args.edition === undefined ? newest : parseCount("edition", args.edition);
  if (edition < 1 || edition > newest) {
    if (args.edition !== undefined) throw invalid("edition", args.edition, `1 to ${newest}`);
    return { json: null, text: (language) => ({ en: "No edition was opened.", zh: "尚未开启任何一期。" })[language] };
  }
  const [facts, members] = await Promise.all([
    consortiumTables.getEdition(edition),
    consortiumTables.contributorsOf(edition),
  ]);
  const contributions = await Promise.all(
    members.map(async (member) => {
      const { rows, postedAt, excluded, root } = await consortiumTables.getContribution(edition, member);
      const [name, at] = [names.memberName(member), Number(postedAt)];
      return { contributor: name, rows: Number(rows), postedAt: at, excluded, root };
    }),
  );
  const status = nameOf(EDITION_STATUSES, facts.status);
  const [openedAt, endsAt, publishedAt] = [facts.openedAt, facts.stageEndsAt, facts.publishedAt].map(Number) as [
    number,
    number,
    number,
  ];
  const stripSet = facts.stripSet.map((id) => names.memberName(id));
  const rounds = [facts.evaluationRound, facts.queryRound, facts.layerRound].map(Number);
  const [evaluation, query, layer] = rounds as [number, number, number];
  const counted = Number(facts.contributors);
  const told = status === "Published";
  return {
    json: {
      ...{ edition, status, openedAt: iso(openedAt), stageEndsAt: iso(endsAt), publishedAt: iso(publishedAt) },
      ...{ aggregator: names.memberName(facts.aggregator), leastContributors: Number(facts.leastContributors) },
      ...{ contributors: counted, rounds: { evaluation, query, layer } },
      ...{ mergedRoot: facts.mergedRoot, mergedRows: Number(facts.mergedRows), tableRoot: facts.tableRoot },
      ...{ attempt: Number(facts.attempt), nodes: stripSet },
      contributions: contributions.map((each) => ({ ...each, postedAt: iso(each.postedAt) })),
    },
    text: (language) =>
      sheet(
        [
          [{ en: "edition", zh: "期" }, String(edition)],
          [
            { en: "status", zh: "状态" },
            STATUSES[status][language] +
              (endsAt === 0 ? "" : { en: `, until ${moment(endsAt)}`, zh: `，至 ${moment(endsAt)}` }[language]),
          ],
          [{ en: "opened", zh: "开启" }, moment(openedAt)],
          [{ en: "aggregator", zh: "汇总方" }, names.memberName(facts.aggregator)],
          [
            { en: "contributions", zh: "贡献" },
            {
              en: `${counted} valid, at least ${facts.leastContributors.toString()} needed`,
              zh: `有效 ${counted} 份，至少 ${facts.leastContributors.toString()} 份`,
            }[language],
          ],
          ...contributions.map(
            ({ contributor, rows, excluded }) =>
              [
                { en: "", zh: "" },
                `${contributor}: ${rows}${excluded ? { en: ", excluded", zh: "，已排除" }[language] : ""}`,
              ] as const,
          ),
          [{ en: "key rounds (evaluation, query, layer)", zh: "密钥轮次（求值、查询、外层）" }, rounds.join(", ")],
          [
            { en: "nodes", zh: "剥离节点" },
            stripSet.length === 0
              ? "-"
              : {
                  en: `${stripSet.join(", ")} (attempt ${facts.attempt.toString()})`,
                  zh: `${stripSet.join(", ")}（第 ${facts.attempt.toString()} 次）`,
                }[language],
          ],
          [{ en: "table", zh: "结果表" }, told ? `${facts.tableRoot} (${facts.mergedRows.toString()})` : "-"],
          [{ en: "published", zh: "发布" }, told ? moment(publishedAt) : "-"],
        ],
        language,
      ),
  };
}
