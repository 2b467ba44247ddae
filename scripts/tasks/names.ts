/** Names for what the chain knows by number or address: members, datasets, the staff, the contracts. */
import { id as topicOf } from "ethers";

import { Fault } from "../../protocol/errors/fault.ts";
import type { DatasetInfo, RegisteredMember } from "../../relayer/chain/chain-view.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import { readDatasets, readRegisteredMembers } from "../../relayer/chain/reads.ts";
import { readLog } from "./chain-log.ts";
import type { Platform } from "./platform.ts";

/** One of the Association's staff: numbered in the order in which they got the role, for good. */
export interface Person {
  /** `staff-1` ... */
  readonly name: string;
  readonly account: string;
  /** Unix seconds. */
  readonly since: number;
  readonly until: number | undefined;
}

export interface Names {
  readonly members: readonly RegisteredMember[];
  readonly datasets: readonly DatasetInfo[];
  readonly staff: readonly Person[];
  /** By number or name. @throws Fault MEMBER_UNKNOWN */
  findMember(given: string): RegisteredMember;
  /** By id, its beginning, or `member/LABEL`. @throws Fault DATASET_UNKNOWN, DATASET_AMBIGUOUS */
  findDataset(given: string): DatasetInfo;
  /** By name (`staff-2`) or address. @throws Fault STAFF_UNKNOWN */
  findPerson(given: string): Person;
  /** The member for which the account acts now. */
  memberOf(account: string): RegisteredMember | undefined;
  memberName(id: bigint | number): string;
  datasetName(id: string): string;
  /** A person of the staff, a member's operator, a contract, else a shortened address. */
  accountName(account: string): string;
  contractName(address: string): string | undefined;
}

const STAFF_ROLE = 5n;
const ROLE_GRANTED = topicOf("RoleGranted(uint64,address,uint32,uint48,bool)");
const ROLE_REVOKED = topicOf("RoleRevoked(uint64,address)");

export async function loadNames(platform: Platform): Promise<Names> {
  const { deployment, provider } = platform;
  const { memberRegistry, datasetRegistry } = connectContracts(deployment.addresses, provider);
  const [members, datasets, staff] = await Promise.all([
    readRegisteredMembers(memberRegistry, deployment),
    readDatasets(datasetRegistry),
    readStaff(platform),
  ]);
  return createNames({ members, datasets, staff, addresses: deployment.addresses });
}

export function createNames(known: {
  readonly members: readonly RegisteredMember[];
  readonly datasets: readonly DatasetInfo[];
  readonly staff: readonly Person[];
  readonly addresses: Readonly<Record<string, string>>;
}): Names {
  const { members, datasets, staff } = known;
  const contracts = new Map(Object.entries(known.addresses).map(([name, address]) => [address.toLowerCase(), name]));
  const memberName = (id: bigint | number): string =>
    members.find((member) => member.id === Number(id))?.name ?? `member ${id.toString()}`;
  const labelOf = ({ holder, label }: DatasetInfo): string => `${memberName(holder)}/${label}`;
  const memberOf = (account: string): RegisteredMember | undefined =>
    members.find(({ operators }) => operators.some((operator) => operator === account.toLowerCase()));

  return {
    members,
    datasets,
    staff,
    memberOf,
    memberName,
    findMember(given) {
      const found = /^[1-9]\d*$/.test(given)
        ? members.find(({ id }) => id === Number(given))
        : // The name of one that never was admitted becomes free again: the latest bearer is meant.
          members.findLast(({ name }) => name === given.toLowerCase());
      if (found === undefined) throw new Fault("MEMBER_UNKNOWN", { member: given });
      return found;
    },
    findDataset(given) {
      const wanted = given.toLowerCase();
      const found = datasets.filter((dataset) =>
        wanted.startsWith("0x") ? dataset.id.startsWith(wanted) : labelOf(dataset).toLowerCase() === wanted,
      );
      if (found.length > 1) throw new Fault("DATASET_AMBIGUOUS", { given, matches: found.map(labelOf).join(", ") });
      const [dataset] = found;
      if (dataset === undefined) throw new Fault("DATASET_UNKNOWN", { dataset: given });
      return dataset;
    },
    findPerson(given) {
      const wanted = given.toLowerCase();
      const found = staff.find(({ name, account }) => name === wanted || account === wanted);
      if (found === undefined) throw new Fault("STAFF_UNKNOWN", { given });
      return found;
    },
    datasetName(id) {
      const found = datasets.find((dataset) => dataset.id === id.toLowerCase());
      return found === undefined ? shortened(id) : labelOf(found);
    },
    accountName(account) {
      const wanted = account.toLowerCase();
      const person = staff.find((each) => each.account === wanted);
      return person?.name ?? memberOf(wanted)?.name ?? contracts.get(wanted) ?? shortened(wanted);
    },
    contractName: (address) => contracts.get(address.toLowerCase()),
  };
}

/** Whether a name is none but the beginning of an address. */
export function isShortened(name: string): boolean {
  return name.startsWith("0x");
}

export function shortened(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 10)}…`;
}

/** Who has or had the staff's role, from the authority's events: the contract keeps no list. */
async function readStaff({ deployment, provider }: Platform): Promise<Person[]> {
  const { authority } = deployment.addresses;
  const log = await readLog(provider, { addresses: [authority], fromBlock: deployment.deployedAtBlock });
  const people = new Map<string, Person>();
  for (const { topics, at } of log) {
    const [event, role, holder] = topics;
    if (role === undefined || holder === undefined || BigInt(role) !== STAFF_ROLE) continue;
    const account = `0x${holder.slice(26).toLowerCase()}`;
    const known = people.get(account);
    if (event === ROLE_GRANTED) {
      const name = known?.name ?? `staff-${String(people.size + 1)}`;
      people.set(account, { name, account, since: known?.since ?? at, until: undefined });
    }
    if (event === ROLE_REVOKED && known !== undefined) people.set(account, { ...known, until: at });
  }
  return [...people.values()];
}
