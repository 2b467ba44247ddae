import type { SubjectId } from "../../../protocol/subject/subject.ts";

/** Enough of a document number to recognise a file on the desk, not enough to know it: `cn-resident-id:119***********0013`. */
export function mask(subject: SubjectId): string {
  const [scheme = "", number = ""] = subject.split(":");
  const [head, tail] = number.length >= 15 ? [3, 4] : [1, 2];
  return `${scheme}:${number.slice(0, head)}${"*".repeat(Math.max(0, number.length - head - tail))}${number.slice(-tail)}`;
}
