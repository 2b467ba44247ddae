/** Puts the evidence package of one subject's answer together from the store and the chain, once its leaves are anchored. */
import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { AnchoredLeaf } from "../../../protocol/evidence/build-exchange.ts";
import { buildEvidence, type AnswerFacts } from "../../../protocol/evidence/build.ts";
import type { EvidencePackage } from "../../../protocol/evidence/package.ts";
import { parsePurpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { decodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { RiskRecord } from "../../../protocol/sealed-table/record.ts";
import { asTag } from "../../../protocol/sealed-table/table-id.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import { factsOf, findIntent } from "../../chain/outbox-store.ts";
import type { RelayerContext } from "../../context.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import { anchorKey } from "../anchor/anchor.ts";
import { answerPlace } from "../query/exchanges.ts";
import { investorsOf, namedOf } from "../query/query-view.ts";
import type { Authorise } from "../query/query-context.ts";
import { openOpening, openSecrets, openSubject, pieces } from "../query/secrets.ts";

export interface EvidenceDependencies extends Pick<RelayerContext, "db" | "chain" | "cipher" | "operator"> {
  readonly authorise: Authorise;
  readonly audit: Pick<AuditLog, "append">;
}

/**
 * Of one document of the query's `investor`, both counted from 0. `caller` is the id of the token it is handed to.
 * @throws Fault QUERY_UNKNOWN, QUERY_NOT_ANSWERED (nothing answered, or a leaf not anchored yet), AUTHORISATION_* once
 * consent has ended, EVIDENCE_ENTRY_UNREADABLE
 */
export async function evidencePackage(
  ctx: EvidenceDependencies,
  id: string,
  investor: number,
  caller: string,
  document = 0,
): Promise<EvidencePackage> {
  const query = await ctx.db.selectFrom("queries").selectAll().where("id", "=", id).executeTakeFirst();
  const rows = await ctx.db
    .selectFrom("query_subjects")
    .selectAll()
    .where("query_id", "=", id)
    .orderBy("position")
    .execute();
  const documents = investorsOf(rows).get(investor) ?? [];
  const row = documents[document];
  if (query === undefined || row === undefined) throw new Fault("QUERY_UNKNOWN", { query: id });
  const { position } = row;
  const purpose = parsePurpose(query.purpose);
  const subject = openSubject(ctx.cipher, id, position, row.subject) as SubjectId;
  const named = namedOf(rows, documents);
  const authorised = openSubject(ctx.cipher, id, named.position, named.subject) as SubjectId;
  await ctx.authorise({ subject: authorised, purpose, id: row.authorisation });
  const answers = await answersOf(ctx, id, position);
  const datasets = new Set(answers.map(({ request }): string => toHex(request.dataset)));
  const anchors = await anchorsOf(ctx, id, position, datasets);
  const entry = { actor: caller, action: "evidence.export", subjectId: `${id}:${String(position)}` };
  await ctx.db.transaction().execute((trx) => ctx.audit.append(trx, entry));
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
        id,
        querier: (await ctx.chain.me()).id,
        purpose,
        requestedAt: (await askedAt(ctx, id)) ?? query.created_at,
        subject,
      },
      answers,
      unanswered: await unansweredOf(ctx, id),
      anchors,
    },
    new Date((await ctx.chain.ledgerTime()) * 1_000),
    ctx.operator.sign,
  );
}

/** Ledger time at which the first request that was answered was signed: within the bounds that the chain gives it. */
async function askedAt(ctx: EvidenceDependencies, id: string): Promise<Date | undefined> {
  const { first } = await ctx.db
    .selectFrom("query_exchanges")
    .select((eb) => eb.fn.min("prepared_at").as("first"))
    .where("query_id", "=", id)
    .where("state", "=", "answered")
    .where("service", "is", null)
    .executeTakeFirstOrThrow();
  return first === null ? undefined : new Date(Number(first) * 1_000);
}

/** Of leaves over `datasets`: what nodes answered for the overall picture has leaves of its own. */
async function anchorsOf(
  ctx: EvidenceDependencies,
  id: string,
  position: number,
  datasets: ReadonlySet<string>,
): Promise<AnchoredLeaf[]> {
  const leaves = await ctx.db
    .selectFrom("query_leaves as l")
    .leftJoin("query_batches as b", (join) =>
      join.onRef("b.session", "=", "l.session").onRef("b.batch", "=", "l.batch"),
    )
    .select(["l.datasets", "l.salt", "l.leaf", "l.session", "l.batch", "l.place", "b.attempt"])
    .where("query_id", "=", id)
    .where("position", "=", position)
    .where("answered", "=", true)
    .execute();
  const rows = leaves.map((row) => ({ ...row, datasets: row.datasets.split(",") }));
  const theirs = rows.filter((row) => row.datasets.every((dataset) => datasets.has(dataset)));
  if (theirs.length === 0) throw new Fault("QUERY_NOT_ANSWERED", { query: id });
  const { topicHash } = ctx.chain.contracts.queryLedger.interface.getEvent("LeavesAnchored");
  const anchors: AnchoredLeaf[] = [];
  for (const { session, batch, attempt, place, ...row } of theirs) {
    const key = batch === null ? undefined : anchorKey(session, batch, attempt ?? 1);
    const intent = key === undefined ? undefined : await findIntent(ctx.db, key);
    const facts = intent?.state === "mined" ? factsOf(intent) : undefined;
    const log = facts?.logs.find(({ topics }) => topics[0] === topicHash);
    if (!facts || !log || place === null) throw new Fault("EVIDENCE_NOT_ANCHORED", { query: id });
    anchors.push({
      datasets: row.datasets.map((dataset) => fromHex(dataset, 32)),
      salt: fromHex(row.salt, 32),
      leaf: fromHex(row.leaf, 32),
      transactionHash: facts.hash,
      blockNumber: facts.blockNumber,
      logIndex: log.logIndex,
      position: place,
    });
  }
  return anchors;
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
      const request = decodeRequest(JSON.parse(row.request ?? ""), ristretto255Sha512);
      const secrets = openSecrets(ctx.cipher, row.id, row.secrets ?? Buffer.alloc(0));
      const opening = openOpening(ctx.cipher, answerPlace(id, position, row.dataset), row.opening);
      const consent = secrets.consents[position];
      const blind = pieces(fromHex(secrets.blinds), ristretto255Sha512.scalarBytes)[position];
      if (consent === undefined || blind === undefined) throw new Fault("INTERNAL");
      const facts = {
        holder: row.holder,
        revision: row.revision,
        suite: commitment.suite,
        root: fromHex(commitment.root, 32),
        publicKey: fromHex(commitment.publicKey, 32),
        blind,
        index: position,
        previousTranscript: fromHex(row.previous_transcript ?? "", 32),
        request,
        response: decodeResponse(JSON.parse(row.response ?? ""), ristretto255Sha512, request.elements.length),
        consents: secrets.consents.map(({ commitment: each }) => fromHex(each, 32)),
        consent: { salt: fromHex(consent.salt, 32), documentDigest: fromHex(consent.documentDigest, 32) },
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
