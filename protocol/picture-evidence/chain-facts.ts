/** What the verifier of a picture asks the chain; see `../evidence/chain-facts.ts`. */
import type { Hex } from "../encoding/bytes.ts";
import type { LedgerFacts } from "../evidence/chain-facts.ts";
import type { KeyPurpose, NodeService } from "../key-round/round.ts";

export interface PictureChainFacts extends LedgerFacts {
  /** Where these facts are read. Trusted: how the reader came to these addresses is the reader's business. */
  readonly contracts: {
    readonly queryLedger: Hex;
    readonly memberRegistry: Hex;
    readonly algorithmNodes: Hex;
    readonly keyRounds: Hex;
    readonly consortiumTables: Hex;
  };
  /** Under which id sessions pay for what a node does; undefined if the contract does not say. */
  nodeService(node: number, service: NodeService): Promise<Hex | undefined>;
  /** Of a round that is completed. */
  keyRound(round: number): Promise<KeyRoundFact | undefined>;
  /** Of an edition that is published. */
  edition(edition: number): Promise<EditionFact | undefined>;
  /** The newest published one; 0 if none. */
  latestEdition(): Promise<number>;
}

export interface KeyRoundFact {
  /** In the order in which their keys stand in `keySets`. */
  readonly purposes: readonly KeyPurpose[];
  /** Members that have shares: index i of the protocol is position i - 1. */
  readonly nodes: readonly number[];
  readonly keySets: Hex;
}

export interface EditionFact {
  readonly evaluationRound: number;
  readonly locatorRound: number;
  readonly queryRound: number;
  readonly tableRoot: Hex;
  readonly publishedAt: number;
}
