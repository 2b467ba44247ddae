/** Single reads of the contracts, in this relayer's own words and types. */
import type { ContractRunner } from "ethers";

import type { CertificateDigest } from "../../protocol/certificates/certificate.ts";
import { fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { IDatasetRegistry, CommitmentStructOutput } from "../../types/ethers-contracts/data/IDatasetRegistry.ts";
import type { IIdentityKeys } from "../../types/ethers-contracts/membership/IIdentityKeys.ts";
import type { IMemberRegistry } from "../../types/ethers-contracts/membership/IMemberRegistry.ts";
import type { IQueryLedger } from "../../types/ethers-contracts/query/IQueryLedger.ts";
import type {
  AllotmentInfo,
  CommitmentInfo,
  DatasetInfo,
  MemberInfo,
  RegisteredMember,
  SessionInfo,
} from "./chain-view.ts";
import { MEMBER_KINDS, MEMBER_STATUSES, nameOf, SESSION_STATUSES } from "./codes.ts";
import type { Deployment } from "./deployment.ts";

const AT_ONCE = 32;
/** What a node lets be asked for in one go. */
export const BLOCKS_AT_ONCE = 10_000;

/** Runs `load` for 0 .. count-1, a few at once, in order of the result. */
export async function each<T>(count: number, load: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => from + offset);
    results.push(...(await Promise.all(indexes.map(load))));
  }
  return results;
}

/** All events since the deployment, a range of blocks at a time. Not for every request. */
export async function eventsInRanges<E>(
  runner: ContractRunner | null,
  { deployedAtBlock }: Deployment,
  load: (from: number, to: number) => Promise<E[]>,
): Promise<E[]> {
  const head = (await runner?.provider?.getBlockNumber()) ?? 0;
  const events: E[] = [];
  for (let from = deployedAtBlock; from <= head; from += BLOCKS_AT_ONCE) {
    events.push(...(await load(from, Math.min(head, from + BLOCKS_AT_ONCE - 1))));
  }
  return events;
}

/** A bytes32 of ASCII text, padded with zeros on the right. */
function textOf(bytes32: string): string {
  return Buffer.from(bytes32.slice(2), "hex").toString("utf8").replace(/\0+$/, "");
}

/** Accounts in office, by member: the registry keeps no list, its events since the deployment do. Not for every request. */
async function readOperators(
  registry: IMemberRegistry,
  { deployedAtBlock }: Deployment,
): Promise<ReadonlyMap<number, readonly Hex[]>> {
  const head = (await registry.runner?.provider?.getBlockNumber()) ?? 0;
  const inOffice = new Map<string, number>();
  for (let from = deployedAtBlock; from <= head; from += BLOCKS_AT_ONCE) {
    const to = Math.min(head, from + BLOCKS_AT_ONCE - 1);
    const [appointed, retired] = await Promise.all([
      registry.queryFilter(registry.filters.OperatorAppointed(), from, to),
      registry.queryFilter(registry.filters.OperatorRetired(), from, to),
    ]);
    for (const { args } of appointed) inOffice.set(args.operator.toLowerCase(), Number(args.member));
    // An address serves one member, ever: who has retired does not come back.
    for (const { args } of retired) inOffice.delete(args.operator.toLowerCase());
  }
  const operators = new Map<number, Hex[]>();
  for (const [account, member] of inOffice) operators.set(member, [...(operators.get(member) ?? []), account as Hex]);
  return operators;
}

export async function readMember(registry: IMemberRegistry, id: number): Promise<MemberInfo> {
  const { name, kind, status, endpoint } = await registry.getMember(id);
  return {
    id,
    name,
    kind: nameOf(MEMBER_KINDS, kind),
    status: nameOf(MEMBER_STATUSES, status),
    endpoint: endpoint.replace(/\/+$/, ""),
  };
}

