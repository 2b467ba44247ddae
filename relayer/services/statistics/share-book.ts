/** Shares as they came: judged, stored with the verdict, and a wrong one put on chain, in one transaction. */
import { bytesToInteger } from "../../../protocol/paillier/integer.ts";
import { concatBytes, fromBase64Url, toHex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { judgeShare, type JudgedShares, type NodeShare } from "../../../protocol/statistics/published-answer.ts";
import type { AdmittedRelease } from "../../../protocol/statistics/release.ts";
import { shareDigest, signerOf } from "../../../protocol/statistics/signed-share.ts";
import type { StatisticsView } from "../../chain/statistics-view.ts";
import type { RelayerContext } from "../../context.ts";
import { reportNode } from "../nodes/report-node.ts";
import type { KnownCollection } from "./collections.ts";
import type { ShareAnswer } from "./releaser.ts";

export type ShareBookDependencies = Pick<RelayerContext, "chain" | "db" | "outbox" | "random" | "clock" | "log">;

export interface BookedShares extends JudgedShares {
  /** Right, but of a holder whose share was there already: nobody can tell who of the two copied it, so nobody is accused. */
  readonly repeated: readonly NodeShare[];
}

export interface ShareBook {
  /** @throws Fault STATISTIC_SHARE_UNSIGNED: not stored, it is evidence against nobody */
  add(known: KnownCollection, release: AdmittedRelease, given: ShareAnswer & { readonly node: number }): Promise<void>;
  /** Of this very set of contributions. */
  read(known: KnownCollection, release: AdmittedRelease): Promise<BookedShares>;
}

/** Of `encodeShare`: the index comes first. */
const INDEX_BYTES = 2;

export function createShareBook(ctx: ShareBookDependencies, view: Pick<StatisticsView, "memberOf">): ShareBook {
  async function add(
    { statistic, period, threshold }: KnownCollection,
    release: AdmittedRelease,
    given: ShareAnswer & { readonly node: number },
  ): Promise<void> {
    const { node } = given;
    const signed = await signedShare(release, given);
    const code = judgeShare(threshold, release, signed.share);
    const contributions = toHex(release.contributions);
    await ctx.db.transaction().execute(async (trx) => {
      await trx
        .insertInto("statistic_shares")
        .values({
          ...{ statistic, period, contributions, node, fault_code: code ?? null },
          share: Buffer.from(signed.share),
          signature: Buffer.from(signed.signature),
          received_at: ctx.clock(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (code === undefined) return;
      await reportNode(ctx, trx, {
        key: `statistic:${statistic}:${String(period)}:${contributions}:${String(node)}`,
        node,
        reason: code,
        evidence: concatBytes(shareDigest(release, signed.share), signed.signature, signed.share),
      });
    });
    if (code === undefined) return;
    ctx.outbox.poke();
    ctx.log.warn({ node, statistic, period, code }, "a node sent a wrong share: it is reported on chain");
  }

  async function signedShare(
    release: AdmittedRelease,
    given: ShareAnswer & { readonly node: number },
  ): Promise<NodeShare> {
    const { node } = given;
    try {
      const signed = { node, share: fromBase64Url(given.share), signature: fromBase64Url(given.signature) };
      if ((await view.memberOf(signerOf(release, signed))) === node) return signed;
    } catch (cause) {
      throw new Fault("STATISTIC_SHARE_UNSIGNED", { node }, cause);
    }
    throw new Fault("STATISTIC_SHARE_UNSIGNED", { node });
  }

  return {
    add,
    async read({ statistic, period }, release) {
      const rows = await ctx.db
        .selectFrom("statistic_shares")
        .select(["node", "share", "signature", "fault_code"])
        .where("statistic", "=", statistic)
        .where("period", "=", period)
        .where("contributions", "=", toHex(release.contributions))
        .orderBy("received_at")
        .orderBy("node")
        .execute();
      const right = new Map<number, NodeShare>();
      const refused: (NodeShare & { readonly code: FaultCode })[] = [];
      const repeated: NodeShare[] = [];
      for (const { node, fault_code, ...bytes } of rows) {
        const share = { node, share: new Uint8Array(bytes.share), signature: new Uint8Array(bytes.signature) };
        const index = Number(bytesToInteger(share.share.subarray(0, INDEX_BYTES)));
        if (fault_code !== null) refused.push({ ...share, code: fault_code });
        else if (right.has(index)) repeated.push(share);
        else right.set(index, share);
      }
      return { right: [...right.values()], refused, repeated };
    },
  };
}
