/** The chain view put together: reads through the typed contracts, kept until an event makes them stale. */
import type { JsonRpcProvider } from "ethers";

import type { CertificateDigest } from "../../protocol/certificates/certificate.ts";
import type { Hex } from "../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { cacheKeys, staleKeys } from "./cache-keys.ts";
import type { ChainView, CommitmentInfo, DatasetInfo, MemberInfo, SessionInfo } from "./chain-view.ts";
import { createComputationView } from "./create-computation-view.ts";
import { connectContracts } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { createLedgerClock } from "./ledger-clock.ts";
import { createReadCache } from "./read-cache.ts";
import {
  readAllotment,
  readCommitment,
  readDatasets,
  readIdentityTerms,
  readLatestCommitment,
  readMember,
  readMembers,
  readSession,
} from "./reads.ts";
import { refusal } from "./refusal.ts";
import type { ChangeListener } from "./watcher.ts";

export interface ChainViewOptions {
  readonly provider: JsonRpcProvider;
  readonly deployment: Deployment;
  /** The account this relayer acts with. */
  readonly operator: Hex;
  readonly clock: () => Date;
  /** The watcher's: without one, nothing is kept and each question goes to the node. */
  readonly fresh?: () => boolean;
}

export function createChainView(options: ChainViewOptions): ChainView & { readonly listener: ChangeListener } {
  const { provider, deployment, operator, clock, fresh = () => false } = options;
  const contracts = connectContracts(deployment.addresses, provider);
  const cache = createReadCache(fresh);
  const ledgerClock = createLedgerClock({ provider, emergency: contracts.emergency, clock, fresh });
  const { memberRegistry, platformParameters, incentiveRules, points } = contracts;

  /** Through the cache; refusals and silence of the node become Faults. */
  async function read<T>(key: string, load: () => Promise<T>): Promise<T> {
    return await cache.get(key, () => asked(load()));
  }

  /**
   * What is not there is not kept: it may be there with the next block, before the watcher says so, or at another node already.
   * Of what never changes no event would come that drops it.
   */
  async function readIfThere<T>(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = await read(key, load);
    if (found === undefined) cache.drop([key]);
    return found;
  }

  async function members(): Promise<readonly MemberInfo[]> {
    // Each is kept by itself: anybody may apply, and must not have all read again with every block.
    return await read(cacheKeys.members, () =>
      readMembers(memberRegistry, (id) => read(cacheKeys.member(id), () => readMember(memberRegistry, id))),
    );
  }

  async function member(id: number): Promise<MemberInfo> {
    const found = (await members()).find((candidate) => candidate.id === id);
    if (found === undefined) throw new Fault("MEMBER_UNKNOWN", { member: id });
    return found;
  }

  async function memberByOperator(address: Hex): Promise<MemberInfo | undefined> {
    const account = address.toLowerCase();
    const { member: id, until } = await read(cacheKeys.operator(account), () => memberRegistry.getOperator(account));
    return id === 0n || until !== 0n ? undefined : await member(Number(id));
  }

  /** Kept with their terms: a key runs out without an event. */
  async function certificateDigests(id: number): Promise<readonly CertificateDigest[]> {
    const terms = await read(cacheKeys.identityKeys(id), () => readIdentityTerms(contracts.identityKeys, id));
    const now = await ledgerClock.time();
    return terms.filter(({ since, until }) => since <= now && (until === 0 || now < until)).map(({ digest }) => digest);
  }

  async function datasets(): Promise<readonly DatasetInfo[]> {
    return await read(cacheKeys.datasets, () => readDatasets(contracts.datasetRegistry));
  }

  async function session(id: Hex): Promise<SessionInfo | undefined> {
    const facts = await readIfThere(cacheKeys.session(id), () => readSession(contracts.queryLedger, id));
    return (
      facts && {
        ...facts,
        allotment: (dataset) =>
          readIfThere(cacheKeys.allotment(id, dataset), () => readAllotment(contracts.queryLedger, id, dataset)),
      }
    );
  }

  async function commitment(dataset: Hex, epoch: number, revision: number): Promise<CommitmentInfo | undefined> {
    const load = () => readCommitment(contracts.datasetRegistry, dataset, epoch, revision);
    return await readIfThere(cacheKeys.commitment(dataset, epoch, revision), () => unlessUnknown(load()));
  }

  async function epochBounds(epoch: number): Promise<{ start: number; end: number }> {
    return await read(cacheKeys.parameter(`epoch:${String(epoch)}`), async () => {
      const { start, end } = await platformParameters.epochBounds(epoch);
      return { start: Number(start), end: Number(end) };
    });
  }

  /** By ledger time, and not by the time of the last block. */
  async function currentEpoch(): Promise<number> {
    const now = await ledgerClock.time();
    let epoch = await read(cacheKeys.parameter("epoch"), async () => Number(await platformParameters.currentEpoch()));
    while ((await epochBounds(epoch)).end <= now) epoch += 1;
    return epoch;
  }

  async function parameter(name: "settlementWindow" | "maximumSessionDuration" | "recordExpiry"): Promise<number> {
    return await read(cacheKeys.parameter(name), async () => Number(await platformParameters[name]()));
  }

  function invalidate(): void {
    cache.clear();
    ledgerClock.invalidate();
  }

  return {
    deployment,
    contracts,
    ledgerTime: () => ledgerClock.time(),
    frozen: () => ledgerClock.frozen(),
    currentEpoch,
    epochBounds,
    settlementWindow: () => parameter("settlementWindow"),
    maximumSessionDuration: () => parameter("maximumSessionDuration"),
    recordExpiry: () => parameter("recordExpiry"),
    existingCustomersIncluded: () =>
      read(cacheKeys.parameter("existingCustomers"), () => platformParameters.existingCustomersIncluded()),
    async me() {
      const found = await memberByOperator(operator);
      if (found === undefined) throw new Fault("OPERATOR_WITHOUT_MEMBER", { operator });
      return found;
    },
    members,
    member,
    memberByOperator,
    certificateDigests,
    datasets,
    async dataset(id) {
      const found = (await datasets()).find((candidate) => candidate.id === id.toLowerCase());
      if (found === undefined) throw new Fault("DATASET_UNKNOWN", { dataset: id });
      return found;
    },
    latestCommitment: (dataset) =>
      read(cacheKeys.latest(dataset), () => unlessUnknown(readLatestCommitment(contracts.datasetRegistry, dataset))),
    commitment,
    session,
    priceOf: (dataset) => read(cacheKeys.price(dataset), () => incentiveRules.priceOf(dataset)),
    // Points move with every settlement of anybody: not kept.
    pointsOf: (id) => asked(points.pointsOf(id)),
    computation: createComputationView(contracts, deployment, read),
    invalidate,
    listener: {
      changed(events, head) {
        ledgerClock.observe(head.timestamp);
        cache.drop(events.flatMap(staleKeys));
        if (events.some(({ contract }) => contract === "emergency")) ledgerClock.invalidate();
      },
      rolledBack: invalidate,
    },
  };
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw refusal(error);
  }
}

/** What the registry knows nothing of is no failure here; a dataset that does not exist is. @throws Fault DATASET_UNKNOWN */
async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await asked(answer);
  } catch (error) {
    if (!isFault(error, "CHAIN_REVERTED")) throw error;
    if (error.values["error"] === "CommitmentUnknown") return undefined;
    if (error.values["error"] !== "DatasetUnknown") throw error;
    throw new Fault("DATASET_UNKNOWN", { dataset: error.values["dataset"] ?? "" });
  }
}
