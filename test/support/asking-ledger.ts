/**
 * The ledger and the outbox as the querier's services see them, moved by hand: members, datasets and commitments are in
 * memory, an outbox keeps its calls until the test mines or refuses them. Doubles; what they stand for is tested on a real
 * chain by test/e2e and test/relayer/chain.
 */
import { createHash, randomBytes } from "node:crypto";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { ComputationView } from "../../relayer/chain/computation-view.ts";
import type { ChainView, CommitmentInfo, DatasetInfo, RegisteredMember } from "../../relayer/chain/chain-view.ts";
import type { FailedHandler, MinedHandler, Outbox, OutboxCall, OutboxKind } from "../../relayer/chain/outbox.ts";
import { IAlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/IAlgorithmNodes__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import type { TestDatabase } from "./postgres.ts";

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const CHAIN_ID = 31_337;
export const LEDGER: Hex = `0x${"1e".repeat(20)}`;
export const SESSION_DAYS = 30;
export const WINDOW = 7 * 86_400;

export interface AskingLedger {
  now: number;
  frozen: boolean;
  epoch: number;
  existingCustomersIncluded: boolean;
  /** Balance of every member, 18 decimals; an evaluation costs one point. */
  points: bigint;
  /** The first is the relayer's own. */
  readonly members: RegisteredMember[];
  readonly datasets: DatasetInfo[];
  readonly commitments: CommitmentInfo[];
  readonly chain: ChainView;
}

export function askingLedger(operators: readonly Hex[]): AskingLedger {
  const ledger = {
    now: 1_780_000_000,
    frozen: false,
    epoch: 7,
    existingCustomersIncluded: false,
    points: 10n ** 23n,
    members: operators.map((operator, i): RegisteredMember => {
      const name = ["asker", "beta", "gamma", "delta", "epsilon"][i] ?? `member-${String(i)}`;
      return { id: i + 1, name, kind: "SecuritiesFirm", status: "Active", endpoint: "", operators: [operator] };
    }),
    datasets: [] as DatasetInfo[],
    commitments: [] as CommitmentInfo[],
  };
  const chain = {
    deployment: { chainId: CHAIN_ID, addresses: { queryLedger: LEDGER } },
    contracts: {
      algorithmNodes: { interface: IAlgorithmNodes__factory.createInterface() },
      queryLedger: {
        interface: IQueryLedger__factory.createInterface(),
        sessionIdOf: (member: number, nonce: number) =>
          Promise.resolve(
            `0x${createHash("sha256")
              .update(`${String(member)}:${String(nonce)}`)
              .digest("hex")}`,
          ),
      },
    },
    ledgerTime: () => Promise.resolve(ledger.now),
    frozen: () => Promise.resolve(ledger.frozen),
    currentEpoch: () => Promise.resolve(ledger.epoch),
    settlementWindow: () => Promise.resolve(WINDOW),
    maximumSessionDuration: () => Promise.resolve(SESSION_DAYS * 86_400),
    existingCustomersIncluded: () => Promise.resolve(ledger.existingCustomersIncluded),
    me: () => Promise.resolve(ledger.members[0]),
    members: () => Promise.resolve(ledger.members),
    member(id: number) {
      const member = ledger.members.find((candidate) => candidate.id === id);
      return member === undefined
        ? Promise.reject(new Fault("MEMBER_UNKNOWN", { member: id }))
        : Promise.resolve(member);
    },
    memberByOperator: (address: Hex) =>
      Promise.resolve(ledger.members.find((member) => member.operators.includes(address))),
    datasets: () => Promise.resolve(ledger.datasets),
    commitment: (dataset: Hex, epoch: number, revision: number) =>
      Promise.resolve(
        ledger.commitments.find((c) => c.dataset === dataset && c.epoch === epoch && c.revision === revision),
      ),
    computation: noComputation,
    pointsOf: () => Promise.resolve(ledger.points),
    priceOf: () => Promise.resolve(10n ** 18n),
  } as unknown as ChainView;
  return Object.assign(ledger, { chain });
}

/** A platform without algorithm nodes. */
export const noComputation = {
  nodes: () => Promise.resolve([]),
  service: () => Promise.resolve(undefined),
  roundCount: () => Promise.resolve(0),
  round: () => Promise.resolve(undefined),
  currentRound: () => Promise.resolve(0),
  keySet: () => Promise.resolve(undefined),
  edition: () => Promise.resolve(undefined),
  latestPublished: () => Promise.resolve(0),
} as unknown as ComputationView;

export interface AskingOutbox {
  readonly outbox: Outbox;
  /** Calls neither mined nor refused, in order. */
  readonly pending: OutboxCall[];
  /** Every call ever enqueued, in order. */
  readonly calls: OutboxCall[];
  /** What a simulation is refused with, while it is set. */
  refusal: Fault | undefined;
  /** Puts every pending call on the ledger. */
  mine(): Promise<void>;
  /** Has the chain refuse every pending call for good. */
  refuse(fault?: Fault): Promise<void>;
}

/** A key that is there already is enqueued no second time, as in the real one. */
export function askingOutbox({ db }: TestDatabase): AskingOutbox {
  const mined = new Map<OutboxKind, MinedHandler>();
  const failed = new Map<OutboxKind, FailedHandler>();
  const known = new Set<string>();
  let block = 100;
  const box: AskingOutbox = {
    pending: [],
    calls: [],
    refusal: undefined,
    outbox: {
      enqueue: (_trx: unknown, call: OutboxCall) => {
        if (known.has(call.key)) return Promise.resolve();
        known.add(call.key);
        box.pending.push(call);
        box.calls.push(call);
        return Promise.resolve();
      },
      simulate: () => (box.refusal === undefined ? Promise.resolve() : Promise.reject(box.refusal)),
      poke: () => undefined,
      onMined: (kind: OutboxKind, handler: MinedHandler) => void mined.set(kind, handler),
      onFailed: (kind: OutboxKind, handler: FailedHandler) => void failed.set(kind, handler),
    } as unknown as Outbox,
    async mine() {
      for (const call of box.pending.splice(0)) {
        const anchored = IQueryLedger__factory.createInterface().getEvent("LeavesAnchored").topicHash as Hex;
        const facts = {
          hash: toHex(new Uint8Array(createHash("sha256").update(call.key).digest())),
          blockNumber: (block += 1),
          blockHash: "0x" as Hex,
          gasUsed: 1,
          logs: [{ address: LEDGER, topics: [anchored], data: "0x" as Hex, logIndex: 3 }],
        };
        await db.transaction().execute(async (trx) => mined.get(call.kind)?.(trx, { ...call, attempt: 1 }, facts));
      }
    },
    async refuse(fault = new Fault("CHAIN_REVERTED", { error: "QuerierDutiesUnmet" })) {
      for (const call of box.pending.splice(0)) {
        await db.transaction().execute(async (trx) => failed.get(call.kind)?.(trx, { ...call, attempt: 1 }, fault));
      }
    },
  };
  return box;
}
