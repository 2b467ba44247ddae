/** Statistics: the key of a ceremony, definitions, collections. Documents are those that scripts/statistics/main.ts prints. */
import { readFile } from "node:fs/promises";

import { z } from "zod";

import { Fault } from "../../../protocol/errors/fault.ts";
import { readLog } from "../chain-log.ts";
import { INTERFACES } from "../interfaces.ts";
import type { Text } from "../language.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import type { Platform } from "../platform.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, moment, parseCount, parseDuration, parseLabel, required } from "../words/amounts.ts";

const COLLECTION_STATUSES = ["None", "Open", "Closed", "Released", "Abandoned"] as const;
type CollectionStatus = (typeof COLLECTION_STATUSES)[number];
const STATUSES: Readonly<Record<CollectionStatus, Text>> = {
  None: { en: "none", zh: "无" },
  Open: { en: "open", zh: "收集中" },
  Closed: { en: "closed", zh: "已截止" },
  Released: { en: "released", zh: "已发布" },
  Abandoned: { en: "abandoned", zh: "已放弃" },
};

const digest = z.string().regex(/^0x[0-9a-f]{64}$/);
const keySchema = z.object({ keyDigest: digest, recordDigest: digest, key: z.string().regex(/^0x(?:[0-9a-f]{2})+$/) });
const definitionsSchema = z.array(z.object({ statistic: digest, definitionDigest: digest, layoutDigest: digest }));

interface CollectionRow {
  readonly statistic: string;
  readonly period: number;
  readonly status: CollectionStatus;
  readonly closesAt: number;
  readonly contributors: number;
}

interface OfCollection {
  readonly statistic: string;
  readonly period: string;
}

export async function listStatistics(session: Session): Promise<Report> {
  const platform = await session.platform();
  const { statisticsBoard } = platform.contracts;
  const [ids, currentKey, collections] = await Promise.all([
    statisticsBoard.statistics(),
    statisticsBoard.currentKey(),
    readCollections(platform),
  ]);
  const rows = await Promise.all(
    ids.map(async (statistic) => {
      const { leastContributors, retired } = await statisticsBoard.getStatistic(statistic);
      const of = collections.filter((each) => each.statistic === statistic);
      return { statistic, leastContributors: Number(leastContributors), retired, collections: of };
    }),
  );
  const key = /^0x0+$/.test(currentKey) ? null : currentKey;
  return {
    json: {
      key,
      statistics: rows.map((row) => ({
        ...row,
        collections: row.collections.map(({ statistic: _, closesAt, ...rest }) => ({
          ...rest,
          closesAt: iso(closesAt),
        })),
      })),
    },
    text: (language) =>
      [
        table(
          [
            {
              title: { en: "statistic", zh: "统计指标" },
              cell: ({ statistic, retired }) =>
                statistic + (retired ? { en: " (retired)", zh: "（已停用）" }[language] : ""),
            },
            { title: { en: "k", zh: "k" }, cell: (row) => String(row.leastContributors) },
            {
              title: { en: "collections", zh: "收集" },
              cell: (row) => row.collections.map((each) => collectionLine(each)[language]).join("\n") || "-",
            },
          ],
          rows,
          language,
        ),
        { en: `Key: ${key ?? "none"}`, zh: `密钥：${key ?? "无"}` }[language],
      ].join("\n"),
  };
}

function collectionLine({ period, status, closesAt, contributors }: CollectionRow): Text {
  const until = moment(closesAt);
  return {
    en: `${period}: ${STATUSES[status].en}, ${contributors} contributors, until ${until}`,
    zh: `${period}：${STATUSES[status].zh}，贡献方 ${contributors} 家，至 ${until}`,
  };
}

/** The board keeps no list of periods: its events do. */
async function readCollections({ deployment, provider, contracts }: Platform): Promise<CollectionRow[]> {
  const board = deployment.addresses.statisticsBoard;
  const log = await readLog(provider, { addresses: [board], fromBlock: deployment.deployedAtBlock });
  const opened = log.flatMap((entry) => {
    const event = INTERFACES.statisticsBoard.parseLog(entry);
    if (event?.name !== "CollectionOpened") return [];
    return [{ statistic: String(event.args["statistic"]), period: Number(event.args["period"]) }];
  });
  return await Promise.all(
    opened.map(async ({ statistic, period }) => {
      const facts = await contracts.statisticsBoard.getCollection(statistic, period);
      return {
        ...{ statistic, period, status: COLLECTION_STATUSES[Number(facts.status)] ?? "None" },
        closesAt: Number(facts.closesAt),
        contributors: Number(facts.contributors),
      };
    }),
  );
}

