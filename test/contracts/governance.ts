/** Decisions as people make them, and the stage on which they are tried: everything deployed as in production. */
import { type AddressLike, type BaseContract, hexlify, randomBytes, resolveAddress, ZeroHash } from "ethers";

import { connection, DAY, digest, Kind, MEMBERS_DELAY, type Platform, presentKey, type Signer } from "./platform.ts";
import type { Party } from "./stages.ts";
import { deployedConstitution, loadFixture } from "./fixtures.ts";

const { networkHelpers } = connection;

/** A call with its target, e.g. `[members, members.interface.encodeFunctionData("admit", [1])]`. */
export type TargetCall = readonly [target: AddressLike, payload: string];

export interface Operation {
  readonly targets: string[];
  readonly values: number[];
  readonly payloads: string[];
  readonly salt: string;
}

export type Desk = Platform["constitution"];

/** The call of `contract` by name, its arguments checked by the ABI only. */
export function callOf(contract: BaseContract, name: string, parameters: readonly unknown[]): TargetCall {
  return [contract, contract.interface.encodeFunctionData(name, parameters)];
}

export async function operationOf(calls: readonly TargetCall[], salt = hexlify(randomBytes(32))): Promise<Operation> {
  return {
    targets: await Promise.all(calls.map(async ([target]) => resolveAddress(target, connection.ethers.provider))),
    values: calls.map(() => 0),
    payloads: calls.map(([, payload]) => payload),
    salt,
  };
}

export async function idOf(desk: Desk, { targets, values, payloads, salt }: Operation): Promise<string> {
  return desk.hashOperationBatch(targets, values, payloads, ZeroHash, salt);
}

export async function propose(desk: Desk, person: Signer, operation: Operation, description = "") {
  const { targets, values, payloads, salt } = operation;
  return desk.connect(person).propose(targets, values, payloads, salt, description);
}

export async function execute(desk: Desk, person: Signer, { targets, values, payloads, salt }: Operation) {
  return desk.connect(person).executeBatch(targets, values, payloads, ZeroHash, salt);
}

/** One of the staff proposes, the delay passes, another executes. */
export async function enact(platform: Platform, ...calls: readonly TargetCall[]) {
  const { constitution, staff } = platform;
  const operation = await operationOf(calls);
  await propose(constitution, staff[0], operation, "enacted in a test");
  await networkHelpers.time.increase(MEMBERS_DELAY);
  return execute(constitution, staff[1], operation);
}

/** Two of the staff act at the duty desk at once. */
export async function actOnDuty(platform: Platform, ...calls: readonly TargetCall[]) {
  const { dutyDesk, staff } = platform;
  const operation = await operationOf(calls);
  await propose(dutyDesk, staff[0], operation, "duty");
  return execute(dutyDesk, staff[1], operation);
}

/** Application, key, and what the duty desk records about them; not the admission. */
export async function applyAndPass(platform: Platform, operator: Signer, kind: number, name: string): Promise<Party> {
  const { members } = platform;
  await members.connect(operator).apply_(kind, name, `https://${name}.example`);
  const id = await members.memberOf(operator);
  const index = await presentKey(platform, operator);
  await actOnDuty(
    platform,
    callOf(members, "certifyKey", [id, index, digest(`certificate ${name}`)]),
    callOf(members, "recordReview", [id, digest(`review ${name}`)]),
    callOf(members, "recordAcceptance", [id, digest(`acceptance ${name}`)]),
  );
  return { id, operator };
}

const FOUNDERS = [
  ["alpha", Kind.SecuritiesFirm],
  ["beta", Kind.SecuritiesFirm],
  ["gamma", Kind.SecuritiesFirm],
  ["delta-bank", Kind.Bank],
  ["epsilon-fund", Kind.FundManager],
] as const;

/**
 * The Association, five firms with the five founding seats, a sixth firm without one, a regulator, and an applicant that
 * has passed everything but its admission.
 */
export async function foundedCouncil() {
  const platform = await loadFixture(deployedConstitution);
  const { members, council, accounts } = platform;
  const entries = [["association", Kind.Association], ...FOUNDERS, ["zeta", Kind.Insurer], ["csrc", Kind.Regulator]];
  const parties: Party[] = [];
  for (const [index, [name, kind]] of entries.entries()) {
    parties.push(await applyAndPass(platform, accounts[index] as Signer, kind as number, name as string));
  }
  await enact(platform, ...parties.map(({ id }) => callOf(members, "admit", [id])));
  const [association, alpha, beta, gamma, delta, epsilon, zeta, regulator] = parties as [
    Party,
    Party,
    Party,
    Party,
    Party,
    Party,
    Party,
    Party,
  ];
  const seated = [alpha, beta, gamma, delta, epsilon];
  for (const { operator } of seated) await council.connect(operator).claimSeat();
  const [applying, outsider, successor, another] = accounts.slice(entries.length) as [Signer, Signer, Signer, Signer];
  const applicant = await applyAndPass(platform, applying, Kind.SecuritiesFirm, "eta");
  return {
    ...platform,
    ...{ association, alpha, beta, gamma, delta, epsilon, zeta, regulator, applicant },
    ...{ seated, outsider, successor, another },
  };
}

export type Founded = Awaited<ReturnType<typeof foundedCouncil>>;

/** `count` members with a seat approve an operation. */
export async function approveBy(platform: Founded, operation: string, count: number): Promise<void> {
  for (const { operator } of platform.seated.slice(0, count))
    await platform.council.connect(operator).approve(operation);
}

/** Two thirds of five. */
export const TWO_THIRDS = 4;

/** The applicant's admission, proposed by the first of the staff. */
export async function proposedAdmission(platform: Founded) {
  const { members, constitution, staff, applicant } = platform;
  const operation = await operationOf([callOf(members, "admit", [applicant.id])]);
  await propose(constitution, staff[0], operation, "admit eta");
  return { operation, id: await idOf(constitution, operation) };
}

/** Takes `lost` out of the staff and puts `successor` in. */
export async function replacement({ authority }: Founded, lost: Signer, successor: Signer): Promise<Operation> {
  const [STAFF, GUARDIAN] = [await authority.STAFF_ROLE(), await authority.GUARDIAN_ROLE()];
  return operationOf([
    callOf(authority, "revokeRole", [STAFF, lost.address]),
    callOf(authority, "revokeRole", [GUARDIAN, lost.address]),
    callOf(authority, "grantRole", [STAFF, successor.address, 0]),
    callOf(authority, "grantRole", [GUARDIAN, successor.address, 0]),
  ]);
}

export async function isStaff({ authority }: Founded, person: Signer): Promise<boolean> {
  return (await authority.hasRole(await authority.STAFF_ROLE(), person))[0];
}

export { DAY, MEMBERS_DELAY };
