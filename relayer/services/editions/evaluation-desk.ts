/**
 * The node's side of contributions: evaluates the blinded rows of members that hold data, while their edition collects,
 * under this node's share of its evaluation key. How many follows from what the member has committed to on chain: whoever
 * evaluates subjects can look in the next consortium table whether they have rows.
 */
import { toBase64Url } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { classFrom } from "../../../protocol/sealed-table/count-class.ts";
import { heirOf } from "../../chain/heir-of.ts";
import { createRateLimiter } from "../../http/rate-limit.ts";
import { standingBasis, type Basis } from "./basis.ts";
import type { EditionContext } from "./edition-context.ts";
import { BATCH_ROWS } from "./own-rows.ts";

/** A batch takes a node half a second. */
const RATE = { perSecond: 4, burst: 16 };
/** Elements that were counted before are free and cost the node as much: a contributor repeats them after a crash, or while nodes are missing. */
const REPEATS = { perSecond: 0.1, burst: 16 };
/** A contributor waits for each answer; two processes of one relayer may both ask. */
const AT_ONCE = 2;
const RETRY_SECONDS = 1;

export interface EvaluationRequest {
  readonly edition: number;
  /** Whose shares the caller counts on: the edition's round, or a later one that shares its key. */
  readonly round: number;
  /** Elements, one after another. */
  readonly elements: Uint8Array;
}

export interface EvaluationAnswer {
  readonly evaluated: Uint8Array;
  readonly proof: Uint8Array;
}

export interface EvaluationDesk {
  /**
   * @throws Fault RATE_LIMITED, EDITION_NOT_COLLECTING, EDITION_CONTRIBUTOR_UNKNOWN, EDITION_EVALUATIONS_SPENT,
   * EDITION_KEY_MISSING, and those of elements
   */
  answer(caller: number, request: EvaluationRequest): Promise<EvaluationAnswer>;
}

/** As in contracts/computation/ConsortiumTables.sol. */
const MOST_ROWS = 7 * 2 ** 19;

/**
 * Rows that a member may have evaluated for one edition: the count class above that of its tables, so that a table which is
 * published while it contributes costs it no contribution. What a member declares of its tables nobody has audited yet: no
 * declaration buys more than a contribution may have rows.
 */
export function mostEvaluations(basis: readonly Pick<Basis[number], "entryCount">[], leastRows: number): number {
  const entries = basis.reduce((sum, { entryCount }) => sum + entryCount, 0);
  return Math.min(MOST_ROWS, classFrom(classFrom(entries, leastRows) + 1, leastRows));
}

export function createEvaluationDesk(
  ctx: Pick<EditionContext, "chain" | "db" | "pool" | "keyShares" | "clock">,
): EvaluationDesk {
  const rate = createRateLimiter(RATE, ctx.clock);
  const repeats = createRateLimiter(REPEATS, ctx.clock);
  const running = new Map<number, number>();

  /** The same elements count once, and are not repeated at will. @throws Fault EDITION_EVALUATIONS_SPENT, RATE_LIMITED */
  async function count(edition: number, member: number, elements: Uint8Array, most: number): Promise<void> {
    const digest = Buffer.from(sha256(elements));
    const size = elements.length / ristretto255Sha512.elementBytes;
    await ctx.db.transaction().execute(async (trx) => {
      const [fresh] = await trx
        .insertInto("edition_requests")
        .values({ edition, member, digest, elements: size })
        .onConflict((conflict) => conflict.doNothing())
        .returning("elements")
        .execute();
      if (!fresh) {
        repeats.admit(String(member));
        return;
      }
      const { used } = await trx
        .insertInto("edition_allowances")
        .values({ edition, member, used: size })
        .onConflict((conflict) =>
          conflict
            .columns(["edition", "member"])
            .doUpdateSet(({ eb, ref }) => ({ used: eb(ref("edition_allowances.used"), "+", size) })),
        )
        .returning("used")
        .executeTakeFirstOrThrow();
      if (used > most) throw new Fault("EDITION_EVALUATIONS_SPENT", { edition, most });
    });
  }

  /** @throws Fault RATE_LIMITED if the member has asked for more and waits for it */
  async function inTurn<T>(member: number, work: () => Promise<T>): Promise<T> {
    const before = running.get(member) ?? 0;
    if (before >= AT_ONCE) throw new Fault("RATE_LIMITED", { seconds: RETRY_SECONDS });
    running.set(member, before + 1);
    try {
      return await work();
    } finally {
      const left = (running.get(member) ?? 1) - 1;
      if (left === 0) running.delete(member);
      else running.set(member, left);
    }
  }

  async function isOfKey(round: number, edition: number): Promise<boolean> {
    const heir = (of: number): Promise<number> => heirOf(ctx.chain.computation, of, "evaluation");
    return (await heir(round)) === (await heir(edition));
  }

  return {
    async answer(caller, { edition: number, round, elements }) {
      rate.admit(String(caller));
      const limit = BATCH_ROWS * ristretto255Sha512.elementBytes;
      if (elements.length > limit) {
        const { elementBytes } = ristretto255Sha512;
        throw new Fault("ELEMENTS_LENGTH", { bytes: elements.length, elementBytes, most: BATCH_ROWS });
      }
      ristretto255Sha512.decodeElements(elements);
      const edition = await ctx.chain.computation.edition(number);
      if (edition?.status !== "Collecting") throw new Fault("EDITION_NOT_COLLECTING", { edition: number });
      const basis = await standingBasis(ctx, caller);
      if (basis.length === 0) throw new Fault("EDITION_CONTRIBUTOR_UNKNOWN", { edition: number });
      const held = (await isOfKey(round, edition.evaluationRound)) && (await ctx.keyShares.find(round, "evaluation"));
      if (!held) throw new Fault("EDITION_KEY_MISSING", { edition: number });
      return await inTurn(caller, async () => {
        await count(number, caller, elements, mostEvaluations(basis, edition.leastRows));
        return await ctx.pool.run({ kind: "partial", use: "evaluation", ...held, elements });
      });
    },
  };
}

/** On the wire: byte strings in base64url. */
export function encodeAnswer({ evaluated, proof }: EvaluationAnswer): string {
  return JSON.stringify({ evaluated: toBase64Url(evaluated), proof: toBase64Url(proof) });
}
