import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type BytesLike, encodeBytes32String, getBytes, hexlify, keccak256, randomBytes, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

import RiskVeil from "../../deploy/RiskVeil.ts";
import { toHex } from "../../protocol/encoding/bytes.ts";
import { generateKeyPair } from "../../protocol/sm/sm2-key.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { sign } from "../../protocol/sm/sm2-signature.ts";
import { ERC7913SM2Verifier__factory } from "../../types/ethers-contracts/factories/crypto/ERC7913SM2Verifier__factory.ts";
import { AlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/AlgorithmNodes__factory.ts";
import { ConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/ConsortiumTables__factory.ts";
import { KeyRounds__factory } from "../../types/ethers-contracts/factories/computation/KeyRounds__factory.ts";
import { StatisticsBoard__factory } from "../../types/ethers-contracts/factories/computation/StatisticsBoard__factory.ts";
import { DatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/DatasetRegistry__factory.ts";
import { AuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/AuditAnchors__factory.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { ContractDirectory__factory } from "../../types/ethers-contracts/factories/governance/ContractDirectory__factory.ts";
import { DualControlTimelock__factory } from "../../types/ethers-contracts/factories/governance/DualControlTimelock__factory.ts";
import { Emergency__factory } from "../../types/ethers-contracts/factories/governance/Emergency__factory.ts";
import { EmergencyRecords__factory } from "../../types/ethers-contracts/factories/governance/EmergencyRecords__factory.ts";
import { ExitPlan__factory } from "../../types/ethers-contracts/factories/governance/ExitPlan__factory.ts";
import { MemberCouncil__factory } from "../../types/ethers-contracts/factories/governance/MemberCouncil__factory.ts";
import { PlatformCheck__factory } from "../../types/ethers-contracts/factories/governance/PlatformCheck__factory.ts";
import { PlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { IncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import { Points__factory } from "../../types/ethers-contracts/factories/incentive/Points__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { QueryLedger__factory } from "../../types/ethers-contracts/factories/query/QueryLedger__factory.ts";

export type Connection = Awaited<ReturnType<typeof network.create>>;
export type Signer = HardhatEthersSigner;

/** One chain for all contract tests of a run; `loadFixture` takes it back to a known state before each test. */
export const connection: Connection = await network.create();

export const Kind = {
  None: 0,
  Association: 1,
  SecuritiesFirm: 2,
  Bank: 3,
  Insurer: 4,
  FuturesFirm: 5,
  FundManager: 6,
  Regulator: 7,
  NodeOperator: 8,
} as const;
/** What members may do, as contracts/membership/Capability.sol has it. */
export const Capability = { Query: 0, Publish: 1, Compute: 2, Vote: 3 } as const;
export const Status = { None: 0, Applied: 1, Active: 2, Suspended: 3, Exited: 4 } as const;
export const SessionStatus = { None: 0, Open: 1, Faulted: 2, Closed: 3 } as const;

/** Points have 18 decimals. */
export const POINT = 10n ** 18n;
export const digest = (text: string): string => keccak256(toUtf8Bytes(text));
export const A = encodeBytes32String("A");
export const B = encodeBytes32String("B");
export const C = encodeBytes32String("C");

/** What a freeze stops, as contracts/types/Scope.sol has it. */
export const Scope = { Membership: 1, Data: 2, Queries: 4, Rules: 8, Everything: 15 } as const;

export const DAY = 86_400;
/** The members' delay of the platform under test, and its least. */
export const MEMBERS_DELAY = 3 * DAY;
export const LEAST_DELAY = DAY;

/** What a category of the catalogue says, with the bit of each kind that owns it. */
export const terms = (kinds: readonly number[], mandatory = false, title = "Z") => ({
  owners: kinds.reduce((bits, kind) => bits | (1 << kind), 0),
  mandatory,
  dueWorkingDays: 5,
  title,
});

/** Deploys everything with the Ignition module, on a fresh journal: as it is in production. */
export async function deployConstitution(chain: Connection, instanceSalt: BytesLike = randomBytes(32)) {
  const [deployer, admin, staff1, staff2, staff3, ...accounts] = (await chain.ethers.getSigners()) as [
    Signer,
    Signer,
    Signer,
    Signer,
    Signer,
    ...Signer[],
  ];
  const parameters = {
    RiskVeil: {
      ...{ staff1: staff1.address, staff2: staff2.address, staff3: staff3.address },
      ...{ membersDelay: MEMBERS_DELAY, leastDelay: LEAST_DELAY, instanceSalt: hexlify(instanceSalt) },
    },
  };
  const deployed = await chain.ignition.deploy(RiskVeil, { parameters });
  const at = async (name: keyof typeof deployed): Promise<string> => deployed[name].getAddress();
  return {
    deployer,
    admin,
    staff: [staff1, staff2, staff3] as const,
    accounts,
    authority: Authority__factory.connect(await at("authority"), admin),
    emergency: Emergency__factory.connect(await at("emergency"), admin),
    parameters: PlatformParameters__factory.connect(await at("platformParameters"), admin),
    members: MemberRegistry__factory.connect(await at("memberRegistry"), admin),
    datasets: DatasetRegistry__factory.connect(await at("datasetRegistry"), admin),
    points: Points__factory.connect(await at("points"), admin),
    rules: IncentiveRules__factory.connect(await at("incentiveRules"), admin),
    anchors: AuditAnchors__factory.connect(await at("auditAnchors"), admin),
    ledger: QueryLedger__factory.connect(await at("queryLedger"), admin),
    verifier: ERC7913SM2Verifier__factory.connect(await at("sm2Verifier"), admin),
    nodes: AlgorithmNodes__factory.connect(await at("algorithmNodes"), admin),
    rounds: KeyRounds__factory.connect(await at("keyRounds"), admin),
    tables: ConsortiumTables__factory.connect(await at("consortiumTables"), admin),
    board: StatisticsBoard__factory.connect(await at("statisticsBoard"), admin),
    council: MemberCouncil__factory.connect(await at("memberCouncil"), admin),
    constitution: DualControlTimelock__factory.connect(await at("constitution"), admin),
    dutyDesk: DualControlTimelock__factory.connect(await at("dutyDesk"), admin),
    directory: ContractDirectory__factory.connect(await at("contractDirectory"), admin),
    check: PlatformCheck__factory.connect(await at("platformCheck"), admin),
    exitPlan: ExitPlan__factory.connect(await at("exitPlan"), admin),
    records: EmergencyRecords__factory.connect(await at("emergencyRecords"), admin),
  };
}

export type Platform = Awaited<ReturnType<typeof deployConstitution>>;

/**
 * The same with one account, `admin`, in every role that people hold through the desks: for tests of what the functions
 * do, not of who may call them. The constitution itself grants it, as it could nowhere else at once.
 */
export async function withOneAdmin(chain: Connection, platform: Platform): Promise<Platform> {
  const { authority, admin } = platform;
  const address = await platform.constitution.getAddress();
  await chain.networkHelpers.impersonateAccount(address);
  await chain.networkHelpers.setBalance(address, 10n ** 20n);
  const constitution = authority.connect(await chain.ethers.getSigner(address));
  for (const role of ["ASSOCIATION_ROLE", "DUTY_ROLE", "RESTART_ROLE", "GUARDIAN_ROLE", "ADMIN_ROLE"] as const) {
    await constitution.grantRole(await authority[role](), admin, 0);
  }
  await chain.networkHelpers.stopImpersonatingAccount(address);
  return platform;
}

/** A platform beside the one that tests start from, or on another chain. */
export async function deployPlatform(chain: Connection): Promise<Platform> {
  return withOneAdmin(chain, await deployConstitution(chain));
}

/** An implementation of `name` behind a proxy of its own, set up; returns the proxy's address. */
export async function deployBehindProxy(
  name: string,
  dependencies: readonly unknown[],
  initialization: readonly unknown[] = [],
): Promise<string> {
  const implementation = await connection.ethers.deployContract(name, [...dependencies]);
  const call = implementation.interface.encodeFunctionData("initialize", initialization);
  const proxy = await connection.ethers.deployContract("PlatformProxy", [await implementation.getAddress(), call]);
  return proxy.getAddress();
}

export interface PresentedKey {
  readonly key: Sm2KeyPair;
  readonly x: string;
  readonly y: string;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export function newIdentityKey(): PresentedKey {
  const key = generateKeyPair(random);
  return { key, x: toHex(key.publicKey.slice(1, 33)), y: toHex(key.publicKey.slice(33)) };
}

/** The key's signature over what the registry says `account` must show. */
export async function possession(
  { members }: Pick<Platform, "members">,
  account: string,
  { key, x, y }: PresentedKey,
): Promise<string> {
  return hexlify(sign(key, getBytes(await members.possessionDigest(account, x, y)), random));
}

/** Presents a new key for the member that `operator` acts for; returns its index. */
export async function presentKey(
  platform: Pick<Platform, "members">,
  operator: Signer,
  given: PresentedKey = newIdentityKey(),
): Promise<bigint> {
  const members = platform.members.connect(operator);
  const member = await members.memberOf(operator.address);
  const index = await members.keyCount(member);
  await members.presentKey(given.x, given.y, await possession(platform, operator.address, given));
  return index;
}

/** Everything between application and admission, by an `admin` in all roles. */
export async function prepare(platform: Pick<Platform, "members">, operator: Signer): Promise<bigint> {
  const { members } = platform;
  const member = await members.memberOf(operator.address);
  await members.certifyKey(member, await presentKey(platform, operator), digest(`certificate ${String(member)}`));
  await members.recordReview(member, digest(`review ${String(member)}`));
  await members.recordAcceptance(member, digest(`acceptance ${String(member)}`));
  return member;
}

/** The same, and the admission. */
export async function admit(platform: Pick<Platform, "members">, operator: Signer): Promise<bigint> {
  const member = await prepare(platform, operator);
  await platform.members.admit(member);
  return member;
}
