/**
 * The holder's side of a lookup. Everything is checked before anything is computed; the answer and the voucher that pays
 * for it are stored in one transaction before the answer leaves; the same request again gets the same bytes.
 */
import type { Transaction } from "kysely";

import { concatBytes, toBase64Url, toHex } from "../../../protocol/encoding/bytes.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { admitRequest, checkLane, VoucherForked } from "../../../protocol/oblivious-lookup/lane-guard.ts";
import { parseRequest, verifyVoucher, type EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import { composeResponse, encodeResponse } from "../../../protocol/oblivious-lookup/response.ts";
import { ristretto255Sha512, type Proof } from "../../../protocol/oprf/oprf.ts";
import { ledgerDomain } from "../../chain/deployment.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import { together } from "../../store/postgres-dialect.ts";
import type { Database } from "../../store/schema.ts";
import { reportFork } from "./forks.ts";
import { findRepeated, lockLane } from "./lanes.ts";
import { admitSession, type AdmittedSession, type NodeShares, type PaidWork } from "./session-gate.ts";
import { createTurns } from "./turns.ts";

/** Bytes of blinded elements that the holder's log keeps, for staff to look at. */
const PREVIEW_BYTES = 48;

export interface EvaluateService {
  /**
   * Answers an evaluate request; returns the JSON text to send.
   * @param body the parsed request body, @param bytesReceived its size on the wire, @param caller the member that sent it
   * @throws Fault any of the lookup catalogue; then nothing was computed and nothing is charged
   */
  answer(body: unknown, bytesReceived: number, caller: number): Promise<string>;
}

export interface EvaluateDependencies extends Pick<
  RelayerContext,
  "chain" | "keys" | "db" | "outbox" | "operator" | "random" | "clock" | "log"
> {
  readonly pool: OprfPool;
  readonly nodeShares: NodeShares;
}

export function createEvaluateService(ctx: EvaluateDependencies): EvaluateService {
  const domain = ledgerDomain(ctx.chain.deployment);
  const turns = createTurns();

  async function answer(body: unknown, bytesReceived: number, caller: number): Promise<string> {
    const parsed = parseRequest(body, ristretto255Sha512);
    checkLane(parsed.lane);
    let admitted: AdmittedSession;
    try {
      admitted = await admitSession(ctx, parsed, caller);
    } catch (error) {
      // An answer that was paid for and lost is sent again also when the session is over.
      const repeated = isFault(error) ? await findRepeated(ctx, parsed, caller) : undefined;
      if (repeated === undefined) throw error;
      return repeated;
    }
    verifyVoucher(parsed, domain, admitted.session.signer);
    // 6 microseconds an element, on the thread that everybody waits for: not for who cannot pay.
    const request = parsed.decode();
    try {
      return await turns.take(`${toHex(request.session)}:${toHex(request.dataset)}`, () =>
        ctx.db.transaction().execute((trx) => answerInLane(trx, request, admitted, bytesReceived)),
      );
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
    const lane = await lockLane(trx, ctx, request, admitted.allotment);
    const admission = admitRequest(lane.state, lane.allotment, request, admitted.work.width);
    if (admission.kind === "repeat" && lane.response !== undefined) return lane.response;
    const response = await compute(request, admitted.work);
    await storeAndCommit(trx, request, admitted, { response, bytesReceived, state: admission });
    return response;
  }

  async function compute(request: EvaluateRequest, work: PaidWork): Promise<string> {
    const elements = concatBytes(...request.elements);
    const { evaluated, proof } =
      work.kind === "evaluate"
        ? await ctx.pool.run({ kind: "evaluate", ...work.key, elements })
        : await ctx.pool.run({ ...work, elements });
    const evaluation = {
      salt: ctx.random(32),
      evaluated: ristretto255Sha512.decodeElements(evaluated),
      proof: proof as Proof,
    };
    return JSON.stringify(encodeResponse(composeResponse(request, evaluation, domain, ctx.operator.sign)));
  }

  async function storeAndCommit(
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
    // What the ledger had settled before is not settled, and not counted, a second time.
    const settled = answered.state.next.settled?.count;
    const head = {
      count: request.count,
      transcript: toHex(request.transcript),
      voucher: toHex(request.voucher),
      request_digest: toHex(answered.state.next.lastRequestDigest),
      response: answered.response,
      updated_at: ctx.clock(),
      ...(settled === undefined ? {} : { settled_count: settled, settling_count: settled }),
    };
    const lane = trx
      .insertInto("holder_lanes")
      .values({ ...key, querier, ...head })
      .onConflict((conflict) => conflict.columns(["session", "dataset", "lane"]).doUpdateSet(head))
      .compile();
    const received = trx
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
      .compile();
    await together(trx, [lane, received], { commit: true });
  }

  return { answer };
}
