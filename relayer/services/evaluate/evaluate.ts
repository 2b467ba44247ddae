/**
 * The holder's side of a lookup. Everything is checked before anything is computed; the answer and the voucher that pays
 * for it are stored in one transaction before the answer leaves; the same request again gets the same bytes.
 */
import { sql, type Transaction } from "kysely";

import { concatBytes, fromHex, toBase64Url, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import {
  admitRequest,
  initialLane,
  VoucherForked,
  type LaneState,
} from "../../../protocol/oblivious-lookup/lane-guard.ts";
import { decodeRequest, verifyVoucher, type EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { composeResponse, encodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import type { LedgerDomain } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512, type Proof } from "../../../protocol/oprf/oprf.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { Database } from "../../store/schema.ts";
import { reportFork } from "./forks.ts";
import { admitSession, type AdmittedSession } from "./session-gate.ts";

/** Bytes of blinded elements that the holder's log keeps, for staff to look at. */
const PREVIEW_BYTES = 48;

export interface EvaluateService {
  /**
   * Answers an evaluate request; returns the JSON text to send.
   * @param body the parsed request body, @param bytesReceived its size on the wire
   * @throws Fault any of the lookup catalogue; then nothing was computed and nothing is charged
   */
  answer(body: unknown, bytesReceived: number): Promise<string>;
}

export interface EvaluateDependencies extends Pick<
  RelayerContext,
  "chain" | "keys" | "db" | "outbox" | "operator" | "random" | "clock" | "log"
> {
  readonly pool: OprfPool;
}

export function createEvaluateService(ctx: EvaluateDependencies): EvaluateService {
  const domain: LedgerDomain = {
    chainId: ctx.chain.deployment.chainId,
    ledger: ctx.chain.deployment.addresses.queryLedger.toLowerCase() as Hex,
  };

  async function answer(body: unknown, bytesReceived: number): Promise<string> {
    const request = decodeRequest(body, ristretto255Sha512);
    const admitted = await admitSession(ctx, request);
    verifyVoucher(request, domain, admitted.session.signer);
    try {
      return await ctx.db.transaction().execute((trx) => answerInLane(trx, request, admitted, bytesReceived));
    } catch (error) {
      if (error instanceof VoucherForked) await reportFork(ctx, request, error);
      throw error;
    }
  }

  async function answerInLane(
    trx: Transaction<Database>,
    request: EvaluateRequest,
    admitted: AdmittedSession,
    bytesReceived: number,
  ): Promise<string> {
    const [session, dataset] = [toHex(request.session), toHex(request.dataset)];
    // All lanes of a session at a dataset share one allotment, so they are counted under one lock.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`lanes:${session}:${dataset}`}, 0))`.execute(trx);
    const lanes = await trx
      .selectFrom("holder_lanes")
      .selectAll()
      .where("session", "=", session)
      .where("dataset", "=", dataset)
      .execute();
    const stored = lanes.find(({ lane }) => lane === request.lane);
    const otherLanes = lanes.reduce((sum, { lane, count }) => (lane === request.lane ? sum : sum + count), 0);
    const state: LaneState = stored
      ? {
          count: stored.count,
          transcript: fromHex(stored.transcript, 32),
          lastRequestDigest: fromHex(stored.request_digest, 32),
          lastVoucher: fromHex(stored.voucher),
        }
      : initialLane(request.session, request.dataset, request.lane);
    const admission = admitRequest(state, { granted: admitted.allotment.granted, otherLanes }, request);
    if (admission.kind === "repeat" && stored) return stored.response;
    const response = await compute(request, admitted);
    await store(trx, request, admitted, { response, bytesReceived, state: admission });
    return response;
  }

  async function compute(request: EvaluateRequest, admitted: AdmittedSession): Promise<string> {
    const { evaluated, proof } = await ctx.pool.run({
      kind: "evaluate",
      secretKey: admitted.key.secretKey,
      publicKey: admitted.key.publicKey,
      elements: concatBytes(...request.elements),
    });
    const evaluation = {
      salt: ctx.random(32),
      evaluated: ristretto255Sha512.decodeElements(evaluated),
      proof: proof as Proof,
    };
    return JSON.stringify(encodeResponse(composeResponse(request, evaluation, domain, ctx.operator.sign)));
  }

  async function store(
    trx: Transaction<Database>,
    request: EvaluateRequest,
    admitted: AdmittedSession,
    answered: { response: string; bytesReceived: number; state: ReturnType<typeof admitRequest> },
  ): Promise<void> {
    if (answered.state.kind !== "fresh" || answered.state.next.lastRequestDigest === undefined) {
      throw new Fault("INTERNAL");
    }
    const key = { session: toHex(request.session), dataset: toHex(request.dataset), lane: request.lane };
    const querier = admitted.session.querier;
    const head = {
      count: request.count,
      transcript: toHex(request.transcript),
      voucher: toHex(request.voucher),
      request_digest: toHex(answered.state.next.lastRequestDigest),
      response: answered.response,
      updated_at: ctx.clock(),
    };
    await trx
      .insertInto("holder_lanes")
      .values({ ...key, querier, ...head })
      .onConflict((conflict) => conflict.columns(["session", "dataset", "lane"]).doUpdateSet(head))
      .execute();
    await trx
      .insertInto("holder_requests")
      .values({
        ...key,
        received_at: head.updated_at,
        count: request.count,
        querier,
        elements: request.elements.length,
        purpose: request.purpose,
        bytes_received: answered.bytesReceived,
        bytes_sent: Buffer.byteLength(answered.response),
        preview: toBase64Url(concatBytes(...request.elements.slice(0, 2)).subarray(0, PREVIEW_BYTES)),
      })
      .execute();
  }

  return { answer };
}
