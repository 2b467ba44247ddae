/**
 * From waiting to prepared: blinds the subjects, takes a lane for each dataset and stores the signed request, all before
 * anything is sent. One blinding serves all datasets that are prepared together; another attempt blinds anew.
 */
import type { Transaction } from "kysely";

import { concatBytes, fromHex, toHex, type Hex } from "../../../protocol/encoding/bytes.ts";
import {
  consentCommitment,
  consentRoot,
  consentSalt,
  type ConsentOpening,
} from "../../../protocol/oblivious-lookup/consent.ts";
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import { composeRequest, encodeRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { LedgerDomain } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { Database } from "../../store/schema.ts";
import type { MirroredTables } from "./mirrored-tables.ts";
import { sealSecrets } from "./secrets.ts";
import type { SessionBook } from "./sessions.ts";

export interface PrepareDependencies extends Pick<
  RelayerContext,
  "chain" | "db" | "operator" | "random" | "cipher"
> {
  readonly pool: OprfPool;
  readonly tables: MirroredTables;
  readonly sessions: SessionBook;
}

/** A subject of the query with the authorisation it is asked under. */
export interface AuthorisedSubject {
  readonly subject: SubjectId;
  readonly documentDigest: Uint8Array;
  readonly consentSecret: Uint8Array;
}

export interface WaitingExchange {
  readonly id: string;
  readonly dataset: Hex;
}

/** Why an exchange goes on waiting. */
export type WaitReason = "MIRROR_MISSING" | "SESSION_OPENING" | "LANES_BUSY";

/** Prepares what can be prepared; returns what cannot, with the reason. @throws Fault if no session can be opened */
export async function prepareExchanges(
  ctx: PrepareDependencies,
  purpose: Purpose,
  subjects: readonly AuthorisedSubject[],
  waiting: readonly WaitingExchange[],
): Promise<ReadonlyMap<string, WaitReason>> {
  const reasons = new Map<string, WaitReason>();
  const ready: (WaitingExchange & { epoch: number })[] = [];
  for (const exchange of waiting) {
    const epoch = await ctx.tables.newestEpoch(exchange.dataset);
    if (epoch === undefined) reasons.set(exchange.id, "MIRROR_MISSING");
    else ready.push({ ...exchange, epoch });
  }
  if (ready.length === 0) return reasons;
  const inputs = subjects.map(({ subject }) => subjectInput(subject));
  const blinded = await ctx.pool.run({ kind: "blind", inputs });
  const elements = ristretto255Sha512.decodeElements(blinded.elements);
  const domain: LedgerDomain = {
    chainId: ctx.chain.deployment.chainId,
    ledger: ctx.chain.deployment.addresses.queryLedger.toLowerCase() as Hex,
  };
  const opened = await ctx.db.transaction().execute(async (trx) => {
    const session = await ctx.sessions.find(
      trx,
      ready.map(({ dataset }) => dataset),
      elements.length,
    );
    if (session === undefined) return false;
    for (const exchange of ready) {
      const prepared = await takeLane(trx, session, exchange, elements.length);
      if (prepared === undefined) reasons.set(exchange.id, "LANES_BUSY");
      else await store(trx, session, exchange, prepared);
    }
    return true;
  });
  if (!opened) {
    for (const { id } of ready) reasons.set(id, "SESSION_OPENING");
    await ctx.sessions.open(elements.length);
  }
  return reasons;

  async function store(
    trx: Transaction<Database>,
    session: Hex,
    exchange: WaitingExchange & { epoch: number },
    lane: TakenLane,
  ): Promise<void> {
    const salt = ctx.random(32);
    const dataset = fromHex(exchange.dataset, 32);
    const openings = subjects.map(({ subject, documentDigest, consentSecret }, index): ConsentOpening => ({
      salt: consentSalt(consentSecret, salt, dataset, index),
      documentDigest,
      purpose,
      subject,
    }));
    const commitments = openings.map(consentCommitment);
    const request = composeRequest(
      {
        session: fromHex(session, 32),
        dataset,
        epoch: exchange.epoch,
        lane: lane.lane,
        salt,
        purpose,
        consent: consentRoot(commitments),
        elements,
      },
      { count: lane.count, transcript: fromHex(lane.transcript, 32) },
      domain,
      ctx.operator.sign,
    );
    await trx
      .updateTable("query_lanes")
      .set({ count: request.count, transcript: toHex(request.transcript), exchange: exchange.id })
      .where("session", "=", session)
      .where("dataset", "=", exchange.dataset)
      .where("lane", "=", lane.lane)
      .execute();
    await trx
      .updateTable("query_exchanges")
      .set({
        state: "prepared",
        reason: null,
        session,
        lane: lane.lane,
        epoch: exchange.epoch,
        previous_transcript: lane.transcript,
        request: JSON.stringify(encodeRequest(request)),
        secrets: sealSecrets(ctx.cipher, exchange.id, {
          blinds: toHex(concatBytes(blinded.blinds)),
          consents: openings.map((opening, i) => ({
            salt: toHex(opening.salt),
            documentDigest: toHex(opening.documentDigest),
            commitment: toHex(commitments[i] as Uint8Array),
          })),
        }),
      })
      .where("id", "=", exchange.id)
      .where("state", "=", "waiting")
      .execute();
  }
}

interface TakenLane {
  readonly lane: number;
  readonly count: number;
  readonly transcript: Hex;
}

/** A lane with nothing in flight, and its share of the allotment; undefined while there is none. */
async function takeLane(
  trx: Transaction<Database>,
  session: Hex,
  exchange: WaitingExchange,
  elements: number,
): Promise<TakenLane | undefined> {
  const free = await trx
    .selectFrom("query_lanes")
    .select(["lane", "count", "transcript"])
    .where("session", "=", session)
    .where("dataset", "=", exchange.dataset)
    .where("exchange", "is", null)
    .where("abandoned", "=", false)
    .orderBy("lane")
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (free === undefined) return undefined;
  const granted = await trx
    .updateTable("query_allotments")
    .set((eb) => ({ used: eb("used", "+", elements) }))
    .where("session", "=", session)
    .where("dataset", "=", exchange.dataset)
    .where((eb) => eb(eb("used", "+", elements), "<=", eb.ref("granted")))
    .returning("used")
    .executeTakeFirst();
  return granted === undefined ? undefined : { ...free, transcript: free.transcript as Hex };
}
