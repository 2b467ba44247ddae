/** Everything that was ever proposed at the two desks, put together from the events: nobody keeps a list but the chain. */
import { AbiCoder, keccak256, ZeroHash, type LogDescription } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { reached } from "../../relayer/chain/provider.ts";
import type { Call } from "../governance/operation.ts";
import { chainTime, orderOf, readLog, type LogEntry } from "./chain-log.ts";
import { INTERFACES } from "./interfaces.ts";
import type { Platform } from "./platform.ts";

export type Desk = "constitution" | "dutyDesk";

/** `waiting`: for the delay. `stopped`: by members or by the duty desk. `takenBack`: by its proposer. */
export type OperationState = "waiting" | "ready" | "done" | "stopped" | "takenBack";

/** What a member of the council said about an operation. Times are Unix seconds. */
export interface Vote {
  readonly member: number;
  readonly at: number;
}

export interface Operation {
  /** Counts all operations of both desks from 1, in the order of the chain. */
  readonly number: number;
  readonly id: Hex;
  readonly desk: Desk;
  readonly calls: readonly Call[];
  readonly predecessor: string;
  readonly salt: string;
  /** Scheduled by `schedule` and not by `scheduleBatch`. */
  readonly isSingle: boolean;
  /** As proposed; empty if it was scheduled without words. */
  readonly note: string;
  readonly proposer: Hex;
  readonly proposedAt: number;
  /** Where on chain it was proposed and ended, for putting events in order. */
  readonly proposedOrder: number;
  readonly endedOrder: number | undefined;
  readonly endedIn: Hex | undefined;
  readonly dueAt: number;
  readonly state: OperationState;
  readonly objections: readonly Vote[];
  readonly approvals: readonly Vote[];
  /** Who executed it, took it back, or, where the council did not, stopped it: an account. */
  readonly endedBy: Hex | undefined;
  readonly endedAt: number | undefined;
  /** Executed by its proposer, because two thirds of the council approved. */
  readonly approvedByCouncil: boolean;
}

interface Draft {
  readonly desk: Desk;
  readonly id: Hex;
  readonly calls: Call[];
  readonly proposedAt: number;
  readonly order: number;
  readonly dueAt: number;
  readonly predecessor: string;
  salt: string;
  note: string;
  proposer: Hex | undefined;
  ended: Ended | undefined;
  approvedByCouncil: boolean;
}

interface Ended {
  readonly how: "done" | "stopped" | "takenBack";
  readonly by: Hex | undefined;
  readonly at: number;
  readonly order: number;
  readonly transactionHash: Hex;
}

/** @throws Fault CHAIN_UNREACHABLE */
export async function readOperations(platform: Platform): Promise<Operation[]> {
  const { deployment, provider } = platform;
  const { constitution, dutyDesk, memberCouncil } = deployment.addresses;
  const [log, now] = await Promise.all([
    readLog(provider, {
      addresses: [constitution, dutyDesk, memberCouncil],
      fromBlock: deployment.deployedAtBlock,
    }),
    chainTime(provider),
  ]);
  const drafts: Draft[] = [];
  const votes = { ObjectionRaised: new Map<string, Vote[]>(), ApprovalGiven: new Map<string, Vote[]>() };
  const stoppedByCouncil = new Set<string>();
  const latest = (desk: Desk, id: string): Draft | undefined =>
    drafts.findLast((draft) => draft.desk === desk && draft.id === id);

  for (const entry of log) {
    if (entry.address === memberCouncil) {
      const event = INTERFACES.memberCouncil.parseLog(entry);
      if (event?.name === "ObjectionRaised" || event?.name === "ApprovalGiven") {
        const operation = String(event.args["operation"]);
        const vote = { member: Number(event.args["member"]), at: entry.at };
        votes[event.name].set(operation, [...(votes[event.name].get(operation) ?? []), vote]);
      }
      if (event?.name === "OperationStopped") stoppedByCouncil.add(entry.transactionHash);
      continue;
    }
    const desk = entry.address === constitution ? "constitution" : "dutyDesk";
    const event = INTERFACES.constitution.parseLog(entry);
    if (event === null) continue;
    if (event.name === "CallScheduled" && Number(event.args["index"]) === 0) drafts.push(draftOf(desk, event, entry));
    else if (event.name === "CallScheduled") latest(desk, String(event.args["id"]))?.calls.push(callOf(event));
    else apply(latest(desk, String(event.args["id"])), event, entry, stoppedByCouncil);
  }
  await complete(platform, drafts);
  return drafts.map((draft, index) => finish(draft, index + 1, now, votes));
}

