/** The story of what was decided: who proposed what, and what became of it. */
import { joined, sentence, type Text } from "../language.ts";
import type { Names } from "../names.ts";
import { readOperations, type Operation } from "../operations.ts";
import { table, type Column, type Json, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, moment } from "../words/amounts.ts";
import { describeCall } from "../words/calls.ts";
import type { OperationName } from "../words/vocabulary.ts";
import { DESKS, STATES } from "./states.ts";

export async function listOperations(
  session: Session,
  args: { readonly desk?: string; readonly open?: boolean },
): Promise<Report> {
  const { desk, open = false } = args;
  if (desk !== undefined && !Object.hasOwn(DESKS, desk)) throw invalid("--desk", desk, Object.keys(DESKS).join(", "));
  const names = await session.names();
  const operations = await readOperations(await session.platform());
  const named = operationNames(operations);
  const rows = operations.filter(
    (operation) =>
      (desk === undefined || operation.desk === desk) &&
      (!open || operation.state === "waiting" || operation.state === "ready"),
  );
  return {
    json: rows.map((operation) => operationJson(operation, names, named)),
    text: (language) => table(columns(names, named), rows, language),
  };
}

export function operationNames(operations: readonly Operation[]): OperationName {
  return (id) => {
    const found = operations.find((operation) => operation.id === id.toLowerCase());
    return found === undefined ? id.slice(0, 10) : String(found.number);
  };
}

const columns = (names: Names, named: OperationName): readonly Column<Operation>[] => [
  { title: { en: "no", zh: "序号" }, cell: ({ number }) => String(number) },
  { title: { en: "id", zh: "编号" }, cell: ({ id }) => id.slice(0, 10) },
  { title: { en: "desk", zh: "途径" }, cell: ({ desk }, language) => DESKS[desk][language] },
  {
    title: { en: "proposed by", zh: "提案" },
    cell: ({ proposer, proposedAt }) => `${names.accountName(proposer)}\n${moment(proposedAt)}`,
  },
  { title: { en: "due", zh: "生效" }, cell: ({ dueAt }) => moment(dueAt) },
  {
    title: { en: "state", zh: "状态" },
    cell: (operation, language) =>
      stateLines(operation, names)
        .map((line) => line[language])
        .join("\n"),
  },
  {
    title: { en: "what it does", zh: "事项" },
    cell: ({ calls }, language) =>
      calls.map((call) => sentence(describeCall(call, names, named).words)[language]).join("\n"),
  },
];

/** State, by whom, when, and what the council said. */
export function stateLines(operation: Operation, names: Names): Text[] {
  const { state, endedBy, endedAt, objections, approvals } = operation;
  const lines: Text[] = [STATES[state]];
  const by = endedBy === undefined ? undefined : names.accountName(endedBy);
  if (state === "stopped" && by === undefined) {
    const members = objections.map(({ member }) => names.memberName(member)).join(", ");
    lines[0] = { en: `stopped by ${members}`, zh: `被 ${members} 阻止` };
  } else if (by !== undefined) {
    lines[0] =
      state === "stopped"
        ? { en: `stopped by the duty desk (${by})`, zh: `由值守台终止（${by}）` }
        : { en: `${STATES[state].en} by ${by}`, zh: `${by} ${STATES[state].zh}` };
  }
  if (endedAt !== undefined) lines.push({ en: moment(endedAt), zh: moment(endedAt) });
  const voters = (votes: typeof objections): string => votes.map(({ member }) => names.memberName(member)).join(", ");
  if (objections.length > 0 && state !== "stopped") {
    lines.push({ en: `objections: ${voters(objections)}`, zh: `异议：${voters(objections)}` });
  }
  if (approvals.length > 0) lines.push({ en: `approvals: ${voters(approvals)}`, zh: `批准：${voters(approvals)}` });
  return lines;
}

export function operationJson(operation: Operation, names: Names, named: OperationName): { [name: string]: Json } {
  const vote = ({ member, at }: Operation["objections"][number]): Json => ({
    member: names.memberName(member),
    at: iso(at),
  });
  const described = operation.calls.map((call) => describeCall(call, names, named));
  const name = (account: string | undefined): string | null =>
    account === undefined ? null : names.accountName(account);
  return {
    number: operation.number,
    id: operation.id,
    desk: operation.desk,
    state: operation.state,
    does: joined(
      described.map(({ words }) => words),
      { en: "; ", zh: "；" },
    ).en,
    note: operation.note,
    calls: described.map(({ words: _, ...call }) => call),
    proposedBy: name(operation.proposer),
    proposer: operation.proposer,
    proposedAt: iso(operation.proposedAt),
    dueAt: iso(operation.dueAt),
    endedBy: name(operation.endedBy),
    endedAt: iso(operation.endedAt),
    approvedByCouncil: operation.approvedByCouncil,
    objections: operation.objections.map(vote),
    approvals: operation.approvals.map(vote),
  };
}