/** The key itself is checked by who uses it, against the digest that names it. */
export async function setKey(session: Session, args: { readonly file?: string }): Promise<Plan> {
  const { keyDigest, recordDigest, key } = await read(required("--file", args.file), keySchema);
  const plan = await planOf(session, "desk", "statisticsBoard", "setKey", [[keyDigest, recordDigest, key]]);
  return { ...plan, facts: { keyDigest, recordDigest } };
}

export async function define(
  session: Session,
  args: { readonly statistic: string; readonly file?: string; readonly leastContributors?: string },
): Promise<Plan> {
  const all = await read(required("--file", args.file), definitionsSchema);
  const statistic = find(
    args.statistic,
    all.map((each) => each.statistic),
  );
  const { definitionDigest, layoutDigest } = all.find((each) => each.statistic === statistic) ?? {};
  const leastContributors = parseCount(
    "--least-contributors",
    required("--least-contributors", args.leastContributors),
  );
  return await planOf(session, "desk", "statisticsBoard", "defineStatistic", [
    [statistic, { definitionDigest, layoutDigest, leastContributors, retired: false }],
  ]);
}

/** The end is a moment of the ledger, counted from the proposal. */
export async function open(session: Session, args: OfCollection & { readonly for?: string }): Promise<Plan> {
  const { emergency } = (await session.platform()).contracts;
  const length = parseDuration("--for", required("--for", args.for));
  const closesAt = Number(await emergency.time()) + length;
  return await planOf(session, "desk", "statisticsBoard", "openCollection", [
    [...(await collectionOf(session, args)), closesAt],
  ]);
}

export async function strike(
  session: Session,
  args: OfCollection & { readonly contributor: string; readonly reason?: string },
): Promise<Plan> {
  const contributor = (await session.names()).findMember(args.contributor).id;
  const reason = parseLabel("--reason", required("--reason", args.reason));
  return await planOf(session, "desk", "statisticsBoard", "strike", [
    [...(await collectionOf(session, args)), contributor, reason],
  ]);
}

/** The digests are those that `scripts/statistics/main.ts verify` prints of the answer that was read. */
export async function release(
  session: Session,
  args: OfCollection & { readonly contributions?: string; readonly answer?: string },
): Promise<Plan> {
  const digests = [parseDigest("--contributions", args.contributions), parseDigest("--answer", args.answer)];
  return await planOf(session, "desk", "statisticsBoard", "release", [
    [...(await collectionOf(session, args)), ...digests],
  ]);
}

export async function abandon(session: Session, args: OfCollection & { readonly reason?: string }): Promise<Plan> {
  const reason = parseLabel("--reason", required("--reason", args.reason));
  return await planOf(session, "desk", "statisticsBoard", "abandon", [
    [...(await collectionOf(session, args)), reason],
  ]);
}

async function collectionOf(session: Session, { statistic, period }: OfCollection): Promise<[string, number]> {
  const { statisticsBoard } = (await session.platform()).contracts;
  return [find(statistic, await statisticsBoard.statistics()), parseCount("period", period)];
}

/** @throws Fault ARGUMENT_MISSING, ARGUMENT_INVALID */
function parseDigest(argument: string, given: string | undefined): string {
  const found = digest.safeParse(required(argument, given).toLowerCase());
  if (!found.success) throw invalid(argument, given ?? "", "0x and 64 hexadecimal digits");
  return found.data;
}

/** @throws Fault ARGUMENT_INVALID unless exactly one id begins so */
function find(given: string, ids: readonly string[]): string {
  const wanted = given.toLowerCase();
  const [found, ...others] = /^0x[0-9a-f]+$/.test(wanted) ? ids.filter((id) => id.startsWith(wanted)) : [];
  if (found === undefined || others.length > 0) {
    throw invalid("statistic", given, ids.join(", ") || "-");
  }
  return found;
}

/** @throws Fault DOCUMENT_UNREADABLE */
async function read<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    throw new Fault("DOCUMENT_UNREADABLE", { file }, error);
  }
}
