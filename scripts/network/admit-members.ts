/** The first governance of a network: a member applies with its operator's key, the Association admits it. */
import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { MemberKind } from "../../relayer/chain/chain-view.ts";
import { MEMBER_KINDS } from "../../relayer/chain/codes.ts";
import { connectContracts, type PlatformContracts } from "../../relayer/chain/contracts.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider, requireChain } from "../../relayer/chain/provider.ts";
import { awaitReceipt } from "./await-receipt.ts";
import { fundOnLocalChain } from "./local-funds.ts";

export interface Applicant {
  /** 2 to 32 characters of a-z, 0-9 and "-". */
  readonly name: string;
  readonly kind: MemberKind;
  /** Base URL of its peer API. */
  readonly endpoint: string;
  /** 32 bytes: the account that acts for it. */
  readonly operatorKey: Uint8Array;
  /** Salted digest of its admission certificate. */
  readonly certificateDigest: Hex;
}

export interface AdmitOptions {
  readonly deployment: Deployment;
  /** 32 bytes: an account with the association role. */
  readonly associationAdminKey: Uint8Array;
  readonly members: readonly Applicant[];
  readonly log: (line: string) => void;
}

const APPLIED = 1n;

/**
 * Brings every applicant to "active" and its endpoint up to date; what is done already is left alone, so it may be run at
 * every start, before the relayers (who use the same operator keys) are there.
 * @returns the members' numbers by name.
 * @throws Fault CHAIN_UNREACHABLE, CHAIN_WRONG, or what the contracts refuse an applicant with.
 */
export async function admitMembers(options: AdmitOptions): Promise<ReadonlyMap<string, number>> {
  const { deployment } = options;
  const provider = createProvider(deployment.rpcUrl, deployment.chainId);
  try {
    await requireChain(provider, deployment.chainId);
    const admin = new Wallet(toHex(options.associationAdminKey), provider);
    const operators = options.members.map(({ operatorKey }) => new Wallet(toHex(operatorKey), provider));
    await fundOnLocalChain(provider, [admin.address, ...operators.map(({ address }) => address)]);
    const association = connectContracts(deployment.addresses, new NonceManager(admin));
    const ids = new Map<string, number>();
    for (const [index, applicant] of options.members.entries()) {
      const operator = operators[index];
      if (operator === undefined) continue;
      const id = await bringIn(provider, deployment, association, operator, applicant, options.log);
      ids.set(applicant.name, Number(id));
    }
    return ids;
  } finally {
    provider.destroy();
  }
}

async function bringIn(
  provider: JsonRpcProvider,
  deployment: Deployment,
  association: PlatformContracts,
  wallet: Wallet,
  applicant: Applicant,
  log: (line: string) => void,
): Promise<bigint> {
  const { memberRegistry } = connectContracts(deployment.addresses, new NonceManager(wallet));
  const { name, endpoint, kind, certificateDigest } = applicant;
  let id = (await memberRegistry.getOperator(wallet.address)).member;
  if (id === 0n) {
    log(`${name} applies`);
    await awaitReceipt(provider, memberRegistry.apply_(MEMBER_KINDS.indexOf(kind), name, endpoint, certificateDigest));
    id = await memberRegistry.memberOf(wallet.address);
  }
  const member = await memberRegistry.getMember(id);
  if (member.name !== name) throw new Fault("MEMBER_NAME_DIFFERS", { name, registered: member.name });
  if (member.status === APPLIED) {
    log(`the Association admits ${name} as member ${id.toString()}`);
    await awaitReceipt(provider, association.memberRegistry.admit(id));
  }
  if (member.endpoint !== endpoint) await awaitReceipt(provider, memberRegistry.setEndpoint(endpoint));
  return id;
}
