import { chainTime } from "../chain-log.ts";
import type { Text } from "../language.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { iso, moment, scopeNames, scopeText } from "../words/amounts.ts";

export async function status(session: Session): Promise<Report> {
  const { contracts, provider } = await session.platform();
  const { emergency } = contracts;
  const [scope, until, count, exiting, disposing, ledgerTime, now] = await Promise.all([
    emergency.frozenScope().then(Number),
    emergency.frozenUntil().then(Number),
    emergency.freezeCount().then(Number),
    emergency.exiting(),
    emergency.disposing(),
    emergency.time().then(Number),
    chainTime(provider),
  ]);
  const overdue = scope !== 0 && until !== 0 && now > until;
  return {
    json: {
      frozen: scopeNames(scope),
      announcedUntil: iso(until),
      overdue,
      freezes: count,
      exiting,
      disposing,
      ledgerTime: iso(ledgerTime),
    },
    text(language) {
      const entries: (readonly [Text, string])[] = [
        [{ en: "frozen", zh: "冻结范围" }, scope === 0 ? "-" : scopeText(scope)[language]],
      ];
      if (until !== 0) {
        const late = overdue
          ? { en: " (overdue: the council may lift it)", zh: "（已逾期：理事会可解除）" }[language]
          : "";
        entries.push([{ en: "announced until", zh: "公告截止" }, moment(until) + late]);
      }
      const phase: Text = exiting
        ? disposing
          ? { en: "winding up, disposal is open", zh: "退出中，数据处置已开放" }
          : { en: "winding up", zh: "退出中" }
        : scope === 0
          ? { en: "running", zh: "运行中" }
          : { en: "stands still; no deadline passes", zh: "已暂停，期限不流逝" };
      entries.push([{ en: "platform", zh: "平台" }, phase[language]]);
      entries.push([{ en: "freezes so far", zh: "累计冻结次数" }, String(count)]);
      return sheet(entries, language);
    },
  };
}
