/**
 * The aggregator's part, while this member is it: opens editions when the calendar says so, closes them, brings the
 * contributions together, leaves out those that did not come or do not hold, commits to their sum, and names the nodes
 * that take the layer off. It sees ciphertexts, and which pseudonyms overlap.
 */
import { existsSync } from "node:fs";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { isHalfOver, newestEdition, stepTerms, type EditionContext } from "./edition-context.ts";
import { callTables, reasonBytes, type CallState } from "./edition-calls.ts";
import { createEditionEnder } from "./edition-ender.ts";
import { readSetHistory } from "./edition-events.ts";
import { mergedFile } from "./edition-files.ts";
import type { EditionSeeds } from "./edition-seeds.ts";
import type { EditionStore } from "./edition-store.ts";
import { discardDamaged, gather } from "./gather.ts";
import { chooseSet, nodesByFreshness } from "./node-order.ts";

export interface Aggregator {
  /** Brings the newest edition as far as it can be brought now; another member's is ended if that member is late. */
  advance(): Promise<void>;
}

export interface AggregatorDependencies {
  readonly ctx: EditionContext;
  readonly store: EditionStore;
  readonly seeds: EditionSeeds;
}

export function createAggregator({ ctx, store, seeds }: AggregatorDependencies): Aggregator {
  const tables = ctx.chain.contracts.consortiumTables;
  const ender = createEditionEnder(ctx);

  async function advance(): Promise<void> {
    const me = (await ctx.chain.me()).id;
    const edition = await newestEdition(ctx);
    if (!edition || edition.status === "Published" || edition.status === "Abandoned") {
      await openNext(me, edition?.number ?? 0);
      return;
    }
    if (edition.aggregator !== me) {
      await ender.endIfLate(edition);
      return;
    }
    if (edition.status === "Collecting") await close(edition);
    else if (edition.status === "Merging") await merge(edition);
    else await choose(edition);
  }

  async function openNext(me: number, last: number): Promise<void> {
    const { aggregator, period } = await tables.terms();
    if (Number(aggregator) !== me || period === 0n) return;
    logRefusal(await callTables(ctx, `open:${String(last + 1)}`, tables.interface.encodeFunctionData("open")), "open");
  }

  async function close({ number }: EditionInfo): Promise<void> {
    const data = tables.interface.encodeFunctionData("close", [number]);
    logRefusal(await callTables(ctx, `close:${String(number)}`, data), "close");
  }

  async function merge(edition: EditionInfo): Promise<void> {
    const { number } = edition;
    const { contributions, rejected, unreachable } = await gather(ctx, edition);
    // What does not hold may have been changed on its way: it is asked for again too.
    const missing = [...rejected, ...unreachable];
    const excluded = missing.length > 0 && (await isHalfOver(ctx, edition)) ? missing : [];
    if (excluded.length > 0) {
      for (const { contributor, fault } of excluded) {
        ctx.log.warn({ edition: number, contributor, code: fault.code }, "a contribution is excluded");
      }
      const members = excluded.map(({ contributor }) => contributor);
      const reasons = excluded.map(({ fault }) => reasonBytes(fault.code));
      const data = tables.interface.encodeFunctionData("exclude", [number, members, reasons]);
      const state = await callTables(ctx, `${exclusionKey(number)}${members.join("-")}`, data);
      logRefusal(state, "exclude");
      // However late it is: without them it goes on.
      if (typeof state !== "string") await abandonIfLate(edition);
    }
    // What was excluded just now still counts on chain: the merge is of what the chain says.
    if (missing.length > 0 || !(await isCounted(number, contributions.length))) return;
    const path = mergedFile(ctx.config.dataDir, number);
    let made = await store.merge(number);
    if (!made || !existsSync(path)) {
      const table = await ctx.steps
        .run({
          ...{ kind: "merge" as const, terms: await stepTerms(ctx, edition), contributions },
          ...{ seed: await seeds.obtain(number, "merge"), path },
        })
        .catch((error: unknown) => {
          if (isFault(error)) discardDamaged(ctx, number, error);
          throw error;
        });
      await store.keepMerge(number, { root: toHex(table.root), rows: table.rows, proof: toHex(table.proof) });
      made = await store.merge(number);
      ctx.log.info({ edition: number, contributors: contributions.length, rows: table.rows }, "contributions merged");
    }
    if (!made) return;
    const data = tables.interface.encodeFunctionData("merge", [number, made.root, made.rows, made.proof]);
    logRefusal(await callTables(ctx, `merge:${String(number)}`, data), "merge");
  }

  /**
   * Whether the chain counts so many contributions and nothing that was said to it will change that. A contributor whose table
   * comes while its exclusion is on its way would be in the merge and not in what nodes check it against.
   */
  async function isCounted(edition: number, contributions: number): Promise<boolean> {
    const excluding = await ctx.db
      .selectFrom("chain_intents")
      .select("key")
      .where("state", "=", "queued")
      .where("key", "like", `edition:${exclusionKey(edition)}%`)
      .executeTakeFirst();
    return excluding === undefined && Number((await tables.getEdition(edition)).contributors) === contributions;
  }

  async function choose(edition: EditionInfo): Promise<void> {
    const { number, attempt } = edition;
    const round = await ctx.chain.computation.round(edition.layerRound);
    if (!round) return;
    const history =
      attempt === 0
        ? { silent: new Set<number>(), quarrels: new Map<number, number>() }
        : await readSetHistory(ctx, number);
    const order = nodesByFreshness(await ctx.chain.computation.nodes(), round.nodes, number + attempt);
    const set = chooseSet(order, round.threshold, history);
    if (set) {
      const data = tables.interface.encodeFunctionData("chooseStripSet", [number, set]);
      const state = await callTables(ctx, `set:${String(number)}:${String(attempt + 1)}`, data);
      if (state === "waiting") ctx.log.info({ edition: number, attempt: attempt + 1, set }, "nodes named to strip");
    } else {
      ctx.log.warn({ edition: number, needed: round.threshold }, "too few nodes are left to strip this edition");
    }
    await abandonIfLate(edition);
  }

  async function abandonIfLate({ number }: EditionInfo): Promise<void> {
    const data = tables.interface.encodeFunctionData("abandon", [number]);
    if ((await callTables(ctx, `abandon:${String(number)}`, data)) === "waiting") {
      ctx.log.warn({ edition: number }, "the edition is abandoned: its time is over");
    }
  }

  /** Most refusals only say that it is not time yet. */
  function logRefusal(state: CallState, step: string): void {
    if (typeof state !== "string") ctx.log.debug({ step, ...state.refused.values }, "not taken by the chain now");
  }

  return { advance };
}

/** How the keys of exclusions begin. */
function exclusionKey(edition: number): string {
  return `exclude:${String(edition)}:`;
}
