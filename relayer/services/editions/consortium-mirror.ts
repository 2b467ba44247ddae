/** The published consortium tables that this member keeps: where a query finds a subject's row, or that it has none. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { LinkedLeaf } from "../../../protocol/sealed-table/linked-leaves.ts";
import type { Tag } from "../../../protocol/sealed-table/table-id.ts";

/** What a table says of one tag, provable under its root: `leaf` holds the row, or shows that there is none. */
export interface ConsortiumRow {
  /** 528 bytes; undefined if the table has no row of that tag. */
  readonly row: Uint8Array | undefined;
  readonly leaf: LinkedLeaf;
  readonly path: readonly Uint8Array[];
}

export interface ConsortiumMirror {
  /** The newest edition whose table is here, verified against the chain; undefined if none is. */
  newest(): Promise<{ edition: number; root: Hex } | undefined>;
  /** @throws Fault MIRROR_MISSING if that edition's table is not here, or no more */
  lookup(edition: number, tag: Tag): Promise<ConsortiumRow>;
}
