/** One private query of a demo subject that two others have records of and one that nobody has; checked against the sample. */
import { isDeepStrictEqual } from "node:util";

import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { QueryView } from "../../../relayer/services/query/query-view.ts";
import type { ExpectedRecord, Expectations } from "../../sample-data/expectations.ts";
import type { Member } from "../network.ts";
import { until } from "../waiting.ts";

export type DemoSubject = Expectations["demo"][number];

export interface Asked {
  readonly view: QueryView;
  readonly subjects: readonly DemoSubject[];
  /** From sending the question to having the whole answer. */
  readonly milliseconds: number;
}

const PATIENCE_S = 180;

/** The hit and the miss that `querier` asks about, in this order; `turn` chooses among those there are. */
export function chooseSubjects(demo: Expectations["demo"], querier: string, turn: number): DemoSubject[] {
  return (["two-holders", "none"] as const).map((kind) => {
    const candidates = demo.filter((subject) => subject.querier === querier && subject.kind === kind);
    const chosen = candidates[turn % candidates.length];
    if (chosen === undefined) throw new RangeError(`the sample has no ${kind} subject for ${querier}`);
    return chosen;
  });
}

/** @throws Fault WORK_UNFINISHED, STORY_CONTRADICTED, MEMBER_API_REFUSED */
export async function ask(
  querier: Member,
  subjects: readonly DemoSubject[],
  signal: AbortSignal,
  mode: "detail" | "aggregate" = "detail",
): Promise<Asked> {
  const body = {
    subjects: subjects.map(({ scheme, number, authorisation }) => ({ scheme, number, authorisation })),
    purpose: "CREDIT_GRANTING",
    mode,
    holders: "all",
  };
  const startedAt = performance.now();
  const { id } = (await querier.client.post("credit_officer", "/v1/queries", body)) as { id: string };
  const waiting = { name: querier.party.name, work: `query ${id}`, seconds: PATIENCE_S, signal };
  let last: QueryView | undefined;
  try {
    const view = await until(waiting, async () => {
      last = (await querier.client.get("credit_officer", `/v1/queries/${id}`)) as QueryView;
      return last.state === "answered" && last.final ? last : undefined;
    });
    const milliseconds = performance.now() - startedAt;
    const examine = mode === "detail" ? check : checkPicture;
    subjects.forEach((subject, position) => examine(subject, view.subjects[position]));
    return { view, subjects, milliseconds };
  } catch (error) {
    // Who did not answer, and why, is what the reader needs.
    const missing = last?.holders.filter(({ state }) => state !== "answered") ?? [];
    const picture = last?.picture?.reason;
    if (!isFault(error, "WORK_UNFINISHED") || (missing.length === 0 && !picture)) throw error;
    const holders = missing.map(({ holder, reason: why }) => `${holder} ${why?.code ?? "is silent"}`);
    const reason = [...holders, ...(picture ? [`overall picture: ${picture.title.en}`] : [])].join(", ");
    throw new Fault("WORK_FAILED", { name: waiting.name, work: waiting.work, reason }, error);
  }
}

/** Exactly the records that the sample put there: none missing, none of anybody else. */
function check(subject: DemoSubject, answer: QueryView["subjects"][number] | undefined): void {
  const wanted = Object.entries(subject.answers).flatMap(([holder, records]) =>
    records.map((record) => facts(holder, record)),
  );
  const found = (answer?.records ?? []).map((record) =>
    facts(record.holder, { ...record, amountFen: record.amountFen ?? null }),
  );
  const outcome = wanted.length > 0 ? "found" : "not_found";
  if (answer?.outcome === outcome && isDeepStrictEqual(found.toSorted(), wanted.toSorted())) return;
  const reason = `${subject.kind}: expected ${outcome} with ${wanted.length} records, got ${answer?.outcome ?? "nothing"} with ${found.length}`;
  throw new Fault("STORY_CONTRADICTED", { reason });
}

/** Exactly the sums over what the sample put there. */
function checkPicture(subject: DemoSubject, answer: QueryView["subjects"][number] | undefined): void {
  const records = Object.values(subject.answers).flat();
  const counts: Record<string, number> = {};
  for (const { class: name } of records) counts[name] = (counts[name] ?? 0) + 1;
  const overdueFen = records
    .filter(({ status }) => status === "open" || status === "disputed")
    .reduce((sum, { amountFen }) => sum + (amountFen ?? 0), 0);
  const institutions = Object.values(subject.answers).filter((each) => each.length > 0).length;
  const picture = answer?.picture;
  const found = Object.fromEntries(Object.entries(picture?.counts ?? {}).filter(([, count]) => count > 0));
  const same =
    records.length === 0
      ? picture?.outcome === "not_found"
      : picture?.outcome === "found" &&
        isDeepStrictEqual(found, counts) &&
        picture.overdueFen === overdueFen &&
        picture.institutions?.atLeast === institutions;
  if (same) return;
  const reason = `${subject.kind}: expected ${JSON.stringify({ counts, overdueFen, institutions })}, got ${JSON.stringify(picture ?? null)}`;
  throw new Fault("STORY_CONTRADICTED", { reason });
}

function facts(holder: string, record: Omit<ExpectedRecord, "note">): string {
  const { class: kind, status, statusDate, eventDate, amountFen } = record;
  return [holder, kind, status, statusDate, eventDate, amountFen ?? ""].join(" ");
}
