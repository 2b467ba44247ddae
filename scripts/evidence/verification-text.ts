/** What was found about a file, in the words of its format. */
import type { Language } from "../../protocol/errors/fault.ts";
import { EVIDENCE_FORMAT } from "../../protocol/evidence/package.ts";
import { pictureText } from "./picture-text.ts";
import { reportText } from "./report-text.ts";
import type { FileVerification } from "./verify-file.ts";

export function verificationText(found: FileVerification, language: Language): string {
  return found.format === EVIDENCE_FORMAT
    ? reportText(found.report, found.pkg, found.pinned, language)
    : pictureText(found.report, found.pkg, found.pinned, language);
}
