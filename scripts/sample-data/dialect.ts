/** How each firm writes its files: encodings, delimiters, headers, dates and amounts as they differ in practice. */
import iconv from "iconv-lite";

import type { SampleAuthorisation } from "./consents.ts";
import type { SampleRecord } from "./risk-records.ts";

export interface Dialect {
  readonly encoding: "utf8" | "utf8-bom" | "gb18030";
  readonly delimiter: "," | "\t" | ";";
  readonly lineEnd: "\n" | "\r\n";
  readonly chinese: boolean;
  readonly date: (day: string) => string;
  /** Unit in the header of the amount, and how an amount is written under it. */
  readonly amountUnit: "万元" | "元" | undefined;
  readonly amount: (fen: number) => string;
  /** Some firms' exports carry more columns than the platform wants. */
  readonly withNames: boolean;
}

const yuan = (fen: number): string => (fen % 100 === 0 ? String(fen / 100) : (fen / 100).toFixed(2));
const grouped = (fen: number): string => (fen / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
const inWan = (fen: number): string => String(fen / 1_000_000);
const written = (day: string): string => day.replace(/^(\d{4})-0?(\d+)-0?(\d+)$/, "$1年$2月$3日");
const slashed = (day: string): string => day.replace(/^(\d{4})-0?(\d+)-0?(\d+)$/, "$1/$2/$3");

const DIALECTS: readonly Dialect[] = [
  {
    encoding: "gb18030",
    delimiter: ",",
    lineEnd: "\r\n",
    chinese: true,
    date: slashed,
    amountUnit: "万元",
    amount: inWan,
    withNames: true,
  },
  {
    encoding: "utf8-bom",
    delimiter: ",",
    lineEnd: "\r\n",
    chinese: true,
    date: written,
    amountUnit: undefined,
    amount: (fen) => `¥${grouped(fen)}`,
    withNames: false,
  },
  {
    encoding: "utf8",
    delimiter: "\t",
    lineEnd: "\n",
    chinese: false,
    date: (day) => day,
    amountUnit: undefined,
    amount: yuan,
    withNames: true,
  },
  {
    encoding: "utf8",
    delimiter: ";",
    lineEnd: "\n",
    chinese: false,
    date: (day) => day.replaceAll("-", ""),
    amountUnit: undefined,
    amount: (fen) => `${inWan(fen)}万`,
    withNames: false,
  },
];

/** The member's dialect, by its place in the list of members. */
export function dialectOf(position: number): Dialect {
  return DIALECTS[position % DIALECTS.length] as Dialect;
}

const WORDS: Readonly<Record<string, string>> = {
  open: "未结清",
  cured: "已结清",
  disputed: "异议处理中",
  withdrawn: "已撤回",
  expired: "已过期",
  "cn-resident-id": "居民身份证",
  CUSTOMER_AUTHORISATION: "客户授权协议",
  MARGIN_AGREEMENT: "融资融券协议",
  RISK_DISCLOSURE: "风险揭示书",
  share: "共享",
  query: "查询",
  CREDIT_GRANTING: "授信",
  ANTI_FRAUD: "反欺诈",
  MONITORING: "监控预警",
  RISK_CONTROL: "风险控制",
  incremental: "增量",
  existing: "存量",
  paper: "书面",
  email: "电子邮件",
  app: "手机应用",
};

export interface OwnedRecord extends SampleRecord {
  readonly subject: string;
}

export function recordsFile(dialect: Dialect, records: readonly OwnedRecord[]): Uint8Array {
  const say = speaker(dialect);
  const unit = dialect.amountUnit === undefined ? "" : `（${dialect.amountUnit}）`;
  const header = dialect.chinese
    ? ["记录编号", "证件类型", "证件号码", "数据类别", "事件日期", `涉及金额${unit}`, "状态", "状态日期", "备注"]
    : [
        "record_id",
        "document_type",
        "document_number",
        "class",
        "event_date",
        "amount",
        "status",
        "status_date",
        "note",
      ];
  const rows = records.map((record) => [
    record.recordId,
    say("cn-resident-id"),
    record.subject,
    record.class,
    dialect.date(record.eventDate),
    record.amountFen === null ? "" : dialect.amount(record.amountFen),
    say(record.status),
    dialect.date(record.statusDate),
    record.note ?? "",
  ]);
  return encode(dialect, withNames(dialect, header, rows));
}

export function authorisationsFile(dialect: Dialect, authorisations: readonly SampleAuthorisation[]): Uint8Array {
  const say = speaker(dialect);
  const list = (codes: readonly string[]): string => codes.map(say).join(dialect.chinese ? "、" : "|");
  const header = dialect.chinese
    ? "授权编号 证件类型 证件号码 授权文件类型 文件摘要 授权范围 用途 签署日期 有效期至 客户类型 告知日期 告知方式".split(
        " ",
      )
    : "authorisation_id document_type document_number instrument document_sm3 scope purposes signed_on valid_until cohort notice_date notice_means".split(
        " ",
      );
  const rows = authorisations.map((entry) => [
    entry.number,
    say("cn-resident-id"),
    entry.subject,
    say(entry.instrument),
    entry.documentSm3,
    list(entry.scope),
    list(entry.purposes),
    dialect.date(entry.signedOn),
    entry.validUntil === null ? "" : dialect.date(entry.validUntil),
    say(entry.cohort),
    entry.noticeDate === null ? "" : dialect.date(entry.noticeDate),
    entry.noticeMeans === null ? "" : say(entry.noticeMeans),
  ]);
  return encode(dialect, withNames(dialect, header, rows));
}

function speaker(dialect: Dialect): (code: string) => string {
  return dialect.chinese ? (code) => WORDS[code] ?? code : (code) => code;
}

/** Columns that the import must recognise and drop; what is in them is as fictional as the firms. */
function withNames(dialect: Dialect, header: readonly string[], rows: readonly (readonly string[])[]): string[][] {
  if (!dialect.withNames) return [[...header], ...rows.map((row) => [...row])];
  const [name, phone] = dialect.chinese ? ["客户姓名", "联系电话"] : ["name", "phone"];
  return [[...header, name, phone], ...rows.map((row, i) => [...row, `示例客户${String(i + 1)}`, "010-00000000"])];
}

function encode(dialect: Dialect, rows: readonly (readonly string[])[]): Uint8Array {
  const special = new RegExp(`["\\r\\n${dialect.delimiter}]`);
  const cell = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const text = rows.map((row) => row.map(cell).join(dialect.delimiter) + dialect.lineEnd).join("");
  return dialect.encoding === "utf8-bom"
    ? iconv.encode(text, "utf8", { addBOM: true })
    : iconv.encode(text, dialect.encoding);
}
