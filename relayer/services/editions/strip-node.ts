/**
 * A node's part in taking the contribution layer off and placing the rows, while it is of the set: check the merge against
 * every contribution, commit to its shares, get the others', compute the table, name its root. It works on the one merged
 * table that the chain names for an edition, written down before shares leave. What keeps it from its part it says on chain,
 * with a code.
 */
import { copyFileSync, existsSync, rmSync } from "node:fs";

import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import type { StripKeys, StripSecrets } from "../../../protocol/aggregate/strip.ts";
import { stripSharesBytes, stripSharesPrefix } from "../../../protocol/aggregate/strip-bytes.ts";
import { mergedTableBytes } from "../../../protocol/aggregate/table-bytes.ts";
import { fromHex, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import type { FaultCode } from "../../../protocol/errors/catalogue.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { sha256OfFile } from "../../store/file-digest.ts";
import { isHalfOver, stepTerms, type EditionContext } from "./edition-context.ts";
import { callTables, reasonBytes } from "./edition-calls.ts";
import { mergedFile, sharesFile, strippedFiles } from "./edition-files.ts";
import type { EditionStore } from "./edition-store.ts";
import { keepEvidence, reportNode } from "./evidence.ts";
import { discardDamaged, gather } from "./gather.ts";
import { hurried, pull } from "./pull.ts";

const { slotCount } = standardSchema;

export interface StripNode {
  /** Brings this node's part as far as it can be brought now. */
  strip(edition: EditionInfo): Promise<void>;
}

/** Of the layer key and of the locator key, which are of one round. */
interface Held {
  readonly keys: StripKeys;
  readonly secrets: StripSecrets;
}

interface Work {
  readonly edition: EditionInfo;
  readonly me: number;
  readonly held: Held;
  /** The set, by index in the layer key's round. */
  readonly set: readonly number[];
  indexOf(node: number): number;
}

export function createStripNode(ctx: EditionContext, store: EditionStore): StripNode {
  const tables = ctx.chain.contracts.consortiumTables;
  const { dataDir } = ctx.config;

  async function strip(edition: EditionInfo): Promise<void> {
    const me = (await ctx.chain.me()).id;
    if (edition.status !== "Stripping" || !edition.stripSet.includes(me)) return;
    const layer = await ctx.keyShares.find(edition.layerRound, "layer");
    const locator = await ctx.keyShares.find(edition.layerRound, "locator");
    const round = await ctx.chain.computation.round(edition.layerRound);
    if (!layer || !locator || !round) throw new Fault("EDITION_KEY_MISSING", { edition: edition.number });
    const held = {
      keys: { layer: layer.keys, locator: locator.keys },
      secrets: { layer: layer.share, locator: locator.share },
    };
    const indexOf = (node: number): number => round.nodes.indexOf(node) + 1;
    const work: Work = { edition, me, held, indexOf, set: edition.stripSet.map(indexOf) };
    if (!(await giveShares(work))) return;
    if (!(await getShares(work))) return;
    await confirm(work);
  }

  /** @returns whether this node's shares are on chain. */
  async function giveShares(work: Work): Promise<boolean> {
    const { edition, me } = work;
    const { number, attempt } = edition;
    if (await ctx.chain.computation.stripShares(number, attempt, me)) return true;
    const file = sharesFile(dataDir, number, attempt, me);
    if (!existsSync(file) && !(await makeShares(work, file))) return false;
    const digest = await digestOfShares(number, attempt, me);
    const data = tables.interface.encodeFunctionData("postShares", [number, attempt, digest]);
    await send(`shares:${String(number)}:${String(attempt)}`, data);
    return false;
  }

  async function makeShares(work: Work, path: string): Promise<boolean> {
    const { edition, held, set } = work;
    const { number } = edition;
    const { contributions, rejected, unreachable } = await gather(ctx, edition);
    // The aggregator had all that it merged, keeps them, and looked whether they hold.
    const missing = rejected[0] ?? unreachable[0];
    if (missing) {
      const what = `contribution of ${String(missing.contributor)}`;
      return await refuseIfLate(work, edition.aggregator, missing.fault, what);
    }
    try {
      await pullMerged(edition);
    } catch (error) {
      if (!isFault(error)) throw error;
      return await refuseIfLate(work, edition.aggregator, error, "merged table");
    }
    if ((await store.nameStripped(number, edition.mergedRoot)) !== edition.mergedRoot) {
      throw new Fault("STRIP_OTHER_MERGE", { edition: number });
    }
    try {
      await ctx.steps.run({
        ...{ kind: "share" as const, terms: await stepTerms(ctx, edition), contributions },
        ...{ merged: mergedFile(dataDir, number), mergedRoot: fromHex(edition.mergedRoot, 32) },
        ...{ mergeProofDigest: fromHex(edition.mergeProofDigest, 32), ...held, set, path },
      });
      ctx.log.info({ edition: number, attempt: edition.attempt }, "merge verified, strip shares made");
      return true;
    } catch (error) {
      if (!isFault(error)) throw error;
      discardDamaged(ctx, number, error);
      if (!MERGE_FAULTS.includes(error.code)) throw error;
      // What came may have been changed on its way; what the chain has of the aggregator cannot.
      if (NOT_AS_COMMITTED.includes(error.code)) {
        rmSync(mergedFile(dataDir, number), { force: true });
        return await refuseIfLate(work, edition.aggregator, error, "merged table");
      }
      return await refuseAggregator(work, error, "merged table");
    }
  }

  async function pullMerged({ number, aggregator, mergedRoot, mergedRows }: EditionInfo): Promise<void> {
    const file = mergedFile(dataDir, number);
    if (existsSync(file)) return;
    const path = `/peer/v1/aggregate/editions/${String(number)}/merged` as const;
    const bytes = mergedTableBytes(mergedRows, slotCount);
    // What it is worth is said by the step that has the contributions too.
    await pull(await hurried(ctx, 1), { from: aggregator, path, file, bytes, name: mergedRoot }, () =>
      Promise.resolve(),
    );
  }

  /** @returns whether all shares of the set are here. */
  async function getShares(work: Work): Promise<boolean> {
    const { edition, me } = work;
    const { number, attempt } = edition;
    let complete = true;
    const others = edition.stripSet.filter((each) => each !== me);
    const inTime = await hurried(ctx, others.length);
    for (const node of others) {
      const file = sharesFile(dataDir, number, attempt, node);
      if (existsSync(file)) continue;
      const digest = await ctx.chain.computation.stripShares(number, attempt, node);
      if (!digest) {
        complete = false;
        if (!(await hasPosted(work, node))) {
          await refuseIfLate(work, node, new Fault("STRIP_SHARES_LATE", { node }), "strip shares");
        }
        continue;
      }
      const path = `/peer/v1/aggregate/editions/${String(number)}/shares/${String(attempt)}` as const;
      const bytes = stripSharesBytes(edition.mergedRows, slotCount);
      try {
        await pull(inTime, { from: node, path, file, bytes, name: digest }, async (partial) => {
          if ((await digestOfShares(number, attempt, node, partial)) === digest) return;
          throw new Fault("STRIP_SHARES_NOT_COMMITTED", { node });
        });
      } catch (error) {
        if (!isFault(error)) throw error;
        complete = false;
        // What is not what it committed to may have been changed on its way.
        await refuseIfLate(work, node, error, `strip shares: ${error.code}`);
      }
    }
    return complete;
  }

  /** Asked of the chain itself: what is cached may be from just before it did. */
  async function hasPosted({ edition: { number, attempt } }: Work, node: number): Promise<boolean> {
    return BigInt(await tables.stripSharesOf(number, attempt, node)) !== 0n;
  }

  async function confirm(work: Work): Promise<void> {
    const { edition, me, held, set, indexOf } = work;
    const { number, attempt } = edition;
    const key = `confirm:${String(number)}:${String(attempt)}`;
    const said = await ctx.outbox.state(`edition:${key}`);
    // Milliseconds a row: not again at every look, while others of the set take their time.
    if (said === "queued" || said === "mined") return;
    const merged = mergedFile(dataDir, number);
    await pullMerged(edition);
    const result = await ctx.steps
      .run({
        ...{ kind: "strip" as const, terms: await stepTerms(ctx, edition), keys: held.keys, set },
        ...{ merged, mergedRoot: fromHex(edition.mergedRoot, 32), files: strippedFiles(dataDir, number, attempt) },
        trusted: (await isOwnIntact(work)) ? [indexOf(me)] : [],
        shares: edition.stripSet.map((node) => ({
          index: indexOf(node),
          path: sharesFile(dataDir, number, attempt, node),
        })),
      })
      .catch((error: unknown) => {
        // Damaged since this node's shares were made of it: nobody is accused over it, and it is brought again.
        if (isFault(error, "MERGE_COMMITMENT_WRONG")) rmSync(merged, { force: true });
        throw error;
      });
    if ("liars" in result) {
      for (const { node: index, reason } of result.liars) {
        const node = edition.stripSet.find((each) => indexOf(each) === index) ?? 0;
        const file = sharesFile(dataDir, number, attempt, node);
        const kept = `${file}.evidence`;
        copyFileSync(file, kept);
        const of = toHex(await sha256OfFile(kept));
        await refuse(work, node, reason, `strip shares of attempt ${String(attempt)}, SHA-256 ${of}`);
      }
      return;
    }
    const data = tables.interface.encodeFunctionData("confirmTable", [number, attempt, toHex(result.root)]);
    await send(key, data);
  }

  /** Whether this node's shares are still what it made and committed to. */
  async function isOwnIntact({ edition: { number, attempt }, me }: Work): Promise<boolean> {
    const digest = await ctx.chain.computation.stripShares(number, attempt, me);
    return digest === (await digestOfShares(number, attempt, me));
  }

  async function digestOfShares(edition: number, attempt: number, node: number, file?: string): Promise<Hex> {
    const path = file ?? sharesFile(dataDir, edition, attempt, node);
    return toHex(await sha256OfFile(path, stripSharesPrefix({ edition, attempt, node })));
  }

  async function refuseIfLate(work: Work, accused: number, { code }: Fault, what: string): Promise<false> {
    const { number, attempt } = work.edition;
    const now = await ctx.chain.computation.edition(number);
    // Files have come meanwhile: of an attempt that has ended since, nobody was late.
    if (now?.status !== "Stripping" || now.attempt !== attempt) return false;
    if (await isHalfOver(ctx, now)) await refuse(work, accused, code, what);
    return false;
  }

  async function refuseAggregator(work: Work, { code }: Fault, what: string): Promise<false> {
    await refuse(work, work.edition.aggregator, code, `${what}: ${code}, merged root ${work.edition.mergedRoot}`);
    return false;
  }

  /** Says on chain who keeps this node from its part; of a node also for good, on its record. */
  async function refuse({ edition }: Work, accused: number, reason: FaultCode, what: string): Promise<void> {
    const { number, attempt } = edition;
    ctx.log.warn({ edition: number, attempt, accused, code: reason }, "this node refuses");
    const accusation = { edition: number, accused, reason, content: utf8(what) };
    const digest = await keepEvidence(ctx, accusation);
    const data = tables.interface.encodeFunctionData("refuse", [number, attempt, accused, reasonBytes(reason), digest]);
    await send(`refuse:${String(number)}:${String(attempt)}:${String(accused)}`, data);
    if (edition.stripSet.includes(accused)) await reportNode(ctx, accusation);
  }

  async function send(key: string, data: string): Promise<void> {
    const state = await callTables(ctx, key, data);
    if (typeof state === "string") return;
    ctx.log.warn({ call: key, code: state.refused.code, ...state.refused.values }, "the chain refused");
  }

  return { strip };
}

const NOT_AS_COMMITTED: readonly FaultCode[] = ["MERGE_COMMITMENT_WRONG", "AGGREGATE_TABLE_MALFORMED"];

/** What only the aggregator can have caused, if what came is what it committed to. */
const MERGE_FAULTS: readonly FaultCode[] = [
  "MERGE_COMMITMENT_WRONG",
  "MERGE_PROOF_INVALID",
  "AGGREGATE_ROW_DROPPED",
  "AGGREGATE_ROW_MALFORMED",
  "AGGREGATE_ROW_COUNT",
  "AGGREGATE_EPOCH_WRONG",
  "AGGREGATE_TABLE_MALFORMED",
  "AGGREGATE_CONTRIBUTORS_TOO_FEW",
  "AGGREGATE_CONTRIBUTORS_TOO_MANY",
  "TABLE_MISORDERED",
  "TABLE_TAG_DUPLICATE",
];
