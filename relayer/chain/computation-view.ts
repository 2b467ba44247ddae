/**
 * What the chain says of the joint computation: nodes, key rounds, editions of the consortium table. Kept like the rest of
 * the chain view and dropped by the watcher.
 */
import type { Hex } from "../../protocol/encoding/bytes.ts";
import type { KeyPurpose, KeyRound, NodeService, RoundMessage } from "../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../protocol/threshold/key-set.ts";

export type { KeyPurpose, RoundMessage, RoundPhase } from "../../protocol/key-round/round.ts";
export type NodeStatus = "Registered" | "Active" | "Retired";
export type EditionStatus = "Collecting" | "Merging" | "Stripping" | "Published" | "Abandoned";

export interface NodeInfo {
  readonly member: number;
  readonly status: NodeStatus;
  readonly registeredAt: number;
  readonly activatedAt: number;
  /** Ledger time; 0 before the first. */
  readonly lastHeartbeat: number;
  /** Reports of other members about it. */
  readonly reports: number;
  /** Members that made them: one may make many. */
  readonly reporters: number;
  /** Under which ids sessions pay for what it does. */
  readonly services: Readonly<Record<NodeService, Hex>>;
}

export interface RoundInfo extends KeyRound {
  /** Ledger time; 0 when it is over. */
  readonly phaseEndsAt: number;
}

export interface EditionInfo {
  readonly number: number;
  readonly status: EditionStatus;
  readonly evaluationRound: number;
  readonly queryRound: number;
  /** Of the layer key, and of the locator key: they are made and shared anew together. */
  readonly layerRound: number;
  readonly leastContributors: number;
  readonly leastRows: number;
  readonly aggregator: number;
  readonly openedAt: number;
  readonly stageEndsAt: number;
  /** 0 before. */
  readonly publishedAt: number;
  readonly contributors: number;
  readonly mergedRows: number;
  readonly mergedRoot: Hex;
  readonly mergeProofDigest: Hex;
  readonly tableRoot: Hex;
  readonly attempt: number;
  readonly stripSet: readonly number[];
}

export interface ContributionInfo {
  readonly contributor: number;
  readonly root: Hex;
  readonly rows: number;
  readonly postedAt: number;
  readonly excluded: boolean;
  readonly proof: Uint8Array;
}

export interface ComputationView {
  /** In order of registration, retired ones included. */
  nodes(): Promise<readonly NodeInfo[]>;
  /** The node and what for, if `id` is a service of one, active or not. */
  service(id: Hex): Promise<{ readonly node: NodeInfo; readonly purpose: NodeService } | undefined>;
  roundCount(): Promise<number>;
  /** Undefined for an unknown number. */
  round(number: number): Promise<RoundInfo | undefined>;
  /** In the order of the chain. */
  roundMessages(number: number): Promise<readonly RoundMessage[]>;
  /** The newest completed round with a key of that purpose; 0 if none. */
  currentRound(purpose: KeyPurpose): Promise<number>;
  /** The public side of a key that a round made; undefined if it made none. @throws Fault KEY_SET_INCONSISTENT and others of `decodeKeySet` */
  keySet(round: number, purpose: KeyPurpose): Promise<PublicKeySet | undefined>;
  editionCount(): Promise<number>;
  edition(number: number): Promise<EditionInfo | undefined>;
  /** The newest published one; 0 if none. */
  latestPublished(): Promise<number>;
  /** All of an edition, in order, excluded ones included. */
  contributions(edition: number): Promise<readonly ContributionInfo[]>;
  contribution(edition: number, contributor: number): Promise<ContributionInfo | undefined>;
  /** Digest that a node of the set committed to; undefined if none. */
  stripShares(edition: number, attempt: number, node: number): Promise<Hex | undefined>;
}
