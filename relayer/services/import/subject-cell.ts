/** The two cells that say who a line is about. */
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import { parseSubject, type SubjectId, type SubjectScheme } from "../../../protocol/subject/subject.ts";
import { dayOf, isCalendarDate } from "../records/calendar-date.ts";
import type { Reading } from "./cell.ts";
import { vocabulary } from "./vocabulary.ts";

export const documentTypes = vocabulary<SubjectScheme>({
  "cn-resident-id": [
    "居民身份证",
    "身份证",
    "中国居民身份证",
    "二代身份证",
    "身份证号",
    "id card",
    "resident id",
    "identity card",
    "01",
  ],
  "cn-uscc": [
    "统一社会信用代码",
    "营业执照",
    "社会信用代码",
    "uscc",
    "unified social credit code",
    "business licence",
    "business license",
  ],
  "cn-passport": ["护照", "中国护照", "passport"],
  "hk-macao-permit": ["港澳居民来往内地通行证", "港澳通行证", "回乡证", "hk macao permit", "home return permit"],
  "taiwan-permit": ["台湾居民来往大陆通行证", "台胞证", "台湾通行证", "taiwan permit", "mtp"],
  "foreigner-permit": ["外国人永久居留身份证", "外国人永久居留证", "永久居留证", "foreign permanent resident id"],
});

const REFUSALS: Readonly<Record<string, FaultCode>> = {
  format: "IDENTITY_FORMAT",
  region: "IDENTITY_PROVINCE",
  "birth-date": "IDENTITY_BIRTH_DATE",
  "check-digit": "IDENTITY_CHECK_DIGIT",
};

export function readDocumentNumber(scheme: SubjectScheme, text: string, now: Date): Reading<SubjectId> {
  if (/^\d(?:\.\d+)?e\+?\d{1,2}$/i.test(text)) return { code: "IDENTITY_ROUNDED", why: "scientific notation" };
  try {
    return { value: parseSubject({ scheme, number: text }, { asOf: now }) };
  } catch (error) {
    if (!isFault(error, "SUBJECT_NUMBER_INVALID")) throw error;
    const reason = String(error.values["reason"]);
    if (reason === "birth-date" && bornInFuture(text, now))
      return { code: "IDENTITY_BIRTH_FUTURE", why: "birth date in the future" };
    return { code: REFUSALS[reason] ?? "IDENTITY_FORMAT", why: `${reason.replace("-", " ")} wrong` };
  }
}

function bornInFuture(text: string, now: Date): boolean {
  const digits = /^\d{6}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]$/.exec(text.replace(/[\s-]/g, ""));
  if (!digits) return false;
  const birth = `${digits[1] ?? ""}-${digits[2] ?? ""}-${digits[3] ?? ""}`;
  return isCalendarDate(birth) && birth > dayOf(now);
}
