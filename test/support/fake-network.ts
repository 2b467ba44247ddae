/**
 * Several relayers around one ledger that a test moves by hand: members, datasets, epochs and commitments are in memory,
 * databases, files and keys are real. An outbox keeps its calls until the test mines or refuses them.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { sql } from "kysely";
import { pino } from "pino";

import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { ChainView, CommitmentInfo, DatasetInfo, RegisteredMember } from "../../relayer/chain/chain-view.ts";
import { createOperatorKey, type OperatorKey } from "../../relayer/chain/operator-key.ts";
import type {
  FailedHandler,
  Intent,
  MinedFacts,
  MinedHandler,
  Outbox,
  OutboxCall,
  OutboxKind,
} from "../../relayer/chain/outbox.ts";
import type { RelayerContext } from "../../relayer/context.ts";
import type { JobHandler, JobName } from "../../relayer/jobs/jobs.ts";
import { createKeyStore } from "../../relayer/keys/key-store.ts";
import { createAuditLog, type AuditLog } from "../../relayer/store/audit-log.ts";
import type { CertificateDigest } from "../../protocol/certificates/certificate.ts";
import type { Authority } from "../../protocol/certificates/issue.ts";
import { createColumnCipher } from "../../relayer/store/column-cipher.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "./identities.ts";
import type { TestDatabase } from "./postgres.ts";

const registry = IDatasetRegistry__factory.createInterface();

/** Where every relayer's clock stands at first. */
const START = new Date("2026-06-01T08:00:00Z");

export interface FakeLedger {
  epoch: number;
  existingCustomersIncluded: boolean;
  recordExpiry: number;
  readonly members: RegisteredMember[];
  readonly datasets: DatasetInfo[];
  readonly commitments: CommitmentInfo[];
  /** Of all members' certificates. */
  readonly authority: Authority;
  /** What stands on chain of each member's certificates. */
  readonly digests: Map<number, CertificateDigest[]>;
  /** Calls that took effect, in order. */
  readonly mined: OutboxCall[];
}

export interface FakeRelayer {
  readonly ctx: RelayerContext & { readonly audit: AuditLog };
  readonly member: RegisteredMember;
  readonly operator: OperatorKey;
  /** What the outbox holds and the test has not decided yet. */
  readonly pending: Intent[];
  /** Puts every pending call on the ledger. */
  mine(): Promise<void>;
  /** Has the chain refuse every pending call for good. */
  refuse(): Promise<void>;
  readonly enqueued: { readonly name: JobName; readonly id: string }[];
  runJob(name: JobName, id: string): Promise<void>;
  setNow(now: Date): void;
}

export function fakeLedger(): FakeLedger {
  return {
    ...{ epoch: 7, existingCustomersIncluded: false, recordExpiry: 60 },
    ...{ members: [], datasets: [], commitments: [], mined: [] },
    authority: testAuthority(START.getTime() / 1000),
    digests: new Map(),
  };
}

export function addDataset(ledger: FakeLedger, holder: RegisteredMember, label: string): DatasetInfo {
  const dataset: DatasetInfo = {
    id: toHex(new Uint8Array(randomBytes(32))),
    holder: holder.id,
    label,
    categories: ["B", "C"],
    latestEpoch: 0,
  };
  ledger.datasets.push(dataset);
  return dataset;
}

/** `database` is emptied and used again: making one takes longer than most tests. */
export async function fakeRelayer(
  ledger: FakeLedger,
  directory: string,
  name: string,
  database: TestDatabase,
): Promise<FakeRelayer> {
  await sql`truncate published_tables, dataset_epochs, mirrored_tables`.execute(database.db);
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const operator = createOperatorKey(random(32));
  const member = {
    id: ledger.members.length + 1,
    name,
    kind: "SecuritiesFirm" as const,
    status: "Active" as RegisteredMember["status"],
    endpoint: "",
    operators: [operator.address],
  };
  ledger.members.push(member);
  const keys = createKeyStore(join(directory, name, "keys"), random);
  const outbox = fakeOutbox(ledger, database);
  const jobs = new Map<JobName, JobHandler>();
  const enqueued: { name: JobName; id: string }[] = [];
  let now = START;
  const at = START.getTime() / 1000;
  const { certificate } = certified(ledger.authority, name, await keys.identityKey(), at);
  ledger.digests.set(member.id, [certificate.digest]);
  const certificateFile = join(directory, name, "certificate.pem");
  const trustDir = join(directory, name, "trust");
  await writeCertificates(certificateFile, certificate);
  await writeTrust(trustDir, ledger.authority.certificate, revocations(ledger.authority, [], at));
  const ctx = {
    config: { name, dataDir: join(directory, name, "data"), suite: 1, certificateFile, trustDir },
    log: pino({ level: "silent" }),
    db: database.db,
    clock: () => now,
    random,
    chain: fakeChain(ledger, member),
    outbox: outbox.outbox,
    jobs: {
      process: (job: JobName, handler: JobHandler) => jobs.set(job, handler),
      enqueue: (job: JobName, { id }: { id: string }) => {
        enqueued.push({ name: job, id });
        return Promise.resolve();
      },
    },
    cipher: createColumnCipher(await keys.columnKeys(), random),
    keys,
    operator,
    audit: createAuditLog(database.db, () => now, random),
  } as unknown as FakeRelayer["ctx"];
  return {
    ctx,
    member,
    operator,
    pending: outbox.pending,
    mine: outbox.mine,
    refuse: outbox.refuse,
    enqueued,
    runJob: async (job, id) => {
      await jobs.get(job)?.({ id }, () => Promise.resolve());
    },
    setNow: (date) => {
      now = date;
    },
  };
}

