/** Small files of records and authorisations, and their way in through the member API. */
import { randomBytes } from "node:crypto";

import type { PartyName } from "../../scripts/network/parties.ts";
import type { TestNetwork } from "./network.ts";

export interface RecordEntry {
  readonly number: string;
  readonly record: string;
  readonly class?: string;
}

export interface AuthorisationEntry {
  readonly number: string;
  readonly authorisation: string;
  readonly scope?: string;
  readonly purposes?: string;
  readonly signedOn?: string;
  readonly validUntil?: string;
  readonly cohort?: string;
  readonly noticeDate?: string;
  readonly noticeMeans?: string;
}

export function recordsFile(entries: readonly RecordEntry[]): Buffer {
  const header = "record_id,document_type,document_number,class,event_date,amount,status,status_date,note";
  const lines = entries.map(({ number, record, class: code = "B1" }) =>
    [record, "cn-resident-id", number, code, "2025-03-04", "120000.50", "open", "2025-03-05", ""].join(","),
  );
  return Buffer.from([header, ...lines, ""].join("\n"));
}

export function authorisationsFile(entries: readonly AuthorisationEntry[]): Buffer {
  const header = [
    ...["authorisation_id", "document_type", "document_number", "instrument", "document_sm3", "scope"],
    ...["purposes", "signed_on", "valid_until", "cohort", "notice_date", "notice_means"],
  ];
  const lines = entries.map((entry) => {
    const { scope = "share", purposes = "全部", signedOn = "2024-01-02", validUntil = "2044-01-01" } = entry;
    const { cohort = "增量", noticeDate = "2024-01-02", noticeMeans = "书面" } = entry;
    return [
      ...[entry.authorisation, "cn-resident-id", entry.number, "客户授权协议", randomBytes(32).toString("hex"), scope],
      ...[purposes, signedOn, validUntil, cohort, noticeDate, noticeMeans],
    ].join(",");
  });
  return Buffer.from([header.join(","), ...lines, ""].join("\n"));
}

export interface ImportOutcome {
  readonly state: string;
  readonly report: {
    readonly duplicate: boolean;
    readonly applied: boolean;
    readonly counts: Readonly<Record<string, number>>;
    readonly faults: readonly { readonly line: number; readonly column: string; readonly code: string }[];
    readonly fileFault: { readonly code: string } | null;
  };
}

/** Sends a file and waits for its report, whatever it says. */
export async function sendFile(
  net: TestNetwork,
  name: PartyName,
  kind: "records" | "authorisations",
  file: Uint8Array,
  query = "",
): Promise<ImportOutcome> {
  const { client } = net.member(name);
  const { id } = (await client.upload("data_officer", `/v1/imports/${kind}${query}`, file)) as { id: string };
  return net.wait(`the import of ${name}`, async () => {
    const seen = (await client.get("data_officer", `/v1/imports/${id}`)) as ImportOutcome;
    return seen.state === "waiting" || seen.state === "running" ? undefined : seen;
  });
}

/** Sends a file that must go in whole. */
export async function importFile(
  net: TestNetwork,
  name: PartyName,
  kind: "records" | "authorisations",
  file: Uint8Array,
): Promise<void> {
  const { state, report } = await sendFile(net, name, kind, file);
  if (state !== "done" || report.faults.length > 0) throw new Error(`${state}: ${JSON.stringify(report)}`);
}
