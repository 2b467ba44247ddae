/**
 * Points and grade of one investor by a model, with every reason and what it added: whoever reads it adds it up and arrives
 * at the same. Nothing found gives no grade: that nothing was found says nothing of who was not asked.
 */
import type { RatingModel } from "./model.ts";

export interface RatedFacts {
  /** Records by class. */
  readonly counts: Readonly<Record<string, number>>;
  readonly overdueFen: number;
  /** Institutions that have records, as far as known: at least so many. */
  readonly institutions: number;
  /** Some values stand for "at least": they were above what can be told. */
  readonly atLeast: boolean;
}

export interface RatingReason {
  readonly rule: "class" | "overdue" | "institutions";
  /** Of the class rule. */
  readonly class?: string;
  /** Records, fen, or institutions. */
  readonly value: number;
  readonly points: number;
  readonly text: { readonly en: string; readonly zh: string };
}

export interface Rating {
  readonly model: { readonly name: string; readonly version: number };
  /** Null where nothing was found. */
  readonly grade: string | null;
  readonly meaning: { readonly en: string; readonly zh: string } | null;
  readonly points: number;
  /** Points are a lower bound. */
  readonly atLeast: boolean;
  readonly reasons: readonly RatingReason[];
}

export function rate(model: RatingModel, facts: RatedFacts): Rating {
  const found = Object.values(facts.counts).some((count) => count > 0);
  const reasons = found ? [...classReasons(model, facts), ...stepReasons(model, facts)] : [];
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0);
  const grade = found ? model.grades.findLast(({ from }) => points >= from) : undefined;
  return {
    model: { name: model.name, version: model.version },
    grade: grade?.grade ?? null,
    meaning: grade?.meaning ?? null,
    points,
    atLeast: facts.atLeast,
    reasons,
  };
}

function classReasons({ classes }: RatingModel, { counts }: RatedFacts): RatingReason[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      // A class that the model does not know is shown and adds nothing.
      const rule = classes[name];
      const counted = Math.min(value, rule?.most ?? 0);
      const added = counted * (rule?.points ?? 0);
      return {
        rule: "class" as const,
        class: name,
        value,
        points: added,
        text: {
          en: `${String(value)} record${value === 1 ? "" : "s"} of class ${name}: ${String(added)} points`,
          zh: `${name} 类记录 ${String(value)} 条：${String(added)} 分`,
        },
      };
    });
}

function stepReasons(model: RatingModel, { overdueFen, institutions }: RatedFacts): RatingReason[] {
  const overdue = model.overdueFen.findLast(({ from }) => overdueFen >= from);
  const many = model.institutions.findLast(({ from }) => institutions >= from);
  const yuan = (overdueFen / 100).toFixed(2);
  return [
    ...(overdue === undefined
      ? []
      : [
          {
            rule: "overdue" as const,
            value: overdueFen,
            points: overdue.points,
            text: {
              en: `${yuan} yuan overdue: ${String(overdue.points)} points`,
              zh: `未清偿金额 ${yuan} 元：${String(overdue.points)} 分`,
            },
          },
        ]),
    ...(many === undefined
      ? []
      : [
          {
            rule: "institutions" as const,
            value: institutions,
            points: many.points,
            text: {
              en: `${String(institutions)} institutions have records: ${String(many.points)} points`,
              zh: `${String(institutions)} 家机构存有记录：${String(many.points)} 分`,
            },
          },
        ]),
  ];
}
