/** One line of a file of authorisations. */
import { purposeCodes, purposes, type Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { Cohort, Instrument, NoticeMeans, Scope } from "../authorisations/authorisation.ts";
import type { AuthorisationEntry } from "../authorisations/entry.ts";
import type { Reading } from "./cell.ts";
import type { Column } from "./column.ts";
import { parseDate } from "./date.ts";
import { readIdentifier } from "./identifier.ts";
import type { LineReader } from "./line-reader.ts";
import { documentTypes, readDocumentNumber } from "./subject-cell.ts";
import { readList, vocabulary } from "./vocabulary.ts";

export type AuthorisationColumn =
  | "authorisation_id"
  | "document_type"
  | "document_number"
  | "instrument"
  | "document_sm3"
  | "scope"
  | "purposes"
  | "signed_on"
  | "valid_until"
  | "cohort"
  | "notice_date"
  | "notice_means";

export const authorisationColumns: readonly Column<AuthorisationColumn>[] = [
  {
    key: "authorisation_id",
    required: true,
    names: ["授权编号", "授权书编号", "授权号", "编号", "authorizationid", "authorisationno", "authorizationno", "id"],
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
    key: "instrument",
    required: true,
    names: ["授权文件类型", "授权文件", "文件类型", "授权形式", "instrumenttype", "agreement"],
  },
  {
    key: "document_sm3",
    required: true,
    names: ["文件摘要", "文件SM3摘要", "授权文件摘要", "SM3", "SM3摘要", "sm3digest", "documentdigest", "digest"],
  },
  { key: "scope", required: true, names: ["授权范围", "范围", "scopes"] },
  { key: "purposes", required: true, names: ["用途", "授权用途", "使用目的", "purpose"] },
  {
    key: "signed_on",
    required: true,
    names: ["签署日期", "签订日期", "授权日期", "签署日", "signeddate", "signaturedate", "datesigned"],
  },
  {
    key: "valid_until",
    required: false,
    names: ["有效期至", "授权截止日期", "到期日", "有效截止日期", "expireson", "validto", "expirydate"],
  },
  {
    key: "cohort",
    required: true,
    names: ["客户类型", "客户类别", "增量存量", "客户批次", "customertype", "customercohort"],
  },
  { key: "notice_date", required: false, names: ["告知日期", "书面告知日期", "noticeon", "notifiedon"] },
  { key: "notice_means", required: false, names: ["告知方式", "书面告知方式", "noticechannel", "notifiedby", "means"] },
];

const instruments = vocabulary<Instrument>({
  CUSTOMER_AUTHORISATION: [
    "客户授权协议",
    "授权协议",
    "客户授权书",
    "授权书",
    "customer authorization",
    "authorisation agreement",
  ],
  MARGIN_AGREEMENT: ["融资融券协议", "融资融券合同", "两融合同", "margin trading agreement", "margin contract"],
  RISK_DISCLOSURE: ["风险揭示书", "风险揭示", "risk disclosure statement"],
  OTHER: ["其他", "其它"],
});

const scopes = vocabulary<Scope>({
  share: ["共享", "报送", "提供", "sharing"],
  query: ["查询", "querying", "inquiry"],
});

const purposeWords = vocabulary<Purpose>({
  CREDIT_GRANTING: [purposes.CREDIT_GRANTING.zh, "征信", "征信授信", "credit", "granting"],
  ANTI_FRAUD: [purposes.ANTI_FRAUD.zh, "fraud"],
  MONITORING: [purposes.MONITORING.zh, "监控", "预警", "贷后监控", "early warning"],
  RISK_CONTROL: [purposes.RISK_CONTROL.zh, "风控"],
});

const cohorts = vocabulary<Cohort>({
  incremental: ["增量", "增量客户", "新增", "新客户", "new"],
  existing: ["存量", "存量客户", "老客户", "old"],
});

const noticeMeans = vocabulary<NoticeMeans>({
  paper: ["书面", "纸质", "纸质文件", "written", "letter"],
  email: ["电子邮件", "邮件", "邮箱", "mail"],
  app: ["手机应用", "手机APP", "APP通知", "应用内", "in app"],
  other: ["其他", "其它"],
});

export interface AuthorisationLine extends AuthorisationEntry {
  readonly number: string;
}

/** Undefined if anything is wrong, which `line.faults` then says. */
export function readAuthorisationLine(
  line: LineReader<AuthorisationColumn>,
  terms: { readonly now: Date },
): AuthorisationLine | undefined {
  const documentNumber = line.text("document_number");
  const number = line.required("authorisation_id", (text) => readIdentifier(text, documentNumber));
  const scheme = line.required("document_type", (text) => word(documentTypes.read(text), "DOCUMENT_TYPE_UNKNOWN"));
  const subject =
    scheme && line.required<SubjectId>("document_number", (text) => readDocumentNumber(scheme, text, terms.now));
  const instrument = line.required("instrument", (text) => word(instruments.read(text), "INSTRUMENT_UNKNOWN"));
  const documentSm3 = line.required("document_sm3", readDigest);
  const scope = line.required("scope", (text) => word(readList(scopes, text), "SCOPE_UNKNOWN"));
  const purposeList = line.required("purposes", (text) => word(readPurposes(text), "PURPOSES_UNKNOWN"));
  // A document may take effect later than it is entered; until then it allows nothing.
  const signedOn = line.required("signed_on", parseDate);
  const validUntil = line.optional("valid_until", parseDate);
  const cohort = line.required("cohort", (text) => word(cohorts.read(text), "COHORT_UNKNOWN"));
  const noticeDate = line.optional("notice_date", parseDate);
  const means = line.optional("notice_means", (text) => word(noticeMeans.read(text), "NOTICE_MEANS_UNKNOWN"));
  if (signedOn !== undefined && validUntil && validUntil < signedOn)
    line.refuse("valid_until", "VALID_UNTIL_BEFORE_SIGNED");
  if (noticeDate !== undefined && means !== undefined && (noticeDate === null) !== (means === null)) {
    line.refuse(noticeDate === null ? "notice_date" : "notice_means", "NOTICE_INCOMPLETE");
  }
  if (
    line.faults.length > 0 ||
    number === undefined ||
    subject === undefined ||
    instrument === undefined ||
    documentSm3 === undefined ||
    scope === undefined ||
    purposeList === undefined ||
    signedOn === undefined ||
    cohort === undefined
  ) {
    return undefined;
  }
  return {
    number,
    subject,
    instrument,
    documentSm3,
    scope,
    purposes: purposeList,
    signedOn,
    validUntil: validUntil ?? null,
    cohort,
    noticeDate: noticeDate ?? null,
    noticeMeans: means ?? null,
  };
}

type WordCode =
  | "DOCUMENT_TYPE_UNKNOWN"
  | "INSTRUMENT_UNKNOWN"
  | "SCOPE_UNKNOWN"
  | "PURPOSES_UNKNOWN"
  | "COHORT_UNKNOWN"
  | "NOTICE_MEANS_UNKNOWN";

function word<T>(value: T | undefined, code: WordCode): Reading<T> {
  return value === undefined ? { code } : { value };
}

function readPurposes(text: string): readonly Purpose[] | undefined {
  return /^(?:全部|所有|all)$/i.test(text) ? purposeCodes : readList(purposeWords, text);
}

function readDigest(text: string): Reading<Uint8Array> {
  const hex = text.replace(/^0x/i, "");
  return /^[0-9a-fA-F]{64}$/.test(hex)
    ? { value: new Uint8Array(Buffer.from(hex, "hex")) }
    : { code: "DOCUMENT_DIGEST_FORMAT" };
}
