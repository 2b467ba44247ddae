/**
 * The two things that nodes are asked for a picture. Both go the same way: t of them multiply the same elements by their
 * shares, and what they send is put together and proved. What comes of it differs.
 */
import { concatBytes, fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { heirOf } from "../../chain/heir-of.ts";
import type { SharedUse } from "../../oprf-pool/aggregate-tasks.ts";
import type { NodeService } from "../../store/tables/queries.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { pieces } from "../query/secrets.ts";
import type { Picture, PictureMaterial, PictureResult, PictureRow } from "./picture-store.ts";

/** What a picture wants of the nodes now. */
export interface Stage {
  readonly service: NodeService;
  readonly use: SharedUse;
  /** Key round under which it was begun; a later one may share the key. */
  readonly round: number;
  /** The same for every node, in this order. */
  readonly elements: Uint8Array;
  /** Elements that are paid for as one. */
  readonly width: number;
}

export function stageOf({ state, evaluationRound, queryRound, material }: Picture): Stage {
  if (state === "evaluating") {
    const elements = fromHex(material.elements);
    return { service: "evaluation", use: "evaluation", round: evaluationRound, elements, width: 1 };
  }
  if (material.decryption === undefined || queryRound === undefined) throw new Fault("INTERNAL");
  const elements = fromHex(material.decryption.elements);
  return { service: "query", use: "decryption", round: queryRound, elements, width: standardSchema.slotCount };
}

/**
 * From evaluations to rows: where each document stands in the newest table here that was made under the same key, and what
 * the nodes are to decrypt. A document without a row is asked for all the same, with elements of nothing.
 * @throws Fault MIRROR_MISSING if there is no such table here yet, AGGREGATE_EDITION_OVER if there will be none
 */
export async function lookUpRows(
  ctx: QueryDependencies,
  picture: Picture,
  subjects: readonly SubjectId[],
  evaluated: Uint8Array,
): Promise<{ readonly edition: number; readonly queryRound: number; readonly material: PictureMaterial }> {
  const newest = await ctx.consortium.newest();
  const edition = newest === undefined ? undefined : await ctx.chain.computation.edition(newest.edition);
  const fits = await isSameKey(ctx, picture.evaluationRound, edition?.evaluationRound ?? 0);
  // Made under newer keys: what was evaluated does not fit, and never will.
  if (edition !== undefined && !fits && edition.evaluationRound > picture.evaluationRound) {
    throw new Fault("AGGREGATE_EDITION_OVER", { edition: edition.number - 1 });
  }
  if (newest === undefined || edition === undefined || !fits) {
    throw new Fault("MIRROR_MISSING", { dataset: "consortium", epoch: newest?.edition ?? 0 });
  }
  const { outputs } = await ctx.pool.run({
    kind: "unblind",
    inputs: subjects.map(subjectInput),
    blinds: fromHex(picture.material.blinds),
    evaluated,
  });
  const rows = await Promise.all(
    pieces(outputs, ristretto255Sha512.outputBytes).map(async (y): Promise<PictureRow> => {
      const { row, leaf, path } = await ctx.consortium.lookup(edition.number, aggregateTag(y, edition.number));
      return {
        y: toHex(y),
        row: row === undefined ? null : toHex(row),
        leaf: { tag: toHex(leaf.tag), next: toHex(leaf.next), entryHash: toHex(leaf.entryHash) },
        path: path.map(toHex),
      };
    }),
  );
  const masked = await ctx.pool.run({
    kind: "mask",
    rows: rows.map(({ row }) => (row === null ? null : fromHex(row))),
  });
  const decryption = { root: newest.root, rows, blinds: toHex(masked.blinds), elements: toHex(masked.elements) };
  return {
    edition: edition.number,
    queryRound: edition.queryRound,
    material: { ...picture.material, decryption },
  };
}

/** Whether one of the rounds shares the evaluation key of the other anew. */
async function isSameKey(
  { chain }: Pick<QueryDependencies, "chain">,
  ...[one, other]: readonly [number, number]
): Promise<boolean> {
  const heir = (round: number): Promise<number> => heirOf(chain.computation, round, "evaluation");
  return (await heir(one)) === (await heir(other));
}

/** From decryptions to sums. @throws Fault INTERNAL if the picture is not that far */
export async function readPicture(
  ctx: Pick<QueryDependencies, "chain" | "pool">,
  { edition, queryRound, material }: Picture,
  combined: Uint8Array,
): Promise<PictureResult> {
  const { computation } = ctx.chain;
  const facts = edition === undefined ? undefined : await computation.edition(edition);
  const [queryKeys, layerKeys] = await Promise.all([
    computation.keySet(queryRound ?? 0, "query"),
    computation.keySet(facts?.layerRound ?? 0, "layer"),
  ]);
  const { decryption } = material;
  if (facts === undefined || queryKeys === undefined || layerKeys === undefined || decryption === undefined) {
    throw new Fault("INTERNAL");
  }
  const { slotCount } = standardSchema;
  const blinds = pieces(fromHex(decryption.blinds), slotCount * ristretto255Sha512.scalarBytes);
  const shares = pieces(combined, slotCount * ristretto255Sha512.elementBytes);
  const present = decryption.rows.flatMap(({ y, row }, position) => {
    const [blind, share] = [blinds[position], shares[position]];
    if (row === null || blind === undefined || share === undefined) return [];
    return [{ position, task: { row: fromHex(row), y: fromHex(y), blinds: blind, combined: share } }];
  });
  const { sums } =
    present.length === 0
      ? { sums: [] }
      : await ctx.pool.run({
          kind: "sums",
          edition: facts.number,
          queryKey: queryKeys.publicKey,
          contributionKey: contributionKey(queryKeys.publicKey, layerKeys.publicKey),
          rows: present.map(({ task }) => task),
        });
  const read = new Map(present.map(({ position }, index) => [position, sums[index]]));
  return decryption.rows.map((_, position): PictureResult[number] => {
    const found = read.get(position);
    if (found === undefined) return { outcome: "not_found" };
    if ("unreadable" in found) return { outcome: "unreadable", code: found.unreadable };
    return { outcome: "found", sums: { ...found, counts: { ...found.counts } } };
  });
}

/** A node's answer in the form that is put together: elements, then proof. */
export function partialOf({ evaluated, proof }: { evaluated: readonly Uint8Array[]; proof: Uint8Array }): Uint8Array {
  return concatBytes(...evaluated, proof);
}
