/**
 * The account that signs. Its key comes from a key directory or from Hardhat's encrypted keystore, never from the command line
 * and never from the environment, which other processes and shell histories can read.
 */
import { join } from "node:path";

import { isAddress, Wallet, type JsonRpcProvider } from "ethers";
import { configVariable } from "hardhat/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { randomSource } from "../governance/random-source.ts";
import { KEY_VARIABLES, type Signer } from "./signer.ts";

export interface Account {
  readonly address: Hex;
  /** Undefined for a trial by address alone. */
  readonly wallet: Wallet | undefined;
  /** The directory its key is in, if it is in one. */
  readonly keys: string | undefined;
}

export interface SigningArguments {
  readonly keys: string | undefined;
  readonly key: string | undefined;
  readonly from: string | undefined;
}

interface Choice extends SigningArguments {
  readonly hre: HardhatRuntimeEnvironment;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signer: Signer;
  readonly sending: boolean;
}

/**
 * @throws Fault ACCOUNT_AMBIGUOUS, ACCOUNT_CANNOT_SIGN, ACCOUNT_ADDRESS_INVALID, KEY_DIRECTORY_EMPTY, KEY_FILE_EXPOSED,
 * KEY_FILE_INVALID, KEY_IN_ENVIRONMENT, KEY_NOT_IN_KEYSTORE, KEY_VALUE_INVALID
 */
export async function chooseAccount(choice: Choice, provider: JsonRpcProvider): Promise<Account> {
  const { keys, key, from, signer, sending } = choice;
  if ([keys, key, from].filter((given) => given !== undefined).length > 1) throw new Fault("ACCOUNT_AMBIGUOUS");
  if (from !== undefined) {
    if (sending) throw new Fault("ACCOUNT_CANNOT_SIGN", { account: from });
    if (!isAddress(from)) throw new Fault("ACCOUNT_ADDRESS_INVALID", { given: from });
    return { address: from.toLowerCase() as Hex, wallet: undefined, keys: undefined };
  }
  const wallet =
    keys === undefined
      ? await fromKeystore(choice, key ?? KEY_VARIABLES[signer], provider)
      : await fromDirectory(keys, provider);
  return { address: wallet.address.toLowerCase() as Hex, wallet, keys };
}

async function fromDirectory(directory: string, provider: JsonRpcProvider): Promise<Wallet> {
  const key = await createKeyStore(directory, randomSource).findOperatorKey();
  if (key === undefined) throw new Fault("KEY_DIRECTORY_EMPTY", { file: join(directory, "operator.json") });
  return new Wallet(`0x${Buffer.from(key).toString("hex")}`, provider);
}

async function fromKeystore({ hre, environment }: Choice, name: string, provider: JsonRpcProvider): Promise<Wallet> {
  // Hardhat would take it from there, before it looks into the keystore.
  if (environment[name] !== undefined) throw new Fault("KEY_IN_ENVIRONMENT", { name });
  const value = await hre.hooks.runHandlerChain("configurationVariables", "fetchValue", [configVariable(name)], () =>
    Promise.reject(new Fault("KEY_NOT_IN_KEYSTORE", { name })),
  );
  if (!/^(?:0x)?[0-9a-fA-F]{64}$/.test(value)) throw new Fault("KEY_VALUE_INVALID", { name });
  try {
    return new Wallet(value, provider);
  } catch {
    // The cause could quote the key.
    throw new Fault("KEY_VALUE_INVALID", { name });
  }
}
