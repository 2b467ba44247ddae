/**
 * The states from which contract tests start, each built on the one before it. They are the named fixtures given to
 * `loadFixture`.
 */
import { type BytesLike, encodeBytes32String, getBytes, type TypedDataDomain, ZeroHash } from "ethers";

import type { PublicationStruct } from "../../types/ethers-contracts/data/IDatasetRegistry.ts";
import type { LaneHeadStruct } from "../../types/ethers-contracts/query/IQueryLedger.ts";
import {
  A,
  admit,
  B,
  C,
  type Connection,
  connection,
  DAY,
  digest,
  Kind,
  type Platform,
  POINT,
  type Signer,
  withOneAdmin,
} from "./platform.ts";
import { deployedConstitution, loadFixture } from "./fixtures.ts";

/** A member and the account of its first operator. */
export interface Party {
  readonly id: bigint;
  readonly operator: Signer;
}

const LABELS = { regulatory: encodeBytes32String("REGULATORY"), credit: encodeBytes32String("CREDIT") };

export { DAY };

/** Everything deployed, nobody in. */
export async function deployedPlatform(): Promise<Platform> {
  return withOneAdmin(connection, await loadFixture(deployedConstitution));
}

/** The Association, three firms, one bank (which owns no category): all active. `outsider` belongs to nobody. */
export async function admitMembers(platform: Platform) {
  const { members, accounts } = platform;
  const entries = [
    ["association", Kind.Association],
    ["alpha", Kind.SecuritiesFirm],
    ["beta", Kind.SecuritiesFirm],
    ["gamma", Kind.SecuritiesFirm],
    ["delta-bank", Kind.Bank],
  ] as const;
  const parties: Party[] = [];
  for (const [index, [name, kind]] of entries.entries()) {
    const operator = accounts[index] as Signer;
    await members.connect(operator).apply_(kind, name, `http://127.0.0.1:${7000 + index}`);
    parties.push({ id: await admit(platform, operator), operator });
  }
  const [association, alpha, beta, gamma, bank] = parties as [Party, Party, Party, Party, Party];
  const [outsider, spare, another] = accounts.slice(entries.length) as [Signer, Signer, Signer];
  return { ...platform, association, alpha, beta, gamma, bank, outsider, spare, another };
}

export async function admittedMembers() {
  return admitMembers(await loadFixture(deployedPlatform));
}

export type Members = Awaited<ReturnType<typeof admitMembers>>;

/** A publication that is valid as it stands; the key is derived from `key`. */
export function publication(key: string, changes: Partial<PublicationStruct> = {}): PublicationStruct {
  return {
    epoch: 1,
    revision: 1,
    root: digest(`root ${key}`),
    publicKey: digest(`key ${key}`),
    statisticsDigest: digest(`statistics ${key}`),
    entryCount: 10_240,
    entrySize: 560,
    suite: 1,
    schema: 1,
    ...changes,
  };
}

/** The Association's and the three firms' datasets are registered and have a first revision in epoch 1. */
export async function publishDatasets(platform: Members) {
  const { datasets, association, alpha, beta, gamma } = platform;
  const publish = async (party: Party, label: string, categories: string[]): Promise<string> => {
    await datasets.connect(party.operator).registerDataset(label, categories);
    const dataset = await datasets.datasetIdOf(party.id, label);
    await datasets.connect(party.operator).publish(dataset, publication(dataset));
    return dataset;
  };
  return {
    ...platform,
    regulatory: await publish(association, LABELS.regulatory, [A]),
    alphaData: await publish(alpha, LABELS.credit, [B, C]),
    betaData: await publish(beta, LABELS.credit, [B, C]),
    gammaData: await publish(gamma, LABELS.credit, [B, C]),
  };
}

export async function publishedDatasets() {
  return publishDatasets(await loadFixture(admittedMembers));
}

export type Published = Awaited<ReturnType<typeof publishDatasets>>;

/** Datasets in the order the ledger asks for, allotments alongside. */
export function allotted(...pairs: readonly (readonly [dataset: string, granted: number])[]): [string[], number[]] {
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
  return [sorted.map(([dataset]) => dataset), sorted.map(([, granted]) => granted)];
}

/** Alpha has a session of a day: 64 evaluations at beta, 16 at gamma, one point each. */
export async function openSession(platform: Published, chain: Connection = connection) {
  const { ledger, alpha, betaData, gammaData } = platform;
  const expiresAt = (await chain.networkHelpers.time.latest()) + DAY;
  const session = await ledger.sessionIdOf(alpha.id, 7);
  await ledger.connect(alpha.operator).openSession(7, ...allotted([betaData, 64], [gammaData, 16]), expiresAt);
  return { ...platform, session, expiresAt, settlesUntil: expiresAt + DAY };
}

export async function openedSession() {
  return openSession(await loadFixture(publishedDatasets));
}

export type Opened = Awaited<ReturnType<typeof openSession>>;

const VOUCHER = {
  Voucher: [
    { name: "session", type: "bytes32" },
    { name: "dataset", type: "bytes32" },
    { name: "lane", type: "uint32" },
    { name: "count", type: "uint64" },
    { name: "transcript", type: "bytes32" },
  ],
};

export async function voucherDomain(
  ledger: Platform["ledger"],
  chain: Connection = connection,
): Promise<TypedDataDomain> {
  const { chainId } = await chain.ethers.provider.getNetwork();
  return { name: "RiskVeil QueryLedger", version: "1", chainId, verifyingContract: await ledger.getAddress() };
}

export interface VoucherTerms {
  readonly session: string;
  readonly dataset: string;
  readonly lane?: number;
  readonly count: number | bigint;
  readonly transcript?: string;
}

/** The head of a lane, signed as a relayer would sign it (by ethers' own EIP-712, not by the contract's digest). */
export async function laneHead(
  platform: Pick<Platform, "ledger">,
  signer: Signer,
  { session, dataset, lane = 0, count, transcript = digest("transcript") }: VoucherTerms,
  chain: Connection = connection,
): Promise<LaneHeadStruct> {
  const domain = await voucherDomain(platform.ledger, chain);
  const signature = await signer.signTypedData(domain, VOUCHER, { session, dataset, lane, count, transcript });
  return { lane, count, transcript, signature };
}

/** As many leaves as asked for; their content is of no concern to the ledger. */
export function leaves(count: number, seed: BytesLike = ZeroHash): string[] {
  const first = BigInt(digest(`leaves ${getBytes(seed).join()}`)) >> 1n;
  return Array.from({ length: count }, (_, index) => `0x${(first + BigInt(index)).toString(16).padStart(64, "0")}`);
}

/** Balances in points, in the order querier, beta, gamma, pool, ledger. */
export async function balances({ points, rules, ledger, alpha, beta, gamma }: Opened): Promise<bigint[]> {
  return [
    await points.pointsOf(alpha.id),
    await points.pointsOf(beta.id),
    await points.pointsOf(gamma.id),
    await points.balanceOf(await rules.pool()),
    await points.balanceOf(ledger),
  ].map((balance) => balance / POINT);
}

/** Beta settles `count` evaluations of lane 0. */
export async function settleBeta(platform: Opened, count: number, lane = 0) {
  const { ledger, session, alpha, beta, betaData } = platform;
  const head = await laneHead(platform, alpha.operator, { session, dataset: betaData, lane, count });
  return ledger.connect(beta.operator).settle(session, betaData, [head]);
}
