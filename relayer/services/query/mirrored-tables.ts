import type { Tag } from "../../../protocol/sealed-table/table-id.ts";
import type { LinkedLeaf } from "../../../protocol/sealed-table/linked-leaves.ts";
import type { Hex } from "../../../protocol/encoding/bytes.ts";

/** What one tag gives in a mirrored table: the leaf that proves presence or absence, and the entry if there is one. */
export interface MirrorLookup {
  readonly revision: number;
  readonly hit: Uint8Array | undefined;
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
}

/** The local copies of the other members' tables, as a query uses them. */
export interface MirroredTables {
  /** Epoch of the newest table of a dataset that was verified here; undefined if there is none. */
  newestEpoch(dataset: Hex): Promise<number | undefined>;
  /** @throws Fault MIRROR_MISSING if no table of this epoch is here. */
  lookup(dataset: Hex, epoch: number, tag: Tag): Promise<MirrorLookup>;
}
