/** Names for what the chain knows by number or address: members, datasets, nodes' services, the staff, the contracts. */
import { id as topicOf } from "ethers";

import { Fault } from "../../protocol/errors/fault.ts";
import { KEY_PURPOSES, type KeyPurpose } from "../../protocol/key-round/round.ts";
import type { DatasetInfo, RegisteredMember } from "../../relayer/chain/chain-view.ts";
import { connectContracts } from "../../relayer/chain/contracts.ts";
import { readDatasets, readRegisteredMembers } from "../../relayer/chain/reads.ts";
import { readLog } from "./chain-log.ts";
import type { Contracts, Platform } from "./platform.ts";

/** One of the Association's staff: numbered in the order in which they got the role, for good. */
export interface Person {
  /** `staff-1` ... */
  readonly name: string;
  readonly account: string;
  /** Unix seconds. */
  readonly since: number;
  readonly until: number | undefined;
}

/** What a node is paid for; its id is used like a dataset's. Named `member/evaluation`, `member/location` or `member/decryption`. */
export interface NodeService {
  readonly id: string;
  readonly node: number;
  readonly service: keyof typeof SERVICES;
}

export interface Names {
  readonly members: readonly RegisteredMember[];
  readonly datasets: readonly DatasetInfo[];
  readonly services: readonly NodeService[];
  readonly staff: readonly Person[];
  /** By number or name. @throws Fault MEMBER_UNKNOWN */
  findMember(given: string): RegisteredMember;
  /** By id, its beginning, or `member/LABEL`. @throws Fault DATASET_UNKNOWN, DATASET_AMBIGUOUS */
  findDataset(given: string): DatasetInfo;
  /** A dataset, or a node's service, by the same. @throws Fault DATASET_UNKNOWN, DATASET_AMBIGUOUS */
  findPriced(given: string): { readonly id: string };
  /** By name (`staff-2`) or address. @throws Fault STAFF_UNKNOWN */
  findPerson(given: string): Person;
  /** The member for which the account acts now. */
  memberOf(account: string): RegisteredMember | undefined;
  memberName(id: bigint | number): string;
  /** Of a dataset or a node's service. */
  datasetName(id: string): string;
  /** A person of the staff, a member's operator, a contract, else a shortened address. */
  accountName(account: string): string;
  contractName(address: string): string | undefined;
}

/** By the purpose of the key that each uses. */
const SERVICES = { evaluation: "evaluation", location: "locator", decryption: "query" } as const satisfies Record<
  string,
  KeyPurpose
>;

const STAFF_ROLE = 5n;
const ROLE_GRANTED = topicOf("RoleGranted(uint64,address,uint32,uint48,bool)");
const ROLE_REVOKED = topicOf("RoleRevoked(uint64,address)");

export async function loadNames(platform: Platform): Promise<Names> {
  const { deployment, provider } = platform;
  const { memberRegistry, datasetRegistry, algorithmNodes } = connectContracts(deployment.addresses, provider);
  const [members, datasets, services, staff] = await Promise.all([
    readRegisteredMembers(memberRegistry, deployment),
    readDatasets(datasetRegistry),
    readServices(algorithmNodes),
    readStaff(platform),
  ]);
  return createNames({ members, datasets, services, staff, addresses: deployment.addresses });
}

export function createNames(known: {
  readonly members: readonly RegisteredMember[];
  readonly datasets: readonly DatasetInfo[];
  readonly services: readonly NodeService[];
  readonly staff: readonly Person[];
  readonly addresses: Readonly<Record<string, string>>;
}): Names {
  const { members, datasets, services, staff } = known;
  const contracts = new Map(Object.entries(known.addresses).map(([name, address]) => [address.toLowerCase(), name]));
  const memberName = (id: bigint | number): string =>
    members.find((member) => member.id === Number(id))?.name ?? `member ${id.toString()}`;
  const labelOf = (each: DatasetInfo | NodeService): string =>
    "node" in each ? `${memberName(each.node)}/${each.service}` : `${memberName(each.holder)}/${each.label}`;
  function find<T extends DatasetInfo | NodeService>(given: string, among: readonly T[]): T {
    const wanted = given.toLowerCase();
    const found = among.filter((each) =>
      wanted.startsWith("0x") ? each.id.startsWith(wanted) : labelOf(each).toLowerCase() === wanted,
    );
    if (found.length > 1) throw new Fault("DATASET_AMBIGUOUS", { given, matches: found.map(labelOf).join(", ") });
    const [only] = found;
    if (only === undefined) throw new Fault("DATASET_UNKNOWN", { dataset: given });
    return only;
  }
  const memberOf = (account: string): RegisteredMember | undefined =>
    members.find(({ operators }) => operators.some((operator) => operator === account.toLowerCase()));

  return {
    members,
    datasets,
    services,
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
    findDataset: (given) => find(given, datasets),
    findPriced: (given) => find<DatasetInfo | NodeService>(given, [...datasets, ...services]),
    findPerson(given) {
      const wanted = given.toLowerCase();
      const found = staff.find(({ name, account }) => name === wanted || account === wanted);
      if (found === undefined) throw new Fault("STAFF_UNKNOWN", { given });
      return found;
    },
    datasetName(id) {
      const found = [...datasets, ...services].find((each) => each.id === id.toLowerCase());
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

/** In order of the nodes' first registration, retired ones included. */
async function readServices(nodes: Contracts["algorithmNodes"]): Promise<NodeService[]> {
  const count = Number(await nodes.nodeCount());
  const ids = await Promise.all(Array.from({ length: count }, async (_, index) => Number(await nodes.nodeAt(index))));
  const services = ids.flatMap((node) =>
    Object.entries(SERVICES).map(async ([service, purpose]) => {
      const id = await nodes.serviceOf(node, KEY_PURPOSES.indexOf(purpose));
      return { id: id.toLowerCase(), node, service: service as keyof typeof SERVICES };
    }),
  );
  return await Promise.all(services);
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
