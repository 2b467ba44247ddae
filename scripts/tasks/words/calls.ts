/** Calls of the platform's contracts in words, with names instead of numbers and addresses. */
import type { Result } from "ethers";

import type { Call } from "../../governance/operation.ts";
import { INTERFACES, isContractName } from "../interfaces.ts";
import { same, type Text } from "../language.ts";
import { shortened, type Names } from "../names.ts";
import type { Json } from "../report.ts";
import { phrases } from "./phrases.ts";
import type { OperationName } from "./vocabulary.ts";

export interface DescribedCall {
  /** Name in the deployment file, or an address. */
  readonly contract: string;
  /** Name of the function, or its selector. */
  readonly function: string;
  /** By name; an unknown function's data as hex. */
  readonly arguments: Readonly<Record<string, Json>>;
  readonly words: Text;
}

export function describeCall(
  { target, data }: Call,
  names: Names,
  operation: OperationName = shortened,
): DescribedCall {
  const contract = names.contractName(target) ?? target;
  const parsed = isContractName(contract) ? INTERFACES[contract].parseTransaction({ data }) : null;
  if (parsed === null || !isContractName(contract)) {
    const selector = data.slice(0, 10);
    return { contract, function: selector, arguments: { data }, words: same(`${contract}.${selector}(…)`) };
  }
  const args = Object.fromEntries(
    parsed.fragment.inputs.map(({ name }, i) => [name || String(i), plain(parsed.args[i])]),
  );
  const phrase = phrases[contract]?.[parsed.name];
  const words =
    phrase?.(parsed.args, { names, operation, words: (inner) => describeCall(inner, names, operation).words }) ??
    same(
      `${contract}.${parsed.name}(${Object.entries(args)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
        .join(", ")})`,
    );
  return { contract, function: parsed.name, arguments: args, words };
}

/** A decoded value as JSON: numbers beyond what JSON's are exact for as text, structures by name. */
export function plain(value: unknown): Json {
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  const result = value as Result;
  try {
    const named = result.toObject();
    if (!("_" in named)) return Object.fromEntries(Object.entries(named).map(([name, each]) => [name, plain(each)]));
  } catch {
    // A list: its elements have no names.
  }
  return [...result].map(plain);
}
