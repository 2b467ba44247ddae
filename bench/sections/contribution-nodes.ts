/** The nodes of a contribution in a process of their own, a thread each: what they hold in memory is not the contributor's. */
import { randomBytes } from "node:crypto";

import { concatBytes } from "../../protocol/encoding/bytes.ts";
import type { KeyShare, PublicKeySet } from "../../protocol/threshold/key-set.ts";
import type { Posted } from "../../protocol/threshold/message.ts";
import { createOprfPool } from "../../relayer/oprf-pool/pool.ts";

/** Either a batch for all of the nodes, or, without elements, the question how long they worked. */
export interface NodesRequest {
  readonly keys: PublicKeySet;
  readonly shares: readonly KeyShare[];
  readonly elements?: Uint8Array;
}

export interface NodesReply {
  readonly answers: readonly Posted[];
  readonly cpuMs: number;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const pools = new Map<number, ReturnType<typeof createOprfPool>>();

async function answer({ keys, shares, elements }: NodesRequest): Promise<NodesReply> {
  const answers = await Promise.all(
    shares.map(async (share) => {
      const pool = pools.get(share.index) ?? createOprfPool(random);
      pools.set(share.index, pool);
      const given = elements ?? new Uint8Array(0);
      if (given.length === 0) return { from: share.index, bytes: given };
      const task = { kind: "partial", use: "evaluation", keys, share, elements: given } as const;
      const { evaluated, proof } = await pool.run(task);
      return { from: share.index, bytes: concatBytes(evaluated, proof) };
    }),
  );
  const { user, system } = process.cpuUsage();
  return { answers, cpuMs: (user + system) / 1_000 };
}

process.on("message", (request: NodesRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => {
  process.exit();
});
