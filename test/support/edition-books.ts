/** What holders of an edition's stage hold. */
import type { PublishableSubject } from "../../relayer/services/records/publishable.ts";
import type { SubjectId } from "../../protocol/subject/subject.ts";
import { sampleRecord } from "../protocol/sealed-table/sample.ts";

type Held = Partial<PublishableSubject["records"][number]>;

export function passport(number: number): SubjectId {
  return `cn-passport:E${String(10_000_000 + number)}` as SubjectId;
}

export function held(number: number, ...records: readonly Held[]): PublishableSubject {
  const made = records.map((record, at) => ({ ...sampleRecord, id: `r-${String(number)}-${String(at)}`, ...record }));
  return { subject: passport(number), records: made };
}

/** A debt of `yuan` that is open. */
export function owes(number: number, yuan: number): PublishableSubject {
  return held(number, { class: "B2", status: "open", amountFen: yuan * 100 });
}
