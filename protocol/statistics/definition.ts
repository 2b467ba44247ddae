/**
 * What a statistic is: a public document of which the chain has the digest. All its numbers are sums over members for one month. The
 * document's digest is the statistic's id, so contributions (which name the id) are bound to what it says.
 *
 *   id = keccak-256(lp("riskveil/statistics/definition/1", RFC 8785 form of the document))
 */
import { lengthPrefixed, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import { createLayout, type Layout } from "../paillier/packing.ts";

const DOMAIN = utf8("riskveil/statistics/definition/1");

/**
 * Of one class of records and one month, withdrawn records left out:
 * - `open`: records whose event was on or before the month's last day and that were not cured or expired by then;
 * - `recorded`: records whose event was in the month;
 * - `overdue`: the amounts of the open ones, in fen (分); a record without an amount counts as 0.
 */
export type Measure = "open" | "recorded" | "overdue";

export interface DefinedField {
  readonly name: string;
  /** Code of the record class. */
  readonly class: string;
  readonly measure: Measure;
  /** Largest value of one contributor, decimal. */
  readonly most: string;
}

export interface StatisticDefinition {
  readonly format: "riskveil/statistic/1";
  readonly name: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly calendar: "month";
  /** Most contributors to a sum. */
  readonly contributors: number;
  readonly fields: readonly DefinedField[];
}

const CLASSES = ["A1", "A2", "B1", "B2", "B3", "B4", "C1", "C2"] as const;
const MEASURES: readonly (readonly [Measure, string])[] = [
  ["open", "10000000"],
  ["recorded", "10000000"],
  // 10^16 fen are 100 trillion yuan, the balance sheet of the whole industry several times over.
  ["overdue", "10000000000000000"],
];

/** Industry totals by class and month: 24 numbers, 992 bits for 128 contributors. */
export const industryRisk: StatisticDefinition = {
  format: "riskveil/statistic/1",
  name: "industry-risk-by-class",
  title: { en: "Industry totals of risk records by class and month", zh: "全行业风险记录分类月度合计" },
  calendar: "month",
  contributors: 128,
  fields: CLASSES.flatMap((each) =>
    MEASURES.map(([measure, most]) => ({ name: `${each}.${measure}`, class: each, measure, most })),
  ),
};

/** Those that this program computes contributions to. */
export const definitions: readonly StatisticDefinition[] = [industryRisk];

/** 32 bytes. */
export function statisticOf(definition: StatisticDefinition): Uint8Array {
  return keccak256(lengthPrefixed(DOMAIN, utf8(canonicalJson(definition))));
}

/** For plaintexts under a key of `keyBits`. @throws Fault PACKING_LAYOUT_INVALID, PACKING_TOO_WIDE */
export function layoutOf({ fields, contributors }: StatisticDefinition, keyBits: number): Layout {
  return createLayout(
    fields.map(({ name, most }) => ({ name, most: BigInt(most) })),
    contributors,
    keyBits,
  );
}

export interface Month {
  /** Days, YYYY-MM-DD, both in it. */
  readonly first: string;
  readonly last: string;
}

/** Of a period's number, YYYYMM. @throws Fault STATISTIC_PERIOD_INVALID */
export function monthOf(period: number): Month {
  const [year, month] = [Math.floor(period / 100), period % 100];
  if (!Number.isInteger(period) || year < 1900 || year > 2199 || month < 1 || month > 12) {
    throw new Fault("STATISTIC_PERIOD_INVALID", { period });
  }
  const digits = `${String(year)}-${String(month).padStart(2, "0")}`;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { first: `${digits}-01`, last: `${digits}-${String(days)}` };
}
