/** An asking relayer that evidence is taken out of, and its ledger as a verifier reads it. */
import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import type { LedgerFacts } from "../../protocol/evidence/chain-facts.ts";
import { concatBytes } from "../../protocol/encoding/bytes.ts";
import type { PictureChainFacts } from "../../protocol/picture-evidence/chain-facts.ts";
import { encodeKeySet } from "../../protocol/threshold/key-set.ts";
import type { EvidenceDependencies } from "../../relayer/services/evidence/document.ts";
import type { AnchoredBatch } from "./anchor-leaves.ts";
import { CHAIN_ID, LEDGER, random } from "./asking-ledger.ts";
import { ALGORITHM_NODES } from "./asking-nodes.ts";
import type { Asking } from "./asking.ts";

const INSTANCE_SALT = toHex(random(32));
const contracts = {
  queryLedger: LEDGER,
  datasetRegistry: LEDGER,
  memberRegistry: LEDGER,
  algorithmNodes: ALGORITHM_NODES,
  keyRounds: LEDGER,
  consortiumTables: LEDGER,
};

/** The relayer, with what a package says of its chain. */
export function exporting({ ctx }: Asking): EvidenceDependencies {
  const { chain } = ctx;
  const { queryLedger } = chain.contracts;
  return {
    ...ctx,
    chain: {
      ...chain,
      deployment: { ...chain.deployment, addresses: { ...chain.deployment.addresses, ...contracts } },
      contracts: { queryLedger: { ...queryLedger, instanceSalt: () => Promise.resolve(INSTANCE_SALT) } },
    },
  } as unknown as EvidenceDependencies;
}

/** What the relayer's ledger would say; `batches` are on it. */
export function pictureFactsOf(asking: Asking, batches: readonly AnchoredBatch[]): PictureChainFacts {
  const { chain } = asking.ledger;
  const { computation } = chain;
  return {
    ...ledgerFactsOf(asking, batches),
    contracts,
    async nodeService(member, service) {
      return (await computation.nodes()).find((node) => node.member === member)?.services[service];
    },
    async keyRound(number) {
      const round = await computation.round(number);
      if (round === undefined) return undefined;
      const sets = await Promise.all(round.purposes.map((purpose) => computation.keySet(number, purpose)));
      const keySets = concatBytes(...sets.flatMap((keys) => (keys === undefined ? [] : [encodeKeySet(keys)])));
      return { purposes: round.purposes, nodes: round.nodes, keySets: toHex(keySets) };
    },
    async edition(number) {
      const edition = await computation.edition(number);
      return edition && { ...edition, locatorRound: edition.layerRound };
    },
    latestEdition: () => computation.latestPublished(),
  };
}

function ledgerFactsOf({ ctx, ledger }: Asking, batches: readonly AnchoredBatch[]): LedgerFacts {
  return {
    chainId: () => Promise.resolve(CHAIN_ID),
    instanceSalt: () => Promise.resolve(INSTANCE_SALT),
    async session(id) {
      const row = await ctx.db.selectFrom("query_sessions").selectAll().where("id", "=", id).executeTakeFirst();
      if (row === undefined) return undefined;
      const times = { openedAt: ledger.now - 60, expiresAt: Number(row.expires_at) };
      return { querier: (await ctx.chain.me()).id, signer: ctx.operator.address, ...times };
    },
    async allotment(session, service) {
      const allotments = ctx.db.selectFrom("query_allotments").select("granted").where("session", "=", session);
      return (await allotments.where("dataset", "=", service).executeTakeFirst())?.granted;
    },
    wasOperatorOf: (member, account) =>
      Promise.resolve(ledger.members.find(({ id }) => id === member)?.operators.includes(account) === true),
    leavesAnchoredAt(transactionHash: Hex, logIndex) {
      const found = batches.find((each) => each.transactionHash === transactionHash && each.logIndex === logIndex);
      return Promise.resolve(found && { ...found, blockTime: ledger.now + 60 });
    },
  };
}
