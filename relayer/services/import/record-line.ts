/** One line of a file of risk records. */
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { ClassCatalogue } from "../records/class-catalogue.ts";
import type { RecordStatus } from "../records/record-status.ts";
import { parseAmount } from "./amount.ts";
import { holdsPersonalNumber, isFormula, type Reading } from "./cell.ts";
import type { Column } from "./column.ts";
import { parseDate } from "./date.ts";
import { readIdentifier } from "./identifier.ts";
import type { LineReader } from "./line-reader.ts";
import { documentTypes, readDocumentNumber } from "./subject-cell.ts";
import { vocabulary } from "./vocabulary.ts";

export interface RecordLine {
  readonly recordId: string;
  readonly subject: SubjectId;
  readonly class: string;
  readonly status: RecordStatus;
  readonly statusDate: string;
  readonly eventDate: string;
  readonly amountFen: number | null;
  readonly note: string | null;
}

export type RecordColumn =
  | "record_id"
  | "document_type"
  | "document_number"
  | "class"
  | "event_date"
  | "amount"
  | "status"
  | "status_date"
  | "note";

export const recordColumns: readonly Column<RecordColumn>[] = [
  {
    key: "record_id",
    required: true,
    names: ["记录编号", "记录号", "编号", "业务编号", "流水号", "record", "recordno", "recordnumber", "id"],
  },
  {
    key: "document_type",
    required: true,
    names: ["证件类型", "证件种类", "证件类别", "idtype", "doctype", "certificatetype"],
  },
  {
    key: "document_number",
    required: true,
    names: ["证件号码", "证件号", "证件编号", "身份证号", "身份证号码", "idnumber", "idno", "docnumber", "documentno"],
  },
  {
    key: "class",
    required: true,
    names: ["数据类别", "类别", "类别代码", "风险类别", "category", "recordclass", "riskclass", "dataclass"],
  },
  {
    key: "event_date",
    required: true,
    names: ["事件日期", "发生日期", "违约日期", "事件发生日", "date", "occurredon", "eventon"],
  },
  {
    key: "amount",
    required: false,
    names: ["涉及金额", "金额", "违约金额", "涉案金额", "amountcny", "amountinvolved", "sum"],
  },
  { key: "status", required: true, names: ["状态", "记录状态", "当前状态", "recordstatus", "state"] },
  {
    key: "status_date",
    required: true,
    names: ["状态日期", "状态更新日期", "状态变更日期", "statuson", "statussince"],
  },
  { key: "note", required: false, names: ["备注", "说明", "摘要", "notes", "remark", "remarks", "comment"] },
];

const statuses = vocabulary<RecordStatus>({
  open: [
    "未结清",
    "未了结",
    "未清偿",
    "未解除",
    "存续",
    "有效",
    "进行中",
    "active",
    "outstanding",
    "unpaid",
    "unsettled",
  ],
  cured: [
    "已结清",
    "已清偿",
    "已了结",
    "已解除",
    "已补足",
    "结清",
    "settled",
    "resolved",
    "repaid",
    "closed",
    "cleared",
  ],
  disputed: ["异议处理中", "异议中", "异议", "争议", "争议中", "in dispute", "under dispute"],
  withdrawn: ["已撤回", "撤回", "已撤销", "撤销", "作废", "revoked", "cancelled", "canceled"],
  expired: ["已过期", "过期", "已失效", "失效", "lapsed"],
});

const NOTE_CHARACTERS = 200;

export interface RecordLineTerms {
  readonly now: Date;
  /** Today in China. */
  readonly today: string;
  readonly classes: ClassCatalogue;
}

/** Undefined if anything is wrong, which `line.faults` then says. */
export function readRecordLine(line: LineReader<RecordColumn>, terms: RecordLineTerms): RecordLine | undefined {
  const documentNumber = line.text("document_number");
  const recordId = line.required("record_id", (text) => readIdentifier(text, documentNumber));
  const scheme = line.required("document_type", (text) => known(documentTypes.read(text), "DOCUMENT_TYPE_UNKNOWN"));
  const subject =
    scheme && line.required<SubjectId>("document_number", (text) => readDocumentNumber(scheme, text, terms.now));
  const recordClass = line.required("class", terms.classes.read);
  const past = (text: string): Reading<string> => notAfter(parseDate(text), terms.today);
  const eventDate = line.required("event_date", past);
  const amountFen = line.optional("amount", (text) => parseAmount(text, line.layout.amountUnit));
  const status = line.required("status", (text) => known(statuses.read(text), "STATUS_UNKNOWN"));
  // What is open has been so since the event, unless the file says otherwise.
  const statusDate =
    status === "open" && line.text("status_date") === "" ? eventDate : line.required("status_date", past);
  if (eventDate !== undefined && statusDate !== undefined && statusDate < eventDate) {
    line.refuse("status_date", "STATUS_BEFORE_EVENT");
  }
  const note = line.optional("note", (text) => readNote(text, documentNumber));
  if (
    line.faults.length > 0 ||
    recordId === undefined ||
    subject === undefined ||
    recordClass === undefined ||
    eventDate === undefined ||
    status === undefined ||
    statusDate === undefined
  ) {
    return undefined;
  }
  return {
    recordId,
    subject,
    class: recordClass,
    status,
    statusDate,
    eventDate,
    amountFen: amountFen ?? null,
    note: note ?? null,
  };
}

function known<T>(value: T | undefined, code: "DOCUMENT_TYPE_UNKNOWN" | "STATUS_UNKNOWN"): Reading<T> {
  return value === undefined ? { code } : { value };
}

export function notAfter(reading: Reading<string>, today: string): Reading<string> {
  return "value" in reading && reading.value > today ? { code: "DATE_IN_FUTURE" } : reading;
}

function readNote(text: string, documentNumber: string): Reading<string> {
  if ([...text].length > NOTE_CHARACTERS) return { code: "NOTE_TOO_LONG" };
  if (isFormula(text)) return { code: "CELL_FORMULA" };
  const repeats = documentNumber.length >= 6 && text.toUpperCase().includes(documentNumber.toUpperCase());
  return repeats || holdsPersonalNumber(text) ? { code: "NOTE_HOLDS_PERSONAL_NUMBER" } : { value: text };
}