function fakeChain(ledger: FakeLedger, me: RegisteredMember): ChainView {
  const deployment = { chainId: 31_337, addresses: { memberRegistry: `0x${"4e".repeat(20)}` } };
  return {
    deployment,
    contracts: { datasetRegistry: { interface: registry } },
    currentEpoch: () => Promise.resolve(ledger.epoch),
    existingCustomersIncluded: () => Promise.resolve(ledger.existingCustomersIncluded),
    recordExpiry: () => Promise.resolve(ledger.recordExpiry),
    me: () => Promise.resolve(me),
    members: () => Promise.resolve(ledger.members),
    certificateDigests: (id: number) => Promise.resolve(ledger.digests.get(id) ?? []),
    member: (id: number) => Promise.resolve(ledger.members.find((member) => member.id === id)),
    memberByOperator: (address: Hex) =>
      Promise.resolve(ledger.members.find((member) => member.operators.includes(address))),
    datasets: () =>
      Promise.resolve(
        ledger.datasets.map((dataset) => ({
          ...dataset,
          latestEpoch: Math.max(0, ...ledger.commitments.filter((c) => c.dataset === dataset.id).map((c) => c.epoch)),
        })),
      ),
    dataset: (id: Hex) => Promise.resolve(ledger.datasets.find((dataset) => dataset.id === id)),
    latestCommitment: (id: Hex) => Promise.resolve(ledger.commitments.findLast(({ dataset }) => dataset === id)),
    commitment: (id: Hex, epoch: number, revision: number) =>
      Promise.resolve(ledger.commitments.find((c) => c.dataset === id && c.epoch === epoch && c.revision === revision)),
  } as unknown as ChainView;
}

function fakeOutbox(ledger: FakeLedger, { db }: TestDatabase) {
  const pending: Intent[] = [];
  const mined = new Map<OutboxKind, MinedHandler>();
  const failed = new Map<OutboxKind, FailedHandler>();
  const known = new Set<string>();

  function apply(call: OutboxCall): void {
    ledger.mined.push(call);
    if (call.kind !== "publish") return;
    const [dataset, p] = registry.decodeFunctionData("publish", call.data) as unknown as [Hex, Record<string, unknown>];
    ledger.commitments.push({
      dataset,
      epoch: Number(p["epoch"]),
      revision: Number(p["revision"]),
      root: p["root"] as Hex,
      publicKey: p["publicKey"] as Hex,
      entryCount: Number(p["entryCount"]),
      entrySize: Number(p["entrySize"]),
      suite: Number(p["suite"]),
      schema: Number(p["schema"]),
      statisticsDigest: p["statisticsDigest"] as Hex,
      publishedAt: 0,
      withdrawn: false,
    });
  }

  const outbox = {
    enqueue: (_trx, call) => {
      if (!known.has(call.key)) pending.push({ ...call, attempt: 1 });
      known.add(call.key);
      return Promise.resolve();
    },
    poke: () => undefined,
    onMined: (kind, handler) => mined.set(kind, handler),
    onFailed: (kind, handler) => failed.set(kind, handler),
  } as Partial<Outbox> as Outbox;

  return {
    outbox,
    pending,
    async mine() {
      for (const intent of pending.splice(0)) {
        apply(intent);
        const facts: MinedFacts = {
          hash: `0x${"77".repeat(32)}`,
          blockNumber: 1,
          blockHash: "0x",
          gasUsed: 1,
          logs: [],
        };
        await db.transaction().execute(async (trx) => mined.get(intent.kind)?.(trx, intent, facts));
      }
    },
    async refuse() {
      for (const intent of pending.splice(0)) {
        const fault = new Fault("CHAIN_REVERTED", { error: "EpochNotOpen" });
        await db.transaction().execute(async (trx) => failed.get(intent.kind)?.(trx, intent, fault));
      }
    },
  };
}
