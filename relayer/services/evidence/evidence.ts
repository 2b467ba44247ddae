/** Puts the evidence package of one document's answer together from the store and the chain, once its leaves are anchored. */
import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { buildEvidence, type AnswerFacts } from "../../../protocol/evidence/build.ts";
import type { EvidencePackage } from "../../../protocol/evidence/package.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RiskRecord } from "../../../protocol/sealed-table/record.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import { answerPlace } from "../query/exchanges.ts";
import { openOpening, pieces } from "../query/secrets.ts";
import { openDocument, recordExport, type DocumentPlace, type EvidenceDependencies } from "./document.ts";
import { anchorsOf, exchangeFacts, firstAsked } from "./exchanges.ts";

/**
 * `caller` is the id of the token it is handed to.
 * @throws Fault QUERY_UNKNOWN, QUERY_DOCUMENT_UNKNOWN, EVIDENCE_NOT_ASKED, QUERY_NOT_ANSWERED, EVIDENCE_NOT_ANCHORED,
 * AUTHORISATION_* once consent has ended, EVIDENCE_ENTRY_UNREADABLE
 */
export async function evidencePackage(
  ctx: EvidenceDependencies,
  place: DocumentPlace,
  caller: string,
): Promise<EvidencePackage> {
  const { position, query, askedAt } = await openDocument(ctx, place, "detail");
  const answers = await answersOf(ctx, query.id, position);
  const datasets = new Set(answers.map(({ request }): string => toHex(request.dataset)));
  const anchors = await anchorsOf(ctx, query.id, position, datasets);
  await recordExport(ctx, caller, `${query.id}:${String(position)}`);
  const { addresses, chainId } = ctx.chain.deployment;
  return buildEvidence(
    {
      chain: {
        chainId,
        queryLedger: addresses.queryLedger,
        datasetRegistry: addresses.datasetRegistry,
        memberRegistry: addresses.memberRegistry,
        instanceSalt: fromHex(await ctx.chain.contracts.queryLedger.instanceSalt(), 32),
      },
      query: {
        ...query,
        querier: (await ctx.chain.me()).id,
        requestedAt: (await firstAsked(ctx, query.id, "holders")) ?? askedAt,
      },
      answers,
      unanswered: await unansweredOf(ctx, query.id),
      anchors,
    },
    new Date((await ctx.chain.ledgerTime()) * 1_000),
    ctx.operator.sign,
  );
}

async function answersOf(ctx: EvidenceDependencies, id: string, position: number): Promise<AnswerFacts[]> {
  const rows = await ctx.db
    .selectFrom("query_answers as a")
    .innerJoin("query_exchanges as e", "e.id", "a.exchange")
    .select(["a.dataset", "a.outcome", "a.revision", "a.opening", "e.id", "e.holder", "e.epoch"])
    .select(["e.previous_transcript", "e.request", "e.response", "e.secrets"])
    .where("a.query_id", "=", id)
    .where("a.position", "=", position)
    .orderBy("a.dataset")
    .execute();
  return Promise.all(
    rows.map(async (row): Promise<AnswerFacts> => {
      if (row.outcome === "unreadable") throw new Fault("EVIDENCE_ENTRY_UNREADABLE", { query: id });
      const commitment = await ctx.chain.commitment(row.dataset as Hex, row.epoch ?? 0, row.revision);
      if (commitment === undefined) throw new Fault("DATASET_UNKNOWN", { dataset: row.dataset });
      const { secrets, ...exchange } = exchangeFacts(ctx, row, position);
      const opening = openOpening(ctx.cipher, answerPlace(id, position, row.dataset), row.opening);
      const blind = pieces(fromHex(secrets.blinds), ristretto255Sha512.scalarBytes)[position];
      if (blind === undefined) throw new Fault("INTERNAL");
      const facts = {
        ...exchange,
        revision: row.revision,
        suite: commitment.suite,
        root: fromHex(commitment.root, 32),
        publicKey: fromHex(commitment.publicKey, 32),
        blind,
        leaf: {
          tag: asTag(fromHex(opening.tag)),
          next: asTag(fromHex(opening.next)),
          entryHash: fromHex(opening.entryHash, 32),
        },
        path: opening.path.map((node) => fromHex(node, 32)),
      };
      if (opening.entry === null) return facts;
      const records = JSON.parse(opening.records ?? "[]") as RiskRecord[];
      return { ...facts, hit: { entry: fromHex(opening.entry), records } };
    }),
  );
}

async function unansweredOf(
  ctx: EvidenceDependencies,
  id: string,
): Promise<{ dataset: Uint8Array; holder: number; reason: FaultCode }[]> {
  const rows = await ctx.db
    .selectFrom("query_exchanges")
    .select(["dataset", "holder", "reason"])
    .where("query_id", "=", id)
    .where("state", "in", ["waiting", "prepared", "refused"])
    .where("service", "is", null)
    .orderBy("dataset")
    .execute();
  return rows.map((row) => ({
    dataset: fromHex(row.dataset, 32),
    holder: row.holder,
    reason: (row.reason ?? "HOLDER_UNREACHABLE") as FaultCode,
  }));
}
