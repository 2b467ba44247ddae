import { requiredDigestOf, type DocumentArguments } from "../documents.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, moment } from "../words/amounts.ts";

type Kind = "drill" | "incident";

/** As contracts/governance/IEmergencyRecords.sol numbers them. */
const NUMBERS: Readonly<Record<Kind, number>> = { incident: 0, drill: 1 };

interface EmergencyRecord {
  readonly number: number;
  readonly kind: number;
  readonly filedBy: number;
  readonly filedAt: number;
  readonly closedAt: number;
  readonly measures: number;
  readonly documentDigest: string;
  readonly outcomeDigest: string;
}

async function readRecords(session: Session): Promise<EmergencyRecord[]> {
  const { emergencyRecords } = (await session.platform()).contracts;
  const count = Number(await emergencyRecords.recordCount());
  return await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const record = await emergencyRecords.getRecord(i + 1);
      return {
        number: i + 1,
        kind: Number(record.kind),
        filedBy: Number(record.filedBy),
        filedAt: Number(record.filedAt),
        closedAt: Number(record.closedAt),
        measures: Number(record.measures),
        documentDigest: record.documentDigest,
        outcomeDigest: record.outcomeDigest,
      };
    }),
  );
}

export const file =
  (kind: Kind) =>
  async (session: Session, args: DocumentArguments): Promise<Plan> => {
    const { digest, keep } = await requiredDigestOf(args);
    const plan = await planOf(session, "direct", "emergencyRecords", "file", [[NUMBERS[kind], digest]]);
    return { ...plan, afterwards: keep, facts: { digest } };
  };

export const close =
  (kind: Kind) =>
  async (session: Session, args: DocumentArguments & { readonly record: string }): Promise<Plan> => {
    const found = (await readRecords(session)).find(({ number }) => String(number) === args.record);
    if (found?.kind !== NUMBERS[kind]) throw invalid("record", args.record, `the number of a record of ${kind} list`);
    const { digest, keep } = await requiredDigestOf(args);
    const plan = await planOf(session, "direct", "emergencyRecords", "close", [[found.number, digest]]);
    return { ...plan, afterwards: keep, facts: { digest } };
  };

export const list =
  (kind: Kind) =>
  async (session: Session): Promise<Report> => {
    const names = await session.names();
    const rows = (await readRecords(session)).filter((record) => record.kind === NUMBERS[kind]);
    return {
      json: rows.map((row) => ({
        ...row,
        kind,
        filedBy: names.memberName(row.filedBy),
        filedAt: iso(row.filedAt),
        closedAt: iso(row.closedAt),
      })),
      text: (language) =>
        table(
          [
            { title: { en: "no", zh: "编号" }, cell: ({ number }) => String(number) },
            { title: { en: "filed by", zh: "填报成员" }, cell: ({ filedBy }) => names.memberName(filedBy) },
            { title: { en: "filed", zh: "填报时间" }, cell: ({ filedAt }) => moment(filedAt) },
            {
              title: { en: "closed", zh: "关闭时间" },
              cell: ({ closedAt }) => (closedAt === 0 ? "-" : moment(closedAt)),
            },
            { title: { en: "measures", zh: "应急措施版本" }, cell: ({ measures }) => String(measures) },
            { title: { en: "document", zh: "文件摘要" }, cell: ({ documentDigest }) => documentDigest },
          ],
          rows,
          language,
        ),
    };
  };
