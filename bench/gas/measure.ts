/**
 * Gas of the platform's transactions, all in (intrinsic gas and calldata included), on Hardhat's own chain. Content that
 * is random in life is random here too, so single figures move by a few hundred gas from run to run.
 */
import { type ContractTransactionResponse, randomBytes, toBeHex, hexlify } from "ethers";
import { network } from "hardhat";

import {
  type Connection,
  DAY,
  deployPlatform,
  digest,
  Kind,
  newIdentityKey,
  possession,
  Scope,
} from "../../test/contracts/platform.ts";
import {
  admitMembers,
  allotted,
  laneHead,
  type Opened,
  openSession,
  publication,
  publishDatasets,
} from "../../test/contracts/stages.ts";
import { measureComputation } from "./computation.ts";
import { measureCryptography } from "./cryptography.ts";
import { measureGovernance } from "./governance.ts";

/** Gas used, by operation. */
export type GasReport = Record<string, number>;

const random = (): string => hexlify(randomBytes(32));

async function gasOf(sending: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await sending).wait();
  return Number(receipt?.gasUsed ?? 0n);
}

export async function measureGas(): Promise<GasReport> {
  const chain = await network.create();
  try {
    const platform = await publishDatasets(await admitMembers(await deployPlatform(chain)));
    const opened = await openSession(platform, chain);
    return {
      ...(await membership(opened)),
      ...(await publishing(opened)),
      ...(await sessions(opened, chain)),
      ...(await anchoring(opened)),
      ...(await settling(opened, chain)),
      ...(await ending(opened, chain)),
      ...(await measureComputation(chain)),
      ...(await measureGovernance(chain)),
      ...(await measureCryptography(chain)),
    };
  } finally {
    await chain.close();
  }
}

async function membership(platform: Opened): Promise<GasReport> {
  const { members, another } = platform;
  const url = "https://relayer.example.org:8443";
  const apply = await gasOf(members.connect(another).apply_(Kind.Bank, "epsilon-bank", url));
  const key = newIdentityKey();
  const proof = await possession(platform, another.address, key);
  return {
    "MemberRegistry.apply_": apply,
    "MemberRegistry.presentKey, SM2 possession verified": await gasOf(
      members.connect(another).presentKey(key.x, key.y, proof),
    ),
    "MemberRegistry.certifyKey, the first": await gasOf(members.certifyKey(6, 0, random())),
    "MemberRegistry.recordReview": await gasOf(members.recordReview(6, random())),
    "MemberRegistry.recordAcceptance": await gasOf(members.recordAcceptance(6, random())),
    "MemberRegistry.admit": await gasOf(members.admit(6)),
    ...(await auditing(platform)),
  };
}

async function auditing({ anchors, alpha }: Opened): Promise<GasReport> {
  const anchor = (number: number) => gasOf(anchors.connect(alpha.operator).anchorAudit(number, random()));
  await anchor(0);
  return { "AuditAnchors.anchorAudit, after the first": await anchor(1) };
}

async function publishing({ datasets, beta, betaData }: Opened): Promise<GasReport> {
  const next = (revision: number) => publication(betaData, { revision, root: random(), statisticsDigest: random() });
  return {
    "DatasetRegistry.publish, next revision": await gasOf(datasets.connect(beta.operator).publish(betaData, next(2))),
    "DatasetRegistry.withdraw": await gasOf(datasets.connect(beta.operator).withdraw(betaData, 1, 1, random())),
  };
}

async function sessions({ ledger, alpha, regulatory, betaData, gammaData }: Opened, chain: Connection) {
  const expiresAt = (await chain.networkHelpers.time.latest()) + DAY;
  const open = (nonce: number, ...datasets: string[]) =>
    gasOf(
      ledger
        .connect(alpha.operator)
        .openSession(nonce, ...allotted(...datasets.map((dataset) => [dataset, 64] as const)), expiresAt),
    );
  return {
    "QueryLedger.openSession, 1 dataset": await open(100, betaData),
    "QueryLedger.openSession, 3 datasets": await open(101, betaData, gammaData, regulatory),
  };
}

async function anchoring({ ledger, alpha, session }: Opened): Promise<GasReport> {
  const report: GasReport = {};
  // The first batch of a session also opens its counters; what follows is the daily case.
  for (const [batch, size] of [16, 16, 64, 256, 1024].entries()) {
    const leaves = Array.from({ length: size }, random);
    const gas = await gasOf(ledger.connect(alpha.operator).anchor(session, batch, leaves));
    if (batch === 0) continue;
    report[`QueryLedger.anchor, ${size} leaves`] = gas;
    report[`QueryLedger.anchor, per leaf at ${size}`] = Math.round(gas / size);
  }
  return report;
}

async function settling(platform: Opened, chain: Connection): Promise<GasReport> {
  const { ledger, alpha, beta, session, betaData: dataset } = platform;
  const settle = async (lanes: number, count: number) => {
    const heads = [];
    for (let lane = 0; lane < lanes; lane++) {
      heads.push(
        await laneHead(platform, alpha.operator, { session, dataset, lane, count, transcript: random() }, chain),
      );
    }
    return gasOf(ledger.connect(beta.operator).settle(session, dataset, heads));
  };
  return {
    "QueryLedger.settle, 1 new lane": await settle(1, 1),
    "QueryLedger.settle, 1 lane": await settle(1, 2),
    "QueryLedger.settle, 16 lanes, 15 new": await settle(16, 3),
  };
}

async function ending(platform: Opened, chain: Connection): Promise<GasReport> {
  const { ledger, alpha, session, betaData: dataset, settlesUntil, emergency } = platform;
  const head = (transcript: string) =>
    laneHead(platform, alpha.operator, { session, dataset, count: 40, transcript: digest(transcript) }, chain);
  const [first, second] = [await head("one"), await head("other")];
  const fork = await gasOf(ledger.proveFork(session, dataset, first, second));
  await chain.networkHelpers.time.increaseTo(settlesUntil + 1);
  return {
    "QueryLedger.proveFork": fork,
    "QueryLedger.closeSession, all forfeited": await gasOf(ledger.closeSession(session)),
    "Emergency.freeze": await gasOf(emergency.freeze(Scope.Everything, DAY, toBeHex(1, 32))),
    "Emergency.unfreeze": await gasOf(emergency.unfreeze()),
  };
}