/** By number, or by the beginning of the id. @throws Fault OPERATION_UNKNOWN, OPERATION_AMBIGUOUS */
export function findOperation(operations: readonly Operation[], given: string): Operation {
  const found = /^\d+$/.test(given)
    ? operations.filter(({ number }) => number === Number(given))
    : operations.filter(({ id }) => /^0x[0-9a-f]+$/i.test(given) && id.startsWith(given.toLowerCase()));
  if (found.length > 1) {
    const matches = found.map(({ number, id }) => `${number} (${id.slice(0, 10)})`).join(", ");
    throw new Fault("OPERATION_AMBIGUOUS", { given, matches });
  }
  const [operation] = found;
  if (operation === undefined) throw new Fault("OPERATION_UNKNOWN", { given });
  return operation;
}

function draftOf(desk: Desk, event: LogDescription, entry: LogEntry): Draft {
  return {
    desk,
    id: String(event.args["id"]) as Hex,
    calls: [callOf(event)],
    proposedAt: entry.at,
    order: orderOf(entry),
    dueAt: entry.at + Number(event.args["delay"]),
    predecessor: String(event.args["predecessor"]),
    salt: ZeroHash,
    note: "",
    proposer: undefined,
    ended: undefined,
    approvedByCouncil: false,
  };
}

function callOf({ args }: LogDescription): Call {
  return { target: String(args["target"]).toLowerCase(), data: String(args["data"]) };
}

function apply(
  draft: Draft | undefined,
  event: LogDescription,
  entry: LogEntry,
  stoppedByCouncil: ReadonlySet<string>,
): void {
  if (draft === undefined) return;
  const { args, name } = event;
  const [{ transactionHash }, order] = [entry, orderOf(entry)];
  if (name === "CallSalt") draft.salt = String(args["salt"]);
  if (name === "OperationProposed") {
    draft.note = String(args["description"]);
    draft.proposer = String(args["proposer"]).toLowerCase() as Hex;
  }
  if (name === "OperationExecuted") {
    draft.ended = {
      how: "done",
      by: String(args["executor"]).toLowerCase() as Hex,
      at: entry.at,
      order,
      transactionHash,
    };
    draft.approvedByCouncil = args["approvedByCouncil"] === true;
  }
  if (name === "Cancelled") {
    // The council says so in the same transaction, before. Otherwise the transaction tells who it was.
    const how = stoppedByCouncil.has(transactionHash) ? "stopped" : "takenBack";
    draft.ended = { how, by: undefined, at: entry.at, order, transactionHash };
  }
}

/** What events do not say: who scheduled without words, and who cancelled. */
async function complete({ provider, contracts, deployment }: Platform, drafts: readonly Draft[]): Promise<void> {
  for (const draft of drafts) {
    draft.proposer ??= (await reached(contracts[draft.desk].proposerOf(draft.id))).toLowerCase() as Hex;
    if (draft.ended?.how !== "takenBack") continue;
    const transaction = await reached(provider.getTransaction(draft.ended.transactionHash));
    const by = transaction?.from.toLowerCase() as Hex | undefined;
    const desk = deployment.addresses[draft.desk];
    const own = by === draft.proposer && transaction?.to?.toLowerCase() === desk;
    draft.ended = { ...draft.ended, by, how: own ? "takenBack" : "stopped" };
  }
}

function finish(
  draft: Draft,
  number: number,
  now: number,
  votes: Readonly<Record<"ObjectionRaised" | "ApprovalGiven", ReadonlyMap<string, readonly Vote[]>>>,
): Operation {
  const { ended, dueAt, calls, id, predecessor, salt } = draft;
  return {
    ...{ number, id, desk: draft.desk, calls, predecessor, salt, note: draft.note },
    isSingle: calls.length === 1 && singleId(calls[0] as Call, predecessor, salt) === id,
    proposer: draft.proposer ?? "0x",
    proposedAt: draft.proposedAt,
    proposedOrder: draft.order,
    endedOrder: ended?.order,
    endedIn: ended?.transactionHash,
    dueAt,
    state: ended?.how ?? (now < dueAt ? "waiting" : "ready"),
    objections: votes.ObjectionRaised.get(id) ?? [],
    approvals: votes.ApprovalGiven.get(id) ?? [],
    endedBy: ended?.by,
    endedAt: ended?.at,
    approvedByCouncil: draft.approvedByCouncil,
  };
}

/** As OpenZeppelin's `hashOperation`. */
function singleId({ target, data }: Call, predecessor: string, salt: string): string {
  const types = ["address", "uint256", "bytes", "bytes32", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [target, 0, data, predecessor, salt]));
}