/** @param one how to read a member: applicants are members here too, and there may be any number of them */
export async function readMembers(
  registry: IMemberRegistry,
  one: (id: number) => Promise<MemberInfo> = (id) => readMember(registry, id),
): Promise<MemberInfo[]> {
  return await each(Number(await registry.memberCount()), (index) => one(index + 1));
}

/** With the accounts in office, for a console. */
export async function readRegisteredMembers(
  registry: IMemberRegistry,
  deployment: Deployment,
): Promise<RegisteredMember[]> {
  const [members, operators] = await Promise.all([readMembers(registry), readOperators(registry, deployment)]);
  return members.map((member) => ({ ...member, operators: operators.get(member.id) ?? [] }));
}

/** A certified SM2 key of a member: from when, and until when; 0 while its end is open. Ledger time. */
export interface IdentityTerm {
  readonly digest: CertificateDigest;
  readonly since: number;
  readonly until: number;
}

export async function readIdentityTerms(registry: IIdentityKeys, member: number): Promise<IdentityTerm[]> {
  const keys = await each(Number(await registry.keyCount(member)), (index) => registry.getKey(member, index));
  return keys
    .filter(({ since }) => since !== 0n)
    .map(({ certificateDigest, since, until }) => ({
      digest: fromHex(certificateDigest.toLowerCase(), 32) as CertificateDigest,
      since: Number(since),
      until: Number(until),
    }));
}

export async function readDatasets(registry: IDatasetRegistry): Promise<DatasetInfo[]> {
  return await each(Number(await registry.datasetCount()), async (index) => {
    const id = (await registry.datasetAt(index)) as Hex;
    const { holder, label, categories, latestEpoch } = await registry.getDataset(id);
    return {
      id,
      holder: Number(holder),
      label: textOf(label),
      categories: categories.map(textOf),
      latestEpoch: Number(latestEpoch),
    };
  });
}

export async function readCommitment(
  registry: IDatasetRegistry,
  dataset: Hex,
  epoch: number,
  revision: number,
): Promise<CommitmentInfo> {
  return commitmentInfo(dataset, await registry.getCommitment(dataset, epoch, revision));
}

export async function readLatestCommitment(registry: IDatasetRegistry, dataset: Hex): Promise<CommitmentInfo> {
  return commitmentInfo(dataset, await registry.latestCommitment(dataset));
}

function commitmentInfo(dataset: Hex, commitment: CommitmentStructOutput): CommitmentInfo {
  const { publication, publishedAt, withdrawn } = commitment;
  return {
    dataset,
    epoch: Number(publication.epoch),
    revision: Number(publication.revision),
    root: publication.root as Hex,
    publicKey: publication.publicKey as Hex,
    entryCount: Number(publication.entryCount),
    entrySize: Number(publication.entrySize),
    suite: Number(publication.suite),
    schema: Number(publication.schema),
    statisticsDigest: publication.statisticsDigest as Hex,
    publishedAt: Number(publishedAt),
    withdrawn,
  };
}

export async function readSession(ledger: IQueryLedger, id: Hex): Promise<Omit<SessionInfo, "allotment"> | undefined> {
  const session = await ledger.getSession(id);
  if (session.status === 0n) return undefined;
  return {
    id,
    querier: Number(session.querier),
    signer: session.signer.toLowerCase() as Hex,
    status: nameOf(SESSION_STATUSES, session.status),
    openedAt: Number(session.openedAt),
    expiresAt: Number(session.expiresAt),
    batches: Number(session.batches),
    leavesAnchored: Number(session.leavesAnchored),
    locked: session.locked,
    paid: session.paid,
  };
}

export async function readAllotment(
  ledger: IQueryLedger,
  session: Hex,
  dataset: Hex,
): Promise<AllotmentInfo | undefined> {
  const { granted, settled, price } = await ledger.getAllotment(session, dataset);
  return granted === 0n ? undefined : { granted: Number(granted), settled: Number(settled), price };
}
