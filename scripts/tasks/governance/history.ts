/** One timeline: what was proposed and decided, and what happened, in the order of the chain. */
import { orderOf, readLog, type LogEntry } from "../chain-log.ts";
import { INTERFACES } from "../interfaces.ts";
import { joined, type Text } from "../language.ts";
import { readOperations, type Operation } from "../operations.ts";
import { table, type Json, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { iso, moment } from "../words/amounts.ts";
import { describeCall, plain } from "../words/calls.ts";
import { describeEvent, TOLD } from "../words/events.ts";
import type { EventVocabulary } from "../words/vocabulary.ts";
import { operationNames } from "./list.ts";

interface Moment {
  readonly at: number;
  readonly order: number;
  readonly kind: "proposed" | "event" | "executed" | "takenBack" | "stopped";
  /** Of an event. */
  readonly event: string | null;
  readonly by: string | null;
  readonly words: Text;
  /** Names of members that it is about. */
  readonly members: readonly string[];
  readonly facts: Readonly<Record<string, Json>>;
}

/** By what name events and calls carry the number of a member. */
const MEMBER_ARGUMENTS = new Set(["member", "holder", "node", "reporter", "contributor", "accused", "accuser"]);

export async function history(session: Session, args: { readonly member?: string }): Promise<Report> {
  const platform = await session.platform();
  const [names, { deployment, provider }] = [await session.names(), platform];
  const operations = await readOperations(platform);
  const vocabulary: EventVocabulary = { names, operation: operationNames(operations) };
  const log = await readLog(provider, {
    addresses: [deployment.addresses.authority, ...TOLD.map((name) => deployment.addresses[name])],
    fromBlock: deployment.deployedAtBlock,
  });
  // What an operation brought about is told by its execution, with who it was; what the deployment set up, by one line.
  // The council's own events tell what it stopped.
  const executed = new Set(operations.filter(({ endedBy }) => endedBy !== undefined).map(({ endedIn }) => endedIn));
  const deployed = log.find(isHandover);
  const events = log
    .filter(
      (entry) =>
        !executed.has(entry.transactionHash) && (deployed === undefined || orderOf(entry) >= orderOf(deployed)),
    )
    .flatMap((entry) => momentOf(entry, vocabulary) ?? []);
  const all = [...operations.flatMap((operation) => decisions(operation, vocabulary)), ...events].sort(
    (a, b) => a.at - b.at || a.order - b.order,
  );
  const wanted = args.member === undefined ? undefined : names.findMember(args.member).name;
  const rows = wanted === undefined ? all : all.filter(({ members }) => members.includes(wanted));
  return {
    json: rows.map(({ at, kind, event, by, words, facts }) => ({
      at: iso(at),
      kind,
      event,
      by,
      what: words.en,
      ...facts,
    })),
    text: (language) =>
      table(
        [
          { title: { en: "when", zh: "时间" }, cell: ({ at }) => moment(at) },
          { title: { en: "who", zh: "经办" }, cell: ({ by }) => by ?? "" },
          { title: { en: "what", zh: "事项" }, cell: ({ words }) => words[language] },
        ],
        rows,
        language,
      ),
  };
}

/** The deployer gives up the admin role: the last step of a deployment. */
function isHandover({ topics }: LogEntry): boolean {
  const event = INTERFACES.authority.getEvent("RoleRevoked");
  return topics[0] === event?.topicHash && BigInt(topics[1] ?? 1) === 0n;
}

function momentOf(entry: LogEntry, vocabulary: EventVocabulary): Moment | undefined {
  if (isHandover(entry)) {
    const words = { en: "the platform was deployed under its constitution", zh: "平台部署完成，章程程序生效" };
    const told = { kind: "event", event: "RoleRevoked", by: null, words, members: [], facts: {} } as const;
    return { at: entry.at, order: orderOf(entry), ...told };
  }
  const contract = TOLD.find((name) => vocabulary.names.contractName(entry.address) === name);
  if (contract === undefined) return undefined;
  const event = INTERFACES[contract].parseLog(entry);
  if (event === null) return undefined;
  const words = describeEvent(contract, event.name, event.args, vocabulary);
  if (words === undefined) return undefined;
  const by = event.fragment.inputs.some(({ name }) => name === "by")
    ? vocabulary.names.accountName(String(event.args["by"]))
    : null;
  const about = event.fragment.inputs.filter(({ type, name }) => type === "uint32" && MEMBER_ARGUMENTS.has(name));
  const facts = Object.fromEntries(event.fragment.inputs.map(({ name }, i) => [name, plain(event.args[i])]));
  return {
    at: entry.at,
    order: orderOf(entry),
    kind: "event",
    event: event.name,
    by,
    words,
    members: about.map(({ name }) => vocabulary.names.memberName(event.args[name] as bigint)),
    facts: { values: facts },
  };
}

/** What happened to an operation that its contract's events do not tell in words: proposal, execution, end. */
function decisions(operation: Operation, { names, operation: named }: EventVocabulary): Moment[] {
  const { number, calls, state, endedAt, endedBy, proposer, proposedAt } = operation;
  const described = calls.map((call) => describeCall(call, names, named));
  const does = joined(
    described.map(({ words }) => words),
    { en: "; ", zh: "；" },
  );
  const members = described.flatMap(({ arguments: args }) =>
    Object.entries(args).flatMap(([name, value]) =>
      MEMBER_ARGUMENTS.has(name) && typeof value === "number" ? [names.memberName(value)] : [],
    ),
  );
  const common = { event: null, members, facts: { operation: number, desk: operation.desk } };
  const proposed: Moment = {
    ...common,
    ...{ at: proposedAt, order: operation.proposedOrder, kind: "proposed", by: names.accountName(proposer) },
    words: { en: `proposed ${number}: ${does.en}`, zh: `提案 ${number}：${does.zh}` },
  };
  if (endedAt === undefined) return [proposed];
  const outcome: Text | undefined =
    state === "done"
      ? { en: `executed ${number}: ${does.en}`, zh: `执行 ${number}：${does.zh}` }
      : state === "takenBack"
        ? { en: `took back ${number}: ${does.en}`, zh: `撤回 ${number}：${does.zh}` }
        : undefined;
  // That the council stopped it is told by the council's own event.
  if (outcome === undefined) return [proposed];
  const by = endedBy === undefined ? null : names.accountName(endedBy);
  return [
    proposed,
    {
      ...common,
      at: endedAt,
      order: operation.endedOrder ?? 0,
      kind: state === "done" ? "executed" : "takenBack",
      by,
      words: outcome,
    },
  ];
}
