/** The operator's account in the store: bound to one deployment on one chain, its first nonce and fees read from there. */
import type { JsonRpcProvider } from "ethers";
import type { Kysely } from "kysely";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import type { Database } from "../store/schema.ts";
import type { Deployment } from "./deployment.ts";
import { readFees, type Fees } from "./fees.ts";
import { createAccount, findAccount, updateFees } from "./outbox-store.ts";
import { isUnreachable, reached, requireChain } from "./provider.ts";

const FEES_GOOD_FOR_MS = 15_000;

export interface BoundAccount {
  /** Resolves when the account's row is there and belongs to this deployment. @throws Fault CHAIN_UNREACHABLE, CHAIN_WRONG, DEPLOYMENT_CHANGED */
  ready(): Promise<void>;
  /** The last known. @throws Fault CHAIN_UNREACHABLE if {@link ready} never succeeded: there is no first nonce yet. */
  fees(): Fees;
  /** Asks again if the last answer is old; keeps it if the node is down. Touches no row: callers hold locks. */
  refreshFees(): Promise<void>;
  /** Stores the last answer for a start without a node. */
  keepFees(): Promise<void>;
}

export function bindAccount(options: {
  readonly db: Kysely<Database>;
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  readonly sender: Hex;
  readonly clock: () => Date;
}): BoundAccount {
  const { db, provider, deployment, sender, clock } = options;
  let binding: Promise<void> | undefined;
  let verified = false;
  let fees: Fees | undefined;
  let feesAt = 0;
  let kept: Fees | undefined;

  async function bind(): Promise<void> {
    const found = await findAccount(db, sender);
    if (found !== undefined) fees = found.fees;
    try {
      await requireChain(provider, deployment.chainId);
      const instance = await instanceOf(provider, deployment);
      if (found === undefined) await create(instance);
      else if (found.instance !== instance) throw new Fault("DEPLOYMENT_CHANGED", {});
      verified = true;
    } catch (error) {
      // What is stored already can be added to while the node is down; who we talk to is checked when it is back.
      if (!(found !== undefined && error instanceof Fault && error.code === "CHAIN_UNREACHABLE")) throw error;
    }
  }

  async function create(instance: Hex): Promise<void> {
    const [count, current] = await reached(
      Promise.all([provider.send("eth_getTransactionCount", [sender, "latest"]) as Promise<Hex>, readFees(provider)]),
    );
    await createAccount(db, { sender, nextNonce: Number(count), instance, fees: current });
    fees = current;
  }

  return {
    async ready() {
      if (verified) return;
      binding ??= bind().finally(() => {
        binding = undefined;
      });
      await binding;
    },
    fees() {
      if (fees === undefined) throw new Fault("CHAIN_UNREACHABLE");
      return fees;
    },
    async refreshFees() {
      if (clock().getTime() - feesAt < FEES_GOOD_FOR_MS) return;
      try {
        fees = await readFees(provider);
        feesAt = clock().getTime();
      } catch (error) {
        if (!isUnreachable(error)) throw error;
      }
    },
    async keepFees() {
      if (fees === undefined || kept === fees) return;
      await updateFees(db, sender, fees);
      kept = fees;
    },
  };
}

/** Differs for every deployment there ever was, so equal addresses on a chain made anew are not taken for the old ones. */
async function instanceOf(provider: JsonRpcProvider, { addresses }: Deployment): Promise<Hex> {
  if ((await reached(provider.getCode(addresses.queryLedger))) === "0x") throw new Fault("DEPLOYMENT_CHANGED", {});
  return (await reached(IQueryLedger__factory.connect(addresses.queryLedger, provider).instanceSalt())) as Hex;
}
