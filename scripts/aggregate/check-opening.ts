/** What the chain says of an opening: the contribution's root and the edition's keys come from it, never from the file. */
import type { JsonRpcProvider } from "ethers";

import { contributionKey } from "../../protocol/aggregate/elgamal.ts";
import { checkRowOpening, readRowOpening, type RowOpeningPackage } from "../../protocol/aggregate/opening-package.ts";
import { standardSchema, unpackSums, type AggregateSums } from "../../protocol/aggregate/schema.ts";
import type { AggregateTerms } from "../../protocol/aggregate/terms.ts";
import { fromHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { isFault } from "../../protocol/errors/fault.ts";
import { decodeKeySets } from "../../protocol/key-round/key-sets.ts";
import type { KeyPurpose } from "../../protocol/key-round/round.ts";
import type { PublicKeySet } from "../../protocol/threshold/key-set.ts";
import { readRoundFacts } from "../../relayer/chain/create-computation-view.ts";
import { createProvider } from "../../relayer/chain/provider.ts";
import { IConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/IConsortiumTables__factory.ts";
import { IKeyRounds__factory } from "../../types/ethers-contracts/factories/computation/IKeyRounds__factory.ts";

/** Contracts that the reader trusts; those that the file names stand for what is left out. */
export interface TrustedContracts {
  readonly tables?: Hex | undefined;
  readonly rounds?: Hex | undefined;
}

export const openingChecks = ["format", "chain", "contribution", "keys", "row", "opening"] as const;
export type OpeningCheck = (typeof openingChecks)[number];

export interface OpeningReport {
  readonly verdict: "holds" | "refuted" | "undetermined";
  /** In order; the ones after the first that fails are not made. */
  readonly checks: readonly { readonly name: OpeningCheck; readonly ok: boolean }[];
  readonly contracts: { readonly tables: Hex; readonly rounds: Hex } | undefined;
  /** Both contracts are the reader's. */
  readonly pinned: boolean;
  readonly edition: number | undefined;
  readonly contributor: number | undefined;
  /** The aggregator left this contribution out: nothing of it is in the consortium table. */
  readonly excluded: boolean | undefined;
  /** What the row says; undefined unless the opening holds and is a row of the layout. */
  readonly values: AggregateSums | undefined;
}

export async function checkOpeningFile(
  text: string,
  rpcUrl: string,
  trusted: TrustedContracts,
): Promise<OpeningReport> {
  const pkg = parse(text);
  if (!pkg) return report(undefined, trusted, [{ name: "format", ok: false }]);
  const provider = createProvider(rpcUrl, pkg.chain.chainId);
  try {
    return await check(provider, pkg, trusted);
  } finally {
    provider.destroy();
  }
}

async function check(
  provider: JsonRpcProvider,
  pkg: RowOpeningPackage,
  trusted: TrustedContracts,
): Promise<OpeningReport> {
  const done: { name: OpeningCheck; ok: boolean }[] = [{ name: "format", ok: true }];
  const add = (name: OpeningCheck, ok: boolean): boolean => done.push({ name, ok }) > 0 && ok;
  const contracts = contractsOf(pkg, trusted);
  try {
    const chainId = Number(await provider.send("eth_chainId", []));
    if (!add("chain", chainId === pkg.chain.chainId)) return report(pkg, trusted, done);
    const tables = IConsortiumTables__factory.connect(contracts.tables, provider);
    const edition = await tables.getEdition(pkg.edition);
    const { root, postedAt, excluded } = await tables.getContribution(pkg.edition, pkg.contributor);
    if (!add("contribution", postedAt !== 0n)) return report(pkg, trusted, done);
    const [query, layer] = await Promise.all([
      keyOf(provider, contracts.rounds, Number(edition.queryRound), "query"),
      keyOf(provider, contracts.rounds, Number(edition.layerRound), "layer"),
    ]);
    if (!query || !layer) {
      add("keys", false);
      return report(pkg, trusted, done);
    }
    add("keys", true);
    const terms: AggregateTerms = {
      ...{ schema: standardSchema, epoch: pkg.edition },
      contributionKey: contributionKey(query.publicKey, layer.publicKey),
      ...{ leastContributors: Number(edition.leastContributors), isRowCount: () => true },
    };
    const { isContributed, isOpened } = checkRowOpening(terms, fromHex(root, 32), pkg);
    const holds = add("row", isContributed) && add("opening", isOpened);
    return report(pkg, trusted, done, { excluded, ...(holds ? { values: valuesOf(pkg) } : {}) });
  } catch (error) {
    // A node that is away, or no such contract there: neither says anything about the opening.
    if (!(error instanceof Error)) throw error;
    return { ...report(pkg, trusted, done), verdict: "undetermined" };
  }
}

async function keyOf(
  provider: JsonRpcProvider,
  address: Hex,
  number: number,
  purpose: KeyPurpose,
): Promise<PublicKeySet | undefined> {
  const rounds = IKeyRounds__factory.connect(address, provider);
  const round = await readRoundFacts(rounds, number);
  if (round?.phase !== "Completed") return undefined;
  return decodeKeySets(fromHex(await rounds.keySetsOf(number)), round).get(purpose);
}

/** Undefined if the numbers are no row: the contributor encrypted something else. */
function valuesOf({ opening }: RowOpeningPackage): AggregateSums | undefined {
  try {
    return unpackSums(standardSchema, opening.values);
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}

function report(
  pkg: RowOpeningPackage | undefined,
  trusted: TrustedContracts,
  checks: OpeningReport["checks"],
  found: Partial<Pick<OpeningReport, "excluded" | "values">> = {},
): OpeningReport {
  return {
    verdict: checks.every(({ ok }) => ok) ? "holds" : "refuted",
    checks: [...checks],
    contracts: pkg && contractsOf(pkg, trusted),
    pinned: trusted.tables !== undefined && trusted.rounds !== undefined,
    ...{ edition: pkg?.edition, contributor: pkg?.contributor },
    ...{ excluded: found.excluded, values: found.values },
  };
}

function contractsOf({ chain }: RowOpeningPackage, { tables, rounds }: TrustedContracts): { tables: Hex; rounds: Hex } {
  return { tables: tables ?? chain.consortiumTables, rounds: rounds ?? chain.keyRounds };
}

function parse(text: string): RowOpeningPackage | undefined {
  try {
    return readRowOpening(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || isFault(error, "AGGREGATE_MESSAGE_MALFORMED")) return undefined;
    throw error;
  }
}
