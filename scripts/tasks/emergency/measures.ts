import { requiredDigestOf, type DocumentArguments } from "../documents.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { iso, moment } from "../words/amounts.ts";

export async function adopt(session: Session, args: DocumentArguments): Promise<Plan> {
  const { version } = await (await session.platform()).contracts.emergencyRecords.measures();
  const { digest, keep } = await requiredDigestOf(args);
  const plan = await planOf(session, "desk", "emergencyRecords", "adoptMeasures", [[version + 1n, digest]]);
  return { ...plan, afterwards: keep, facts: { digest } };
}

export async function show(session: Session): Promise<Report> {
  const { version, measuresDigest, adoptedAt } = await (await session.platform()).contracts.emergencyRecords.measures();
  const exists = version > 0n;
  return {
    json: { version: Number(version), adoptedAt: iso(adoptedAt), digest: exists ? measuresDigest : null },
    text: (language) =>
      sheet(
        [
          [{ en: "version", zh: "版本" }, exists ? version.toString() : "-"],
          [{ en: "adopted", zh: "启用时间" }, exists ? moment(Number(adoptedAt)) : "-"],
          [{ en: "document", zh: "文件摘要" }, exists ? measuresDigest : "-"],
        ],
        language,
      ),
  };
}
