/**
 * The joint computation of a network that is set up by one command: every member offers to be an algorithm node, the
 * constitution appoints them, sets the terms of the consortium table and begins the first key round. What the relayers then do
 * by themselves (make keys, contribute, publish) takes no further hand.
 */
import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";

import { toHex } from "../../protocol/encoding/bytes.ts";
import { KEY_PURPOSES } from "../../protocol/key-round/round.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { createAssociation } from "../governance/association.ts";
import type { Call } from "../governance/operation.ts";
import { awaitReceipt } from "./await-receipt.ts";

export interface ComputationOptions {
  readonly deployment: Deployment;
  readonly staffKeys: readonly [Uint8Array, Uint8Array, ...Uint8Array[]];
  /** Members that become nodes, with their operators' keys. */
  readonly nodes: readonly { readonly member: number; readonly operatorKey: Uint8Array }[];
  /** Of the nodes, so many together hold a key. */
  readonly threshold: number;
  readonly terms: EditionTerms;
  readonly log: (line: string) => void;
}

/** Seconds; see contracts/computation/IConsortiumTables.sol. */
export interface EditionTerms {
  /** Member id; it may never query. */
  readonly aggregator: number;
  readonly leastContributors: number;
  readonly leastRows: number;
  readonly period: number;
  readonly collecting: number;
  readonly stage: number;
}

/** Relayers that come up within it take part. */
const PHASE_SECONDS = 120;
const ALL_PURPOSES = (1 << KEY_PURPOSES.length) - 1;
const ACTIVE = 2n;
const RETIRED = 3n;
/** Of `RoundPhase`: a round that failed is followed by another. */
const FAILED = 10n;

/** What is done already is left alone: it may be run at every start, before the relayers, who use the same operator keys. */
export async function setUpComputation(options: ComputationOptions): Promise<void> {
  const { deployment, staffKeys, nodes, threshold, terms, log } = options;
  const provider = createProvider(deployment.rpcUrl, deployment.chainId);
  try {
    const { algorithmNodes, consortiumTables, keyRounds } = connectContracts(deployment.addresses, provider);
    const ids = nodes.map(({ member }) => member).toSorted((a, b) => a - b);
    const calls: Call[] = [];
    const add = async (contract: { getAddress(): Promise<string> }, data: string): Promise<void> => {
      calls.push({ target: await contract.getAddress(), data });
    };
    for (const { member, operatorKey } of nodes) {
      const { status } = await algorithmNodes.getNode(member);
      // Who was retired since stays so.
      if (status === RETIRED) continue;
      if (status === 0n) await register(provider, deployment, operatorKey);
      if (status !== ACTIVE)
        await add(algorithmNodes, algorithmNodes.interface.encodeFunctionData("activate", [member]));
    }
    if ((await consortiumTables.terms()).aggregator === 0n) {
      await add(consortiumTables, consortiumTables.interface.encodeFunctionData("setTerms", [terms]));
    }
    const rounds = await keyRounds.roundCount();
    const failed = rounds > 0n && (await keyRounds.getRound(rounds)).phase === FAILED;
    if (rounds === 0n || (failed && (await keyRounds.currentRound(0)) === 0n)) {
      const begin = [ALL_PURPOSES, threshold, ids, 0, PHASE_SECONDS] satisfies Parameters<typeof keyRounds.begin>;
      await add(keyRounds, keyRounds.interface.encodeFunctionData("begin", begin));
    }
    if (calls.length === 0) return;
    log(`the constitution appoints ${String(nodes.length)} algorithm nodes and begins a key round`);
    const association = await createAssociation({ deployment, provider, staffKeys });
    await association.carryOut(calls, "Algorithm nodes, terms of the consortium table, first key round");
  } finally {
    provider.destroy();
  }
}

async function register(provider: JsonRpcProvider, deployment: Deployment, operatorKey: Uint8Array): Promise<void> {
  const own = connectContracts(deployment.addresses, new NonceManager(new Wallet(toHex(operatorKey), provider)));
  await awaitReceipt(provider, own.algorithmNodes.register());
}
