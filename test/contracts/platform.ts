import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type BytesLike, encodeBytes32String, hexlify, keccak256, randomBytes, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

import RiskVeil from "../../deploy/RiskVeil.ts";
import { DatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/DatasetRegistry__factory.ts";
import { AuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/AuditAnchors__factory.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { Emergency__factory } from "../../types/ethers-contracts/factories/governance/Emergency__factory.ts";
import { PlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/PlatformParameters__factory.ts";
import { IncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import { Points__factory } from "../../types/ethers-contracts/factories/incentive/Points__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { QueryLedger__factory } from "../../types/ethers-contracts/factories/query/QueryLedger__factory.ts";

export type Connection = Awaited<ReturnType<typeof network.create>>;
export type Signer = HardhatEthersSigner;

/** One chain for all contract tests of a run; `loadFixture` takes it back to a known state before each test. */
export const connection: Connection = await network.create();

export const Kind = { None: 0, Association: 1, SecuritiesFirm: 2, Bank: 3, Regulator: 7 } as const;
export const Status = { None: 0, Applied: 1, Active: 2, Suspended: 3, Exited: 4 } as const;
export const SessionStatus = { None: 0, Open: 1, Faulted: 2, Closed: 3 } as const;

/** Points have 18 decimals. */
export const POINT = 10n ** 18n;
export const digest = (text: string): string => keccak256(toUtf8Bytes(text));
export const A = encodeBytes32String("A");
export const B = encodeBytes32String("B");
export const C = encodeBytes32String("C");

/** Deploys everything with the Ignition module, on a fresh journal. */
export async function deployPlatform(chain: Connection, instanceSalt: BytesLike = randomBytes(32)) {
  const [deployer, admin, ...accounts] = (await chain.ethers.getSigners()) as [Signer, Signer, ...Signer[]];
  const parameters = { RiskVeil: { associationAdmin: admin.address, instanceSalt: hexlify(instanceSalt) } };
  const deployed = await chain.ignition.deploy(RiskVeil, { parameters });
  const at = async (name: keyof typeof deployed): Promise<string> => deployed[name].getAddress();
  return {
    deployer,
    admin,
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
  };
}

export type Platform = Awaited<ReturnType<typeof deployPlatform>>;
