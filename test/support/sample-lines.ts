/** Lines of files with identity numbers that can be nobody's (scripts/sample-data/identity.ts). */
import { createIdentities } from "../../scripts/sample-data/identity.ts";
import { createPrng } from "../../scripts/sample-data/prng.ts";

const newNumber = createIdentities(createPrng(7));

/** Ten numbers that pass every check. */
export const NUMBERS: readonly string[] = Array.from({ length: 10 }, newNumber);

export function numberAt(index: number): string {
  const number = NUMBERS[index];
  if (number === undefined) throw new RangeError("no such number");
  return number;
}

export type Cells = Readonly<Record<string, string>>;

export const RECORD: Cells = {
  record_id: "R1",
  document_type: "cn-resident-id",
  document_number: numberAt(0),
  class: "B1",
  event_date: "2024-03-05",
  amount: "1,234.50",
  status: "open",
  status_date: "2024-03-05",
  note: "",
};

export const AUTHORISATION: Cells = {
  authorisation_id: "Q1",
  document_type: "cn-resident-id",
  document_number: numberAt(0),
  instrument: "客户授权协议",
  document_sm3: "ab".repeat(32),
  scope: "share|query",
  purposes: "全部",
  signed_on: "2024-01-02",
  valid_until: "2034-01-01",
  cohort: "增量",
  notice_date: "2024-01-02",
  notice_means: "书面",
};

/** A comma-separated file of lines that differ from `base` as said. */
export function fileOf(base: Cells, changes: readonly Cells[]): string {
  const columns = Object.keys(base);
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = changes.map((change) => columns.map((column) => quoted(change[column] ?? base[column] ?? "")));
  return [columns, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

export const recordsFile = (...changes: readonly Cells[]): string => fileOf(RECORD, changes);
export const authorisationsFile = (...changes: readonly Cells[]): string => fileOf(AUTHORISATION, changes);
