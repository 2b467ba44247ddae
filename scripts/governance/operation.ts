/** An operation of the constitution or the duty desk: calls that happen together, and the number by which everybody names it. */
import { AbiCoder, keccak256, ZeroHash } from "ethers";

import type { Hex } from "../../protocol/encoding/bytes.ts";

/** One call of a batch. */
export interface Call {
  readonly target: string;
  readonly data: string;
}

export interface Operation {
  readonly calls: readonly Call[];
  /** 32 bytes that tell it from an equal one proposed before. */
  readonly salt: Hex;
}

/** The arguments of `propose` and `executeBatch`, in which an operation appears. */
export interface Batch {
  readonly targets: string[];
  readonly values: bigint[];
  readonly payloads: string[];
}

export function batchOf({ calls }: Operation): Batch {
  return {
    targets: calls.map(({ target }) => target),
    values: calls.map(() => 0n),
    payloads: calls.map(({ data }) => data),
  };
}

/** As OpenZeppelin's `hashOperationBatch`, without predecessor. */
export function operationId(operation: Operation): Hex {
  const { targets, values, payloads } = batchOf(operation);
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"],
    [targets, values, payloads, ZeroHash, operation.salt],
  );
  return keccak256(encoded) as Hex;
}
