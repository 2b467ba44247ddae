/** What a contract refused, as a Fault: custom errors are decoded by the interfaces that declare them. */
import { isError, type ErrorDescription, type Interface } from "ethers";

import { Fault, type FaultValues } from "../../protocol/errors/fault.ts";
import { ERC7913SM2Verifier__factory } from "../../types/ethers-contracts/factories/crypto/ERC7913SM2Verifier__factory.ts";
import { IAlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/IAlgorithmNodes__factory.ts";
import { IConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/IConsortiumTables__factory.ts";
import { IKeyRounds__factory } from "../../types/ethers-contracts/factories/computation/IKeyRounds__factory.ts";
import { IStatisticsBoard__factory } from "../../types/ethers-contracts/factories/computation/IStatisticsBoard__factory.ts";
import { IDatasetRegistry__factory } from "../../types/ethers-contracts/factories/data/IDatasetRegistry__factory.ts";
import { IAuditAnchors__factory } from "../../types/ethers-contracts/factories/evidence/IAuditAnchors__factory.ts";
import { Authority__factory } from "../../types/ethers-contracts/factories/governance/Authority__factory.ts";
import { DualControlTimelock__factory } from "../../types/ethers-contracts/factories/governance/DualControlTimelock__factory.ts";
import { IContractDirectory__factory } from "../../types/ethers-contracts/factories/governance/IContractDirectory__factory.ts";
import { IEmergency__factory } from "../../types/ethers-contracts/factories/governance/IEmergency__factory.ts";
import { IEmergencyRecords__factory } from "../../types/ethers-contracts/factories/governance/IEmergencyRecords__factory.ts";
import { IExitPlan__factory } from "../../types/ethers-contracts/factories/governance/IExitPlan__factory.ts";
import { IMemberCouncil__factory } from "../../types/ethers-contracts/factories/governance/IMemberCouncil__factory.ts";
import { IPlatformParameters__factory } from "../../types/ethers-contracts/factories/governance/IPlatformParameters__factory.ts";
import { IIncentiveRules__factory } from "../../types/ethers-contracts/factories/incentive/IIncentiveRules__factory.ts";
import { IPoints__factory } from "../../types/ethers-contracts/factories/incentive/IPoints__factory.ts";
import { IMemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/IMemberRegistry__factory.ts";
import { MemberRegistry__factory } from "../../types/ethers-contracts/factories/membership/MemberRegistry__factory.ts";
import { IQueryLedger__factory } from "../../types/ethers-contracts/factories/query/IQueryLedger__factory.ts";
import { isUnreachable } from "./provider.ts";

/** One contract's call can fail with another's error. The concrete registry adds those of OpenZeppelin's AccessManaged. */
const interfaces: readonly Interface[] = [
  IQueryLedger__factory,
  IDatasetRegistry__factory,
  IMemberRegistry__factory,
  IEmergency__factory,
  IPlatformParameters__factory,
  IIncentiveRules__factory,
  IPoints__factory,
  IAuditAnchors__factory,
  IAlgorithmNodes__factory,
  IKeyRounds__factory,
  IConsortiumTables__factory,
  IStatisticsBoard__factory,
  MemberRegistry__factory,
  IMemberCouncil__factory,
  DualControlTimelock__factory,
  IContractDirectory__factory,
  IExitPlan__factory,
  IEmergencyRecords__factory,
  Authority__factory,
  ERC7913SM2Verifier__factory,
].map((factory) => factory.createInterface());

/** Errors of a call that may succeed later as it is: what it builds on is not there yet, or the platform stands still. */
const RETRYABLE = new Set(["SessionUnknown", "OutOfGas", "Unexplained"]);

/** Errors of a call that is one of a row: it may succeed if it came too early, and never if it came too late. */
const ORDERED = new Set(["BatchOutOfOrder", "RevisionOutOfOrder"]);

/** Fault PLATFORM_FROZEN, MEMBER_NOT_ACTIVE or CHAIN_REVERTED, whose `error` is the custom error's name. */
export function decodeRevert(data: string | null | undefined): Fault {
  // Less than a selector is nothing to decode.
  if (data === undefined || data === null || data.length < 10) return revertedWith("Unexplained");
  for (const candidate of interfaces) {
    const description = candidate.parseError(data);
    if (description !== null) return faultOf(description);
  }
  return revertedWith("Unexplained", { selector: data.slice(0, 10) });
}

export function revertedWith(error: string, values: FaultValues = {}): Fault {
  return new Fault("CHAIN_REVERTED", { ...values, error });
}

/** No node took the transaction: whether the call itself is at fault is not known. */
export function isNotTaken(fault: Fault): boolean {
  return fault.code === "TRANSACTION_NOT_TAKEN";
}

export function isRetryable(fault: Fault): boolean {
  if (fault.code === "PLATFORM_FROZEN" || fault.code === "CHAIN_UNREACHABLE") return true;
  if (fault.code !== "CHAIN_REVERTED") return false;
  const error = String(fault.values["error"]);
  return (
    RETRYABLE.has(error) || (ORDERED.has(error) && Number(fault.values["given"]) > Number(fault.values["expected"]))
  );
}

/** What ethers threw, as a Fault if the chain refused or did not answer; anything else is returned as it is. */
export function refusal(error: unknown): unknown {
  if (error instanceof Fault) return error;
  if (isError(error, "CALL_EXCEPTION")) return decodeRevert(error.data);
  return isUnreachable(error) ? new Fault("CHAIN_UNREACHABLE", {}, error) : error;
}

function faultOf(description: ErrorDescription): Fault {
  const values = valuesOf(description);
  if (description.name === "EmergencyPlatformFrozen") return new Fault("PLATFORM_FROZEN", values);
  if (description.name === "MemberNotActive") return new Fault("MEMBER_NOT_ACTIVE", values);
  return revertedWith(description.name, values);
}

function valuesOf({ fragment, args }: ErrorDescription): FaultValues {
  return Object.fromEntries(fragment.inputs.map(({ name }, index) => [name, plain(args[index])]));
}

function plain(value: unknown): string | number | boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  return String(value).toLowerCase();
}
