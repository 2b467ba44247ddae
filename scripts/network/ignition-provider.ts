/** What Hardhat Ignition needs beside its module: an account that signs here, and the compiled contracts. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Artifact, ArtifactResolver, EIP1193Provider } from "@nomicfoundation/ignition-core";
import type { JsonRpcProvider, TransactionLike, Wallet } from "ethers";

import { Fault } from "../../protocol/errors/fault.ts";

interface RequestedTransaction {
  readonly to?: string;
  readonly data?: string;
  readonly value?: string;
  readonly nonce: string;
  readonly gas: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
}

/** Passes everything on to the node, except that `wallet` is its only account and signs here. */
export function signingProvider(provider: JsonRpcProvider, wallet: Wallet, chainId: number): EIP1193Provider {
  async function sendTransaction(requested: RequestedTransaction): Promise<unknown> {
    const { gas, nonce, ...rest } = requested;
    const type = requested.maxFeePerGas === undefined ? 0 : 2;
    const fields: TransactionLike = { ...rest, nonce: Number(nonce), gasLimit: gas, chainId, type };
    delete fields.from;
    return await provider.send("eth_sendRawTransaction", [await wallet.signTransaction(fields)]);
  }

  return {
    async request({ method, params }) {
      if (method === "eth_accounts") return [wallet.address];
      const given = (params ?? []) as unknown[];
      if (method === "eth_sendTransaction") return await sendTransaction(given[0] as RequestedTransaction);
      return (await provider.send(method, given)) as unknown;
    },
  };
}

/** Contracts as `hardhat build` left them. @throws Fault CONTRACTS_NOT_BUILT */
export function artifactsIn(directory: string): ArtifactResolver {
  let files: Promise<ReadonlyMap<string, string>> | undefined;

  async function list(): Promise<ReadonlyMap<string, string>> {
    const entries = await readdir(join(directory, "contracts"), { recursive: true }).catch((error: unknown) => {
      throw new Fault("CONTRACTS_NOT_BUILT", {}, error);
    });
    const artifacts = entries.filter((path) => path.endsWith(".json"));
    return new Map(
      artifacts.map((path) => [path.replace(/^.*[\\/]|\.json$/g, ""), join(directory, "contracts", path)]),
    );
  }

  return {
    async loadArtifact(name) {
      const file = (await (files ??= list())).get(name);
      if (file === undefined) throw new Fault("CONTRACTS_NOT_BUILT", {});
      return JSON.parse(await readFile(file, "utf8")) as Artifact;
    },
    getBuildInfo: () => Promise.resolve(undefined),
  };
}
