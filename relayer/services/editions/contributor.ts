/**
 * This member's contribution to the edition that collects: freeze the rows of what is committed, have them evaluated,
 * encrypt them, commit to the result. Each step finds what the one before left, so it goes on after a crash; the last one
 * is a call of the chain that takes effect once.
 */
import { existsSync } from "node:fs";

import { toHex } from "../../../protocol/encoding/bytes.ts";
import { isFault } from "../../../protocol/errors/fault.ts";
import type { EditionInfo } from "../../chain/computation-view.ts";
import { basisArguments, basisText, standingBasis, summariesOf } from "./basis.ts";
import { stepTerms, type EditionContext } from "./edition-context.ts";
import { callTables } from "./edition-calls.ts";
import { contributionFile, ownDirectory } from "./edition-files.ts";
import type { EditionSeeds } from "./edition-seeds.ts";
import type { EditionStore, OwnContribution } from "./edition-store.ts";
import type { EvaluateRows } from "./evaluate-rows.ts";
import { createOwnRows, makeRows, ownRowsContext, wantedBatches, type OwnRows } from "./own-rows.ts";

export interface Contributor {
  /** Brings the contribution as far as it can be brought now. @throws Fault NODES_TOO_FEW and others; then it is tried again */
  contribute(edition: EditionInfo): Promise<void>;
}

export interface ContributorDependencies {
  readonly ctx: EditionContext;
  readonly store: EditionStore;
  readonly seeds: EditionSeeds;
  readonly evaluate: EvaluateRows;
}

export function createContributor({ ctx, store, seeds, evaluate }: ContributorDependencies): Contributor {
  const { dataDir } = ctx.config;

  function rowsOf(edition: number, generation: number): OwnRows {
    const directory = ownDirectory(dataDir, edition, generation);
    return createOwnRows(directory, ctx.cipher, ownRowsContext(edition, generation));
  }

  /** Rows for the commitments of now. Evaluations of an earlier basis are used again. */
  async function freeze(edition: EditionInfo, basis: string, before: OwnContribution | undefined) {
    const generation = (before?.generation ?? 0) + 1;
    const standing = await standingBasis(ctx, (await ctx.chain.me()).id);
    if (basisText(standing) !== basis) return undefined;
    const earlier = before && rowsOf(edition.number, before.generation);
    const made = makeRows(await summariesOf(ctx, standing), edition.leastRows, earlier?.known() ?? [], ctx.random);
    const { rows, wanted } = rowsOf(edition.number, generation).write(made);
    const row = await store.begin({ edition: edition.number, generation, basis, rows, wanted });
    earlier?.remove();
    ctx.log.info({ edition: edition.number, rows, generation }, "contribution: rows are frozen");
    return row;
  }

  async function evaluateAll(edition: EditionInfo, { generation }: OwnContribution): Promise<void> {
    const own = rowsOf(edition.number, generation);
    let [number, evaluated] = [0, 0];
    for (const rows of wantedBatches(own.read())) {
      if (!own.evaluated(number)) {
        const inputs = rows.map(({ input }) => input);
        const blinded = own.begun(number) ?? (await ctx.pool.run({ kind: "blind", inputs }));
        own.begin(number, blinded);
        const combined = await evaluate(edition, blinded.elements).catch(async (error: unknown) => {
          if (isFault(error, "NODES_TOO_FEW")) await store.waits(edition.number, error);
          throw error;
        });
        const { outputs } = await ctx.pool.run({
          ...{ kind: "unblind" as const, inputs },
          ...{ blinds: blinded.blinds, evaluated: combined },
        });
        own.keep(number, outputs);
      }
      evaluated += rows.length;
      number += 1;
      await store.advance(edition.number, { evaluated, missing: 0, fault_code: null });
    }
    await store.advance(edition.number, { state: "encrypting" });
  }

  async function encrypt(edition: EditionInfo, { generation, rows }: OwnContribution): Promise<void> {
    const path = contributionFile(dataDir, edition.number, (await ctx.chain.me()).id);
    const made = await ctx.steps.run({
      kind: "encrypt",
      terms: await stepTerms(ctx, edition),
      contributor: (await ctx.chain.me()).id,
      own: {
        ...{ directory: ownDirectory(dataDir, edition.number, generation), rows },
        ...{ context: ownRowsContext(edition.number, generation), keys: await ctx.keys.columnKeys() },
      },
      seed: await seeds.obtain(edition.number, "contribution"),
      path,
    });
    await store.advance(edition.number, { state: "made", root: toHex(made.root), proof: toHex(made.proof) });
    ctx.log.info({ edition: edition.number, rows: made.rows }, "contribution: encrypted");
  }

  async function post(edition: EditionInfo, own: OwnContribution): Promise<void> {
    const { consortiumTables } = ctx.chain.contracts;
    const data = consortiumTables.interface.encodeFunctionData("contribute", [
      ...([edition.number, own.root ?? "", own.rows, own.proof ?? ""] as const),
      ...basisArguments(own.basis),
    ]);
    const state = await callTables(ctx, postKey(edition, own), data);
    if (typeof state !== "string") {
      ctx.log.warn(
        { edition: edition.number, code: state.refused.code, ...state.refused.values },
        "contribution refused",
      );
    }
  }

  async function contribute(edition: EditionInfo): Promise<void> {
    const me = (await ctx.chain.me()).id;
    let own = await store.own(edition.number);
    const onChain = await ctx.chain.computation.contribution(edition.number, me);
    if (onChain) {
      if (own && own.state !== "posted") await store.advance(edition.number, { state: "posted" });
      return;
    }
    if (edition.status !== "Collecting") return;
    if (own?.state === "made" && (await ctx.outbox.state(`edition:${postKey(edition, own)}`)) === "queued") return;
    const basis = await standingBasis(ctx, me);
    if (basis.length === 0) return;
    if (!own || own.basis !== basisText(basis) || !rowsOf(edition.number, own.generation).exists()) {
      own = await freeze(edition, basisText(basis), own);
    }
    if (!own) return;
    if (own.state === "evaluating") await evaluateAll(edition, own);
    if (own.state !== "made" || !existsSync(contributionFile(dataDir, edition.number, me))) await encrypt(edition, own);
    own = await store.own(edition.number);
    if (own?.state === "made") await post(edition, own);
  }

  return { contribute };
}

/** One for each making: a contribution on other commitments is another call. */
function postKey({ number }: EditionInfo, { generation, root }: OwnContribution): string {
  return `contribute:${String(number)}:${String(generation)}:${(root ?? "").slice(2, 18)}`;
}
