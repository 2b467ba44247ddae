/** Records of a subject at a member, with shares, dates, amounts and statuses as they might be. */
import type { Prng } from "./prng.ts";

export interface SampleRecord {
  readonly recordId: string;
  readonly class: string;
  readonly status: "open" | "cured" | "disputed" | "withdrawn" | "expired";
  readonly eventDate: string;
  readonly statusDate: string;
  readonly amountFen: number | null;
  readonly note: string | null;
}

const FIRM_CLASSES = [
  ["B1", 45],
  ["B2", 25],
  ["B3", 5],
  ["B4", 8],
  ["C1", 7],
  ["C2", 10],
] as const;

const ASSOCIATION_CLASSES = [
  ["A1", 60],
  ["A2", 40],
] as const;

const STATUSES = [
  ["open", 46],
  ["cured", 46],
  ["disputed", 4],
  ["withdrawn", 2],
  ["expired", 2],
] as const;

/** A demo subject's answer must not depend on what is left out. */
const DEMO_STATUSES = [
  ["open", 60],
  ["disputed", 10],
] as const;

const COUNTS = [
  [1, 88],
  [2, 10],
  [3, 2],
] as const;

const NOTES = ["已发送追保通知", "协商展期中", "法院已受理", "分期偿还中", "质押物已处置", "客户已补充说明材料"];

const DAY_MS = 86_400_000;

export interface RecordSource {
  readonly association: boolean;
  /** Nothing happens after this day. */
  readonly asOf: Date;
  readonly demo: boolean;
  /** A number of the firm's own, new at each call. */
  readonly nextId: () => string;
}

export function recordsOf(prng: Prng, source: RecordSource): SampleRecord[] {
  return Array.from({ length: prng.weighted(COUNTS) }, () => {
    const recordClass = prng.weighted<string>(source.association ? ASSOCIATION_CLASSES : FIRM_CLASSES);
    const status = prng.weighted<SampleRecord["status"]>(source.demo ? DEMO_STATUSES : STATUSES);
    const age = 30 + prng.below(source.demo ? 700 : 3_000);
    const since = status === "open" ? age : prng.below(age);
    return {
      recordId: source.nextId(),
      class: recordClass,
      status,
      eventDate: daysBefore(source.asOf, age),
      statusDate: daysBefore(source.asOf, since),
      amountFen: hasAmount(recordClass) ? amount(prng) : null,
      note: prng.chance(0.08) ? prng.pick(NOTES) : null,
    };
  });
}

function hasAmount(recordClass: string): boolean {
  return recordClass !== "B3" && recordClass !== "C1" && recordClass !== "A2";
}

/** From ten thousand to a hundred million yuan, small ones more often; whole hundreds of yuan. */
function amount(prng: Prng): number {
  const magnitude = 10 ** (4 + prng.below(5));
  return Math.max(1, Math.floor(((1 + prng.below(900)) / 100) * (magnitude / 1_000))) * 10_000;
}

function daysBefore(day: Date, days: number): string {
  return new Date(day.getTime() - days * DAY_MS).toISOString().slice(0, 10);
}
