/**
 * How a network's first members come in, from application to the seat on the council: each presents its SM2 key with its
 * operator's account, two of the Association's staff review, record the acceptance run and certify, the constitution admits.
 */
import { NonceManager, Wallet, type JsonRpcProvider } from "ethers";

import { toHex, utf8, type Hex } from "../../protocol/encoding/bytes.ts";
import { saltedDigest } from "../../protocol/encoding/digest.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { sign } from "../../protocol/sm/sm2-signature.ts";
import type { MemberKind } from "../../relayer/chain/chain-view.ts";
import { MEMBER_KINDS } from "../../relayer/chain/codes.ts";
import type { Deployment } from "../../relayer/chain/deployment.ts";
import { createProvider, requireChain } from "../../relayer/chain/provider.ts";
import { createAssociation, type Association } from "../governance/association.ts";
import { connectGovernance, type GovernanceContracts } from "../governance/contracts.ts";
import type { Call } from "../governance/operation.ts";
import { randomSource } from "../governance/random-source.ts";
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
  readonly identityKey: Sm2KeyPair;
  /** SM3 of the certificate that was issued for its identity key. */
  readonly certificateDigest: Hex;
}

export interface AdmitOptions {
  readonly deployment: Deployment;
  /** Keys of two of the Association's staff, 32 bytes each. */
  readonly staffKeys: readonly [Uint8Array, Uint8Array, ...Uint8Array[]];
  readonly members: readonly Applicant[];
  readonly log: (line: string) => void;
}

const APPLIED = 1n;
const NOTHING = `0x${"00".repeat(32)}`;
/** Kinds that sit on the members' council. */
const FIRMS: readonly MemberKind[] = ["SecuritiesFirm", "Bank", "Insurer", "FuturesFirm", "FundManager"];

interface Entry {
  readonly applicant: Applicant;
  readonly id: bigint;
  /** As its operator calls them. */
  readonly own: GovernanceContracts;
}

/**
 * Brings every applicant to "active" and its endpoint up to date; what is done already is left alone, so it may be run at
 * every start, before the relayers (who use the same operator keys) are there.
 * @returns the members' numbers by name.
 * @throws Fault CHAIN_UNREACHABLE, CHAIN_WRONG, MEMBER_NAME_DIFFERS, or what the contracts refuse an applicant with.
 */
export async function admitMembers(options: AdmitOptions): Promise<ReadonlyMap<string, number>> {
  const { deployment, log } = options;
  const provider = createProvider(deployment.rpcUrl, deployment.chainId);
  try {
    await requireChain(provider, deployment.chainId);
    const entries: Entry[] = [];
    for (const applicant of options.members) entries.push(await apply(provider, deployment, applicant, log));
    const association = await createAssociation({ deployment, provider, staffKeys: options.staffKeys });
    const reading = connectGovernance(deployment.addresses, provider);
    await prepare(reading, association, entries, log);
    await admit(reading, association, entries, log);
    await settleIn(provider, reading, entries);
    return new Map(entries.map(({ applicant: { name }, id }) => [name, Number(id)]));
  } finally {
    provider.destroy();
  }
}

async function apply(
  provider: JsonRpcProvider,
  deployment: Deployment,
  applicant: Applicant,
  log: (line: string) => void,
): Promise<Entry> {
  const wallet = new Wallet(toHex(applicant.operatorKey), provider);
  await fundOnLocalChain(provider, [wallet.address]);
  const own = connectGovernance(deployment.addresses, new NonceManager(wallet));
  const { name, endpoint, kind } = applicant;
  let id = (await own.members.getOperator(wallet.address)).member;
  if (id === 0n) {
    log(`${name} applies`);
    await awaitReceipt(provider, own.members.apply_(MEMBER_KINDS.indexOf(kind), name, endpoint));
    id = await own.members.memberOf(wallet.address);
  }
  const member = await own.members.getMember(id);
  if (member.name !== name) throw new Fault("MEMBER_NAME_DIFFERS", { name, registered: member.name });
  if ((await own.members.keyCount(id)) === 0n) {
    const { identityKey: key } = applicant;
    const [x, y] = [toHex(key.publicKey.slice(1, 33)), toHex(key.publicKey.slice(33))];
    const message = Buffer.from((await own.members.possessionDigest(wallet.address, x, y)).slice(2), "hex");
    log(`${name} shows that it holds its SM2 key`);
    await awaitReceipt(provider, own.members.presentKey(x, y, toHex(sign(key, message, randomSource))));
  }
  return { applicant, id, own };
}

/** What two of the staff do at once: certificates, reviews, acceptance runs. */
async function prepare(
  { members }: GovernanceContracts,
  association: Association,
  entries: readonly Entry[],
  log: (line: string) => void,
): Promise<void> {
  const target = await members.getAddress();
  const calls: Call[] = [];
  const add = (data: string): unknown => calls.push({ target, data });
  for (const { applicant, id } of entries) {
    const record = await members.getMember(id);
    if (record.status !== APPLIED) continue;
    if ((await members.getKey(id, 0)).since === 0n) {
      add(members.interface.encodeFunctionData("certifyKey", [id, 0, applicant.certificateDigest]));
    }
    if (record.reviewDigest === NOTHING) {
      add(members.interface.encodeFunctionData("recordReview", [id, documentDigest("review", applicant.name)]));
    }
    if (record.acceptanceDigest === NOTHING) {
      add(members.interface.encodeFunctionData("recordAcceptance", [id, documentDigest("acceptance", applicant.name)]));
    }
  }
  if (calls.length === 0) return;
  log("two of the Association's staff review, accept and certify");
  await association.carryOut(calls, "Review, acceptance run and certificates of applicants");
}

async function admit(
  { members }: GovernanceContracts,
  association: Association,
  entries: readonly Entry[],
  log: (line: string) => void,
): Promise<void> {
  const target = await members.getAddress();
  const waiting: Entry[] = [];
  for (const entry of entries) if ((await members.getMember(entry.id)).status === APPLIED) waiting.push(entry);
  if (waiting.length === 0) return;
  const names = waiting.map(({ applicant: { name } }) => name).join(", ");
  log(`the constitution admits ${names} after the members' delay`);
  await association.carryOut(
    waiting.map(({ id }) => ({ target, data: members.interface.encodeFunctionData("admit", [id]) })),
    `Admission of ${names}`,
  );
}

/** Seats on the council while founding seats are free, and endpoints as they are now. */
async function settleIn(
  provider: JsonRpcProvider,
  { memberCouncil, members }: GovernanceContracts,
  entries: readonly Entry[],
): Promise<void> {
  const places = Number(await memberCouncil.FOUNDING_SEATS());
  for (const { applicant, id, own } of entries) {
    const seats = await memberCouncil.seats();
    if (FIRMS.includes(applicant.kind) && seats.length < places && !seats.includes(id)) {
      await awaitReceipt(provider, own.memberCouncil.claimSeat());
    }
    if ((await members.getMember(id)).endpoint !== applicant.endpoint) {
      await awaitReceipt(provider, own.members.setEndpoint(applicant.endpoint));
    }
  }
}

/** The documents of a network that is set up by one command are its log; what stands for them is salted and opens nothing. */
function documentDigest(kind: string, name: string): Hex {
  return toHex(saltedDigest(`riskveil/${kind}`, randomSource(32), [utf8(name)]));
}
