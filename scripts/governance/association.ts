/**
 * The Association's staff acting together, where one process has the keys of two of them: the demo network and tests. In
 * production each person has one key and uses the Hardhat tasks.
 */
import { setTimeout as pause } from "node:timers/promises";

import {
  NonceManager,
  Wallet,
  ZeroHash,
  type ContractRunner,
  type JsonRpcProvider,
  type TransactionRequest,
  type TransactionResponse,
} from "ethers";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { awaitReceipt } from "../network/await-receipt.ts";
import { fundOnLocalChain } from "../network/local-funds.ts";
import { connectGovernance } from "./contracts.ts";
import { batchOf, operationId, type Call, type Operation } from "./operation.ts";
import { randomSource } from "./random-source.ts";
import { wayOf } from "./route.ts";

export interface Association {
  /**
   * Has the calls made, by the way that is theirs: proposed by one, executed by another as soon as the delay has passed.
   * @returns the hash of the last transaction
   * @throws Fault GOVERNANCE_WAY_MIXED, GOVERNANCE_WAY_NONE, or what the contracts refuse
   */
  carryOut(calls: readonly Call[], description: string): Promise<string>;
  /** Contracts that are connected to it are called so, one call an operation. */
  readonly runner: ContractRunner;
}

export interface AssociationOptions {
  readonly deployment: Deployment;
  readonly provider: JsonRpcProvider;
  /** Keys of two of the staff, 32 bytes each. */
  readonly staffKeys: readonly [Uint8Array, Uint8Array, ...Uint8Array[]];
}

const RETRY_MS = 100;
/** After the delay has passed: a block's time may be a few seconds behind. */
const GRACE_MS = 15_000;

export async function createAssociation({ deployment, provider, staffKeys }: AssociationOptions): Promise<Association> {
  const account = (key: Uint8Array): NonceManager => new NonceManager(new Wallet(toHex(key), provider));
  const [first, second] = [account(staffKeys[0]), account(staffKeys[1])];
  await fundOnLocalChain(provider, [await first.getAddress(), await second.getAddress()]);
  const asFirst = connectGovernance(deployment.addresses, first);
  const asSecond = connectGovernance(deployment.addresses, second);
  const reading = connectGovernance(deployment.addresses, provider);

  /** Nonces are asked for anew: another process may use the accounts too, and a refused call takes none. */
  async function send(one: NonceManager, sending: () => Promise<{ readonly hash: string }>): Promise<string> {
    one.reset();
    return (await awaitReceipt(provider, sending())).hash;
  }

  async function carryOut(calls: readonly Call[], description: string): Promise<string> {
    const way = await wayOf(reading, calls);
    if (way === "staff") {
      let hash = "";
      for (const { target, data } of calls) {
        hash = await send(first, () => first.sendTransaction({ to: target, data }));
      }
      return hash;
    }
    const operation: Operation = { calls, salt: toHex(randomSource(32)) };
    const { targets, values, payloads } = batchOf(operation);
    await send(first, () => asFirst[way].propose(targets, values, payloads, operation.salt, description));
    // The chain's clock may go before or behind ours: what counts is how far away it is by the chain's.
    const due = Number(await reading[way].getTimestamp(operationId(operation)));
    const { timestamp = due } = (await provider.getBlock("latest")) ?? {};
    const deadline = Date.now() + (due - timestamp) * 1000 + GRACE_MS;
    await pause(Math.max(0, due - timestamp) * 1000);
    for (;;) {
      try {
        return await send(second, () =>
          asSecond[way].executeBatch(targets, values, payloads, ZeroHash, operation.salt),
        );
      } catch (error) {
        if (!isEarly(error) || Date.now() > deadline) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  const runner: ContractRunner = {
    provider,
    call: (transaction) => provider.call(transaction),
    resolveName: (name) => Promise.resolve(name),
    async sendTransaction({ to, data }: TransactionRequest): Promise<TransactionResponse> {
      if (typeof to !== "string" || typeof data !== "string") throw new RangeError("a call of a contract");
      const sent = await provider.getTransaction(await carryOut([{ target: to, data }], "one call"));
      if (sent === null) throw new Fault("CHAIN_UNREACHABLE");
      return sent;
    },
  };
  return { carryOut, runner };
}

function isEarly(error: unknown): boolean {
  return isFault(error, "CHAIN_REVERTED") && error.values["error"] === "TimelockUnexpectedOperationState";
}
