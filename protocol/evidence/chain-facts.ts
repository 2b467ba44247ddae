/**
 * What the verifier asks the chain. Every answer comes from the contracts at `contracts`; `undefined` means that
 * the chain does not know the thing. A promise that is rejected means that the chain could not be read, which says
 * nothing about the package. Times are Unix seconds of ledger time, addresses lower case.
 */
import type { Hex } from "../encoding/bytes.ts";

/** What packages of every format are checked against. */
export interface LedgerFacts {
  chainId(): Promise<number>;
  /** Undefined where there is no ledger. */
  instanceSalt(): Promise<Hex | undefined>;
  session(session: Hex): Promise<SessionFact | undefined>;
  /** Units allotted to the dataset or service; undefined or zero if the session does not cover it. */
  allotment(session: Hex, dataset: Hex): Promise<number | undefined>;
  wasOperatorOf(member: number, account: Hex, moment: number): Promise<boolean>;
  /** The `LeavesAnchored` event of the ledger that is log `logIndex` of its block, in that transaction. */
  leavesAnchoredAt(transactionHash: Hex, logIndex: number): Promise<AnchorFact | undefined>;
}

export interface ChainFacts extends LedgerFacts {
  /** Where these facts are read. Trusted: how the reader came to these addresses is the reader's business. */
  readonly contracts: { readonly queryLedger: Hex; readonly datasetRegistry: Hex; readonly memberRegistry: Hex };
  dataset(dataset: Hex): Promise<DatasetFact | undefined>;
  commitment(dataset: Hex, epoch: number, revision: number): Promise<CommitmentFact | undefined>;
  /**
   * Tables of the dataset that were committed up to and including block `until`, in the order of the chain. Those of
   * before the moment `since` may be left out.
   */
  publications(dataset: Hex, since: number, until: number): Promise<readonly PublicationFact[]>;
}

export interface SessionFact {
  readonly querier: number;
  readonly signer: Hex;
  readonly openedAt: number;
  readonly expiresAt: number;
}

export interface DatasetFact {
  readonly holder: number;
  /** bytes32. */
  readonly label: Hex;
}

export interface CommitmentFact {
  readonly root: Hex;
  readonly publicKey: Hex;
  readonly suite: number;
  readonly schema: number;
  /** Bytes of one entry. */
  readonly entrySize: number;
  readonly publishedAt: number;
}

export interface AnchorFact {
  readonly session: Hex;
  readonly leaves: readonly Hex[];
  readonly blockNumber: number;
  /** Unix seconds of the block, which ledger time never runs ahead of. */
  readonly blockTime: number;
}

export interface PublicationFact {
  readonly epoch: number;
  readonly revision: number;
  readonly blockNumber: number;
  readonly blockTime: number;
}
