/** The checks of one dataset's outcome: the subject's place in the committed table, and what stands there. */
import { fromHex } from "../encoding/bytes.ts";
import type { EvaluateResponse } from "../oblivious-lookup/response.ts";
import { openEntry } from "../sealed-table/entry.ts";
import { leafHash, leafHoldsEntry, leafVerdict } from "../sealed-table/linked-leaves.ts";
import { verifyPath } from "../sealed-table/merkle.ts";
import { unpadPayload } from "../sealed-table/payload.ts";
import { decodeRecords } from "../sealed-table/record.ts";
import { subjectInput, type SubjectId } from "../subject/subject.ts";
import { leafOf, pathOf, tableOf } from "./answer-bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnswer } from "./package.ts";
import type { Committed } from "./verify-answer.ts";

export async function verifyTable(
  run: CheckRun,
  answer: EvidenceAnswer,
  subject: SubjectId | undefined,
  committed: Committed | undefined,
  response: EvaluateResponse | undefined,
): Promise<void> {
  const leaf = leafOf(answer);
  const table = tableOf(answer);
  const found = await run.check("TAG", [subject, committed, response], (about, { suite }, { evaluated }) => {
    const element = requireKnown(evaluated[answer.index], "RESPONSE_ELEMENTS");
    const blind = suite.oprf.decodeScalar(fromHex(answer.blind));
    const y = suite.oprf.finalize(subjectInput(about), blind, element);
    return { y, verdict: requireKnown(leafVerdict(leaf, suite.deriveTag(y, table)), "TAG_OUTSIDE") };
  });
  await run.check("OUTCOME", [found], ({ verdict }) => {
    requireThat(verdict === answer.outcome, "OUTCOME_OTHER");
  });
  await run.check("PATH", [], () => {
    requireThat(verifyPath(leafHash(leaf), pathOf(answer), fromHex(answer.root)), "PATH_OTHER");
  });
  if (answer.outcome === "miss") return;
  const entry = fromHex(answer.entry);
  await run.check("ENTRY", [committed], ({ entrySize }) => {
    requireThat(entry.length === entrySize, "ENTRY_SIZE");
    requireThat(leafHoldsEntry(leaf, entry), "ENTRY_OTHER");
  });
  const content = await run.check("OPENING", [found, committed], ({ y }, { suite }) => {
    const payload = requireKnown(openEntry(suite, table, y, entry), "ENTRY_UNOPENED");
    return requireComputed(() => decodeRecords(unpadPayload(payload)), "ENTRY_UNOPENED");
  });
  await run.check("RECORDS", [content], (records) => {
    requireThat(canonicalJson(records) === canonicalJson(answer.records), "RECORDS_OTHER");
  });
}
