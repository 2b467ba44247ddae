/**
 * What a contribution to the consortium table says of a subject, out of its published records: how many of each class, and
 * what is overdue. Expired and withdrawn records are not published, so open, disputed and cured ones count; cured ones owe
 * nothing any more.
 */
import type { RiskRecord } from "../../../protocol/sealed-table/record.ts";
import { standardSchema, type SubjectSummary } from "../../../protocol/aggregate/schema.ts";

const KNOWN: readonly string[] = standardSchema.classSlots.flat().map((each) => each.class);
const OWING: readonly RiskRecord["status"][] = ["open", "disputed"];

/** Undefined if no record is of a class that the consortium table has. */
export function summarise(records: readonly RiskRecord[]): SubjectSummary | undefined {
  const counted = records.filter((record) => KNOWN.includes(record.class));
  if (counted.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const record of counted) counts[record.class] = (counts[record.class] ?? 0) + 1;
  const owing = counted.filter(({ status }) => OWING.includes(status));
  return { counts, overdueFen: owing.reduce((sum, { amountFen = 0 }) => sum + amountFen, 0) };
}

/** Of one subject in two datasets of a member. */
export function addSummaries(a: SubjectSummary, b: SubjectSummary): SubjectSummary {
  const classes = new Set([...Object.keys(a.counts), ...Object.keys(b.counts)]);
  const counts = Object.fromEntries([...classes].map((name) => [name, (a.counts[name] ?? 0) + (b.counts[name] ?? 0)]));
  return { counts, overdueFen: a.overdueFen + b.overdueFen };
}
