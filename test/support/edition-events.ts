/** What the chain says of an edition's stage: who was named, and why. */
import { decodeBytes32String } from "ethers";

import type { EditionStage } from "./edition-stage.ts";

export async function exclusions({ platform }: EditionStage, edition: number) {
  const { consortiumTables: tables } = platform.contracts;
  const found = await tables.queryFilter(tables.filters.ContributionExcluded(edition));
  return found.map(({ args }) => ({ member: Number(args.contributor), reason: decodeBytes32String(args.reason) }));
}

export async function refusals({ platform }: EditionStage, edition: number) {
  const { consortiumTables: tables } = platform.contracts;
  const found = await tables.queryFilter(tables.filters.StripRefused(edition));
  return found.map(({ args }) => ({
    attempt: Number(args.attempt),
    accused: Number(args.accused),
    accuser: Number(args.accuser),
    reason: decodeBytes32String(args.reason),
  }));
}

export async function abandonment({ platform }: EditionStage, edition: number) {
  const { consortiumTables: tables } = platform.contracts;
  const [found] = await tables.queryFilter(tables.filters.EditionAbandoned(edition));
  return found && decodeBytes32String(found.args.reason);
}

export async function reports({ platform }: EditionStage, node: number) {
  const { algorithmNodes: nodes } = platform.contracts;
  const found = await nodes.queryFilter(nodes.filters.NodeReported(node));
  return found.map(({ args }) => ({ reporter: Number(args.reporter), reason: decodeBytes32String(args.reason) }));
}
