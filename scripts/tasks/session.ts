/** What every task has at hand: language, chain, contracts, names, the account that signs. */
import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { Language } from "../../protocol/errors/fault.ts";
import { chooseAccount, type Account, type SigningArguments } from "./account.ts";
import { loadNames, type Names } from "./names.ts";
import { connectPlatform, type Platform } from "./platform.ts";
import type { Signer } from "./signer.ts";

export interface Session {
  readonly language: Language;
  /** False in a trial. */
  readonly sending: boolean;
  /** Where the project is. */
  readonly root: string;
  /** @throws Fault DEPLOYMENT_UNREADABLE, CHAIN_UNREACHABLE, CHAIN_WRONG */
  platform(): Promise<Platform>;
  /** Who and what is who on chain, as of the first call. */
  names(): Promise<Names>;
  /** @throws Fault of `chooseAccount` */
  account(): Promise<Account>;
  close(): void;
}

export interface SessionOptions {
  readonly hre: HardhatRuntimeEnvironment;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  readonly sending: boolean;
  readonly signer: Signer;
  readonly deploymentFile: string | undefined;
  readonly signing: SigningArguments;
}

export function createSession(options: SessionOptions): Session {
  const { hre, environment, language, sending, signer, signing } = options;
  const root = hre.config.paths.root;
  let connected: Platform | undefined;

  const platform = once(async (): Promise<Platform> => {
    const file = options.deploymentFile ?? defaultDeploymentFile(environment, root);
    return (connected = await connectPlatform(file, environment["RISKVEIL_RPC_URL"]));
  });

  return {
    language,
    sending,
    root,
    platform,
    names: once(async () => loadNames(await platform())),
    account: once(async () =>
      chooseAccount({ hre, environment, signer, sending, ...signing }, (await platform()).provider),
    ),
    close() {
      connected?.provider.destroy();
    },
  };
}

/** As a relayer finds it, else that of the network which `npm start` keeps. */
export function defaultDeploymentFile(environment: Readonly<Record<string, string | undefined>>, root: string): string {
  const state = environment["RISKVEIL_STATE_DIR"] || join(root, ".riskveil");
  return environment["RISKVEIL_DEPLOYMENT"] || join(state, "deployment", "deployment.json");
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
