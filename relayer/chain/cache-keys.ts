/** Under which keys the chain view keeps what, and which of them an event makes stale. */
import type { PlatformEvent } from "./platform-event.ts";

export const cacheKeys = {
  members: "members",
  member: (id: number) => `member:${String(id)}:`,
  operator: (address: string) => `operator:${address}`,
  identityKeys: (member: number) => `identity:${String(member)}:`,
  datasets: "datasets",
  latest: (dataset: string) => `latest:${dataset}`,
  commitment: (dataset: string, epoch: number, revision: number) =>
    `commitment:${dataset}:${String(epoch)}:${String(revision)}`,
  commitments: (dataset: string) => `commitment:${dataset}:`,
  session: (session: string) => `session:${session}`,
  allotment: (session: string, dataset: string) => `allotment:${session}:${dataset}`,
  parameters: "parameter:",
  parameter: (name: string) => `parameter:${name}`,
  prices: "price:",
  price: (dataset: string) => `price:${dataset}`,
} as const;

/** Of the joint computation. */
export const computationKeys = {
  nodes: "nodes",
  rounds: "round:count",
  round: (round: number) => `round:${String(round)}:facts`,
  messages: (round: number) => `round:${String(round)}:messages`,
  keySet: (round: number, purpose: string) => `round:${String(round)}:key:${purpose}`,
  current: (purpose: string) => `round:current:${purpose}`,
  ofRound: (round: number) => `round:${String(round)}:`,
  currentRounds: "round:current:",
  editions: "edition:count",
  published: "edition:published",
  edition: (edition: number) => `edition:${String(edition)}:facts`,
  contributors: (edition: number) => `edition:${String(edition)}:contributors`,
  contribution: (edition: number, member: number) => `edition:${String(edition)}:contribution:${String(member)}`,
  shares: (edition: number, attempt: number, node: number) =>
    `edition:${String(edition)}:shares:${String(attempt)}:${String(node)}`,
  ofEdition: (edition: number) => `edition:${String(edition)}:`,
} as const;

/** Prefixes of the keys to drop. */
export function staleKeys({ name, contract, args }: PlatformEvent): readonly string[] {
  if (contract === "memberRegistry") {
    // A key that is only presented is nobody's yet, and anybody who applied may present as many as it pays for.
    if (name === "KeyPresented") return [];
    if (name.startsWith("Key")) return [cacheKeys.identityKeys(Number(args["member"]))];
    const operator = args["operator"] === undefined ? [] : [cacheKeys.operator(String(args["operator"]).toLowerCase())];
    return name.startsWith("Operator")
      ? operator
      : [cacheKeys.members, cacheKeys.member(Number(args["member"])), ...operator];
  }
  if (contract === "platformParameters") return [cacheKeys.parameters];
  if (contract === "incentiveRules")
    return name === "PriceChanged" || name === "RatesChanged" ? [cacheKeys.prices] : [];
  if (contract === "datasetRegistry" && name !== "CategoryDefined") {
    const dataset = String(args["dataset"]);
    return [cacheKeys.datasets, cacheKeys.latest(dataset), cacheKeys.commitments(dataset)];
  }
  if (contract === "queryLedger") {
    const session = String(args["session"]);
    if (name !== "LaneSettled") return [cacheKeys.session(session)];
    return [cacheKeys.session(session), cacheKeys.allotment(session, String(args["dataset"]))];
  }
  if (contract === "algorithmNodes") return [computationKeys.nodes];
  if (contract === "keyRounds") {
    return [computationKeys.rounds, computationKeys.currentRounds, computationKeys.ofRound(Number(args["round"]))];
  }
  if (contract === "consortiumTables" && args["edition"] !== undefined) {
    return [computationKeys.editions, computationKeys.published, computationKeys.ofEdition(Number(args["edition"]))];
  }
  return [];
}
