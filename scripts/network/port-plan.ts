/** Which port everything listens on, and where each can be changed. */
import { Fault, isFault } from "../../protocol/errors/fault.ts";
import { freePort, requireFreePort } from "../embedded/ports.ts";
import { PARTIES, type PartyName } from "./parties.ts";

export interface PortPlan {
  readonly chain: number;
  readonly postgres: number;
  readonly member: Readonly<Record<PartyName, number>>;
  readonly peer: Readonly<Record<PartyName, number>>;
}

export const DEFAULT_PORT_BASE = 8600;
const BASE_VARIABLE = "RISKVEIL_PORT_BASE";

interface Slot {
  readonly service: string;
  /** Distance from the base. */
  readonly offset: number;
  readonly variable: string;
}

const slots = {
  chain: { service: "the chain", offset: 20, variable: "RISKVEIL_CHAIN_PORT" },
  postgres: { service: "PostgreSQL", offset: 21, variable: "RISKVEIL_POSTGRES_PORT" },
  member: perParty("member API", "MEMBER", 0),
  peer: perParty("peer API", "PEER", 10),
};

function perParty(api: string, infix: string, first: number): Record<PartyName, Slot> {
  return byParty((name, index) => ({
    service: `the ${api} of ${name}`,
    offset: first + index,
    variable: `RISKVEIL_${name.toUpperCase()}_${infix}_PORT`,
  }));
}

function byParty<T>(make: (name: PartyName, index: number) => T): Record<PartyName, T> {
  return Object.fromEntries(PARTIES.map(({ name }, index) => [name, make(name, index)])) as Record<PartyName, T>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The base (from --port-base, else RISKVEIL_PORT_BASE, else 8600) plus a fixed distance; a service's own variable goes
 * before it. @throws Fault NETWORK_OPTION_INVALID for what is no port, or for one port given to two services.
 */
export function planPorts(environment: Environment, portBase?: string): PortPlan {
  const base = readPort(portBase === undefined ? BASE_VARIABLE : "--port-base", portBase ?? environment[BASE_VARIABLE]);
  const choose = (slot: Slot): number =>
    readPort(slot.variable, environment[slot.variable]) ?? (base ?? DEFAULT_PORT_BASE) + slot.offset;
  const plan: PortPlan = {
    chain: choose(slots.chain),
    postgres: choose(slots.postgres),
    member: byParty((name) => choose(slots.member[name])),
    peer: byParty((name) => choose(slots.peer[name])),
  };
  refuseSharedPorts(plan);
  return plan;
}

/** Ports that were free a moment ago; for tests, several networks of which run side by side. */
export async function planFreePorts(): Promise<PortPlan> {
  const ports = new Set<number>();
  while (ports.size < 2 + 2 * PARTIES.length) ports.add(await freePort());
  const next = (): number => {
    const [port = 0] = ports;
    ports.delete(port);
    return port;
  };
  return { chain: next(), postgres: next(), member: byParty(next), peer: byParty(next) };
}

/** @throws Fault NETWORK_PORTS_TAKEN naming every port that is taken, what it is for and its variable. */
export async function requirePortsFree(plan: PortPlan, which: "all" | "relayers" = "all"): Promise<void> {
  const taken: string[] = [];
  for (const [slot, port] of which === "all" ? assignments(plan) : relayerAssignments(plan)) {
    try {
      await requireFreePort(port, slot.service);
    } catch {
      taken.push(inWords(slot, port));
    }
  }
  if (taken.length > 0) throw new Fault("NETWORK_PORTS_TAKEN", { ports: taken.join(", ") });
}

/** Starts chain or database; if its port is taken, the fault names the variable too. */
export async function onPort<T>(service: "chain" | "postgres", plan: PortPlan, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!isFault(error, "PORT_TAKEN")) throw error;
    throw new Fault("NETWORK_PORTS_TAKEN", { ports: inWords(slots[service], plan[service]) }, error);
  }
}

function inWords({ service, variable }: Slot, port: number): string {
  return `${port} for ${service} (${variable})`;
}

function assignments(plan: PortPlan): [Slot, number][] {
  return [[slots.chain, plan.chain], [slots.postgres, plan.postgres], ...relayerAssignments(plan)];
}

function relayerAssignments(plan: PortPlan): [Slot, number][] {
  return PARTIES.flatMap(({ name }): [Slot, number][] => [
    [slots.member[name], plan.member[name]],
    [slots.peer[name], plan.peer[name]],
  ]);
}

function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (port >= 1024 && port <= 65_500) return port;
  throw new Fault("NETWORK_OPTION_INVALID", { option, reason: "must be a port from 1024 to 65500" });
}

function refuseSharedPorts(plan: PortPlan): void {
  const first = new Map<number, Slot>();
  for (const [slot, port] of assignments(plan)) {
    const other = first.get(port);
    if (other !== undefined) {
      const reason = `${slot.service} and ${other.service} would share port ${port}`;
      throw new Fault("NETWORK_OPTION_INVALID", { option: slot.variable, reason });
    }
    first.set(port, slot);
  }
}
