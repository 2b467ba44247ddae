/**
 * From an answer to what it says: receipt and proof are checked against the chain, then each subject's tag is looked up
 * in the local mirror and its entry opened. The holder learns nothing of this step: it happens here.
 */
import { fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { decodeResponse, receiptSigner, type EvaluateResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { openEntry } from "../../../protocol/sealed-table/entry.ts";
import { unpadPayload } from "../../../protocol/sealed-table/payload.ts";
import { decodeRecords } from "../../../protocol/sealed-table/record.ts";
import { suiteById, type SealingSuite } from "../../../protocol/sealed-table/suite.ts";
import type { TableId } from "../../../protocol/sealed-table/table-id.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import type { CommitmentInfo } from "../../chain/chain-view.ts";
import { ledgerDomain } from "../../chain/deployment.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { AnswerOutcome } from "../../store/tables/queries.ts";
import type { MirrorLookup, MirroredTables } from "./mirrored-tables.ts";
import { pieces, type AnswerOpening } from "./secrets.ts";

export interface OpenDependencies extends Pick<RelayerContext, "chain"> {
  readonly pool: OprfPool;
  readonly tables: MirroredTables;
}

/** An exchange that was sent, as the store has it. */
export interface SentExchange {
  readonly dataset: Hex;
  readonly holder: number;
  readonly epoch: number;
  readonly request: EvaluateRequest;
  readonly blinds: Uint8Array;
}

export interface OpenedAnswer {
  readonly outcome: AnswerOutcome;
  readonly revision: number;
  readonly opening: AnswerOpening;
}

/**
 * One answer per subject, in order.
 * @throws Fault RESPONSE_MALFORMED, RECEIPT_INVALID, PROOF_REJECTED, MIRROR_MISSING
 */
export async function openResponse(
  ctx: OpenDependencies,
  exchange: SentExchange,
  subjects: readonly SubjectId[],
  body: unknown,
): Promise<OpenedAnswer[]> {
  const { request } = exchange;
  const response = await checkReceipt(ctx, exchange.holder, request, body);
  const commitment = await ctx.chain.commitment(exchange.dataset, exchange.epoch, 1);
  if (commitment === undefined) throw new Fault("MIRROR_MISSING", { dataset: exchange.dataset, epoch: exchange.epoch });
  const { outputs } = await ctx.pool.run({
    kind: "finalize",
    // The key is fixed by the epoch's first revision.
    publicKey: fromHex(commitment.publicKey, 32),
    inputs: subjects.map(subjectInput),
    blinds: exchange.blinds,
    elements: Buffer.concat(request.elements),
    evaluated: Buffer.concat(response.evaluated),
    proof: response.proof,
  });
  if (outputs === undefined) throw new Fault("PROOF_REJECTED", { dataset: exchange.dataset, epoch: exchange.epoch });
  const ys = pieces(outputs, ristretto255Sha512.outputBytes);
  return Promise.all(ys.map((y) => lookUp(ctx, exchange, commitment, y)));
}

/**
 * The answer, signed by an operator of the member that was asked. What it says is not looked at.
 * @throws Fault RESPONSE_MALFORMED, RECEIPT_INVALID
 */
export async function checkReceipt(
  ctx: Pick<RelayerContext, "chain">,
  holder: number,
  request: EvaluateRequest,
  body: unknown,
): Promise<EvaluateResponse> {
  const response = decodeResponse(body, ristretto255Sha512, request.elements.length);
  const domain = ledgerDomain(ctx.chain.deployment);
  const signer = await ctx.chain.memberByOperator(receiptSigner(request, response, domain));
  if (signer?.id !== holder) throw new Fault("RECEIPT_INVALID", { lane: request.lane, count: request.count });
  return response;
}

async function lookUp(
  ctx: OpenDependencies,
  exchange: SentExchange,
  commitment: CommitmentInfo,
  y: Uint8Array,
): Promise<OpenedAnswer> {
  const suite = suiteById(commitment.suite);
  const table: TableId = { dataset: fromHex(exchange.dataset, 32), epoch: exchange.epoch };
  const found = await ctx.tables.lookup(exchange.dataset, exchange.epoch, suite.deriveTag(y, table));
  const records = found.hit === undefined ? undefined : readEntry(suite, table, y, found.hit);
  return {
    // An entry that does not open is the holder's fault and is told to nobody but the auditor: who complains at once
    // would tell the holder which entry was asked for.
    outcome: found.hit === undefined ? "miss" : records === undefined ? "unreadable" : "hit",
    revision: found.revision,
    opening: openingOf(found, records),
  };
}

function readEntry(suite: SealingSuite, table: TableId, y: Uint8Array, entry: Uint8Array): string | undefined {
  const payload = openEntry(suite, table, y, entry);
  if (payload === undefined) return undefined;
  try {
    return JSON.stringify(decodeRecords(unpadPayload(payload)));
  } catch {
    return undefined;
  }
}

function openingOf(found: MirrorLookup, records: string | undefined): AnswerOpening {
  return {
    tag: toHex(found.leaf.tag),
    next: toHex(found.leaf.next),
    entryHash: toHex(found.leaf.entryHash),
    path: found.path.map(toHex),
    entry: found.hit === undefined ? null : toHex(found.hit),
    records: records ?? null,
  };
}
