/**
 * What the chain says, for the rest of the relayer: cached, and never staler than about a second, because the watcher
 * drops what an event touched. Identifiers are lower-case hex; times Unix seconds of ledger time; points bigint (18 decimals).
 */
import type { CertificateDigest } from "../../protocol/certificates/certificate.ts";
import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { ComputationView } from "./computation-view.ts";
import type { PlatformContracts } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

export type MemberKind =
  "Association" | "SecuritiesFirm" | "Bank" | "Insurer" | "FuturesFirm" | "FundManager" | "Regulator" | "NodeOperator";
export type MemberStatus = "Applied" | "Active" | "Suspended" | "Exited";
export type SessionStatus = "Open" | "Faulted" | "Closed";

export interface MemberInfo {
  readonly id: number;
  readonly name: string;
  readonly kind: MemberKind;
  readonly status: MemberStatus;
  /** Base URL of the member's peer API, without a slash at the end. */
  readonly endpoint: string;
}

export interface RegisteredMember extends MemberInfo {
  /** Accounts in office for the member now, lower-case. */
  readonly operators: readonly Hex[];
}

export interface DatasetInfo {
  readonly id: Hex;
  readonly holder: number;
  readonly label: string;
  readonly categories: readonly string[];
  /** Zero while nothing is published. */
  readonly latestEpoch: number;
}

export interface CommitmentInfo {
  readonly dataset: Hex;
  readonly epoch: number;
  readonly revision: number;
  readonly root: Hex;
  readonly publicKey: Hex;
  /** Declared count class (padded). */
  readonly entryCount: number;
  /** Bytes of one sealed entry. */
  readonly entrySize: number;
  readonly suite: number;
  readonly schema: number;
  readonly statisticsDigest: Hex;
  readonly publishedAt: number;
  readonly withdrawn: boolean;
}

export interface AllotmentInfo {
  readonly granted: number;
  readonly settled: number;
  readonly price: bigint;
}

export interface SessionInfo {
  readonly id: Hex;
  readonly querier: number;
  /** The account whose vouchers count, lower-case. */
  readonly signer: Hex;
  readonly status: SessionStatus;
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly batches: number;
  readonly leavesAnchored: number;
  readonly locked: bigint;
  readonly paid: bigint;
  /** What the session may spend at a dataset; undefined if it has nothing there. */
  allotment(dataset: Hex): Promise<AllotmentInfo | undefined>;
}

export interface ChainView {
  readonly deployment: Deployment;
  /** Typed contracts for reading (and for encoding calls); they hold no key. */
  readonly contracts: PlatformContracts;
  /** {IEmergency-time} now; see ledger-clock.ts for how it goes on between blocks. */
  ledgerTime(): Promise<number>;
  /** Whether queries are stopped. */
  frozen(): Promise<boolean>;
  currentEpoch(): Promise<number>;
  epochBounds(epoch: number): Promise<{ readonly start: number; readonly end: number }>;
  settlementWindow(): Promise<number>;
  maximumSessionDuration(): Promise<number>;
  /** Months after its cure for which a record is shared. */
  recordExpiry(): Promise<number>;
  existingCustomersIncluded(): Promise<boolean>;
  /** The member this relayer's operator acts for. @throws Fault OPERATOR_WITHOUT_MEMBER */
  me(): Promise<MemberInfo>;
  members(): Promise<readonly MemberInfo[]>;
  /** @throws Fault MEMBER_UNKNOWN */
  member(id: number): Promise<MemberInfo>;
  /** The member for which an account acts now; undefined if none. */
  memberByOperator(address: Hex): Promise<MemberInfo | undefined>;
  /** Of the member's SM2 keys that are valid now: two while a key is replaced. Says nothing about the member's status. */
  certificateDigests(member: number): Promise<readonly CertificateDigest[]>;
  datasets(): Promise<readonly DatasetInfo[]>;
  /** @throws Fault DATASET_UNKNOWN */
  dataset(id: Hex): Promise<DatasetInfo>;
  /** Newest commitment of the newest epoch; undefined if none. */
  latestCommitment(dataset: Hex): Promise<CommitmentInfo | undefined>;
  commitment(dataset: Hex, epoch: number, revision: number): Promise<CommitmentInfo | undefined>;
  session(id: Hex): Promise<SessionInfo | undefined>;
  /** Price of one evaluation against `dataset` now. */
  priceOf(dataset: Hex): Promise<bigint>;
  pointsOf(member: number): Promise<bigint>;
  /** Nodes, key rounds, editions of the consortium table. */
  readonly computation: ComputationView;
  /** Drops everything cached; the watcher calls it when the chain rolled back. */
  invalidate(): void;
}
