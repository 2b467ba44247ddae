/**
 * The three things that nodes are asked for a picture. All go the same way: t of them multiply the same elements by their
 * shares, and what they send is put together and proved. What comes of it differs.
 */
import { concatBytes, fromHex, toHex } from "../../../protocol/encoding/bytes.ts";
import { contributionKey } from "../../../protocol/aggregate/elgamal.ts";
import { locatorInput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag } from "../../../protocol/aggregate/mask.ts";
import { standardSchema } from "../../../protocol/aggregate/schema.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import type { Tag } from "../../../protocol/sealed-table/table-id.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { haveSameKey } from "../../chain/heir-of.ts";
import type { SharedUse } from "../../oprf-pool/aggregate-tasks.ts";
import type { NodeService } from "../../../protocol/key-round/round.ts";
import type { ConsortiumRow } from "../editions/consortium-mirror.ts";
import type { QueryDependencies } from "../query/query-context.ts";
import { pieces } from "../query/secrets.ts";
import { roundOf } from "./choose-nodes.ts";
import type { Located, Picture, PictureMaterial, PictureResult, PictureRow } from "./picture-store.ts";

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

/** @throws Fault AGGREGATE_EDITION_OVER if it was looked up before rows had places */
export function stageOf({ state, evaluationRound, edition, locatorRound, queryRound, material }: Picture): Stage {
  if (state === "evaluating") {
    const elements = fromHex(material.elements);
    return { service: "evaluation", use: "evaluation", round: evaluationRound, elements, width: 1 };
  }
  if (state === "locating") {
    if (material.location === undefined || locatorRound === undefined) throw new Fault("INTERNAL");
    const elements = fromHex(material.location.elements);
    return { service: "locator", use: "evaluation", round: locatorRound, elements, width: 1 };
  }
  if (material.decryption === undefined || queryRound === undefined) throw new Fault("INTERNAL");
  if (material.location === undefined) throw new Fault("AGGREGATE_EDITION_OVER", { edition: edition ?? 0 });
  const elements = fromHex(material.decryption.elements);
  return { service: "query", use: "decryption", round: queryRound, elements, width: standardSchema.slotCount };
}

/**
 * From evaluations to what the nodes are asked to locate: each document in the newest table here that was made under the same
 * key. @throws Fault MIRROR_MISSING if there is no such table here yet, AGGREGATE_EDITION_OVER if there will be none
 */
export async function locate(
  ctx: QueryDependencies,
  picture: Picture,
  subjects: readonly SubjectId[],
  evaluated: Uint8Array,
): Promise<Located> {
  const newest = await ctx.consortium.newest();
  const edition = newest === undefined ? undefined : await ctx.chain.computation.edition(newest.edition);
  const rounds = [picture.evaluationRound, edition?.evaluationRound ?? 0] as const;
  const fits = await haveSameKey(ctx.chain.computation, rounds, "evaluation");
  // Made under newer keys: what was evaluated does not fit, and never will.
  if (edition !== undefined && fits === false && edition.evaluationRound > picture.evaluationRound) {
    throw new Fault("AGGREGATE_EDITION_OVER", { edition: edition.number - 1 });
  }
  if (newest === undefined || edition === undefined || fits !== true) {
    throw new Fault("MIRROR_MISSING", { dataset: "consortium", epoch: newest?.edition ?? 0 });
  }
  const { outputs } = await ctx.pool.run({
    kind: "unblind",
    inputs: subjects.map(subjectInput),
    blinds: fromHex(picture.material.blinds),
    evaluated,
  });
  const asked = await ctx.pool.run({ kind: "blind", inputs: locatorInputs(outputs, edition.number) });
  const location = { ys: toHex(outputs), blinds: toHex(asked.blinds), elements: toHex(asked.elements) };
  return {
    edition: edition.number,
    locatorRound: roundOf(edition, "locator"),
    queryRound: roundOf(edition, "query"),
    material: { ...picture.material, location },
  };
}

/**
 * From locations to rows, and what the nodes are to decrypt. A document without a row is asked for all the same, with elements
 * of nothing. @throws Fault MIRROR_MISSING if the table is not here any more, AGGREGATE_EDITION_OVER if it will not come back
 */
export async function lookUpRows(
  ctx: QueryDependencies,
  { edition = 0, material }: Picture,
  evaluated: Uint8Array,
): Promise<PictureMaterial> {
  const { location } = material;
  if (location === undefined) throw new Fault("INTERNAL");
  const { outputs } = await ctx.pool.run({
    kind: "unblind",
    inputs: locatorInputs(fromHex(location.ys), edition),
    blinds: fromHex(location.blinds),
    evaluated,
  });
  const root = (await ctx.chain.computation.edition(edition))?.tableRoot;
  if (root === undefined) throw new Fault("INTERNAL");
  const rows = await Promise.all(
    pieces(outputs, ristretto255Sha512.outputBytes).map(async (output): Promise<PictureRow> => {
      const { row, leaf, path } = await lookUp(ctx, edition, placeOf(output, edition));
      return {
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
  const asked = { blinds: toHex(masked.blinds), elements: toHex(masked.elements) };
  return { ...material, decryption: { root, locations: toHex(outputs), rows, ...asked } };
}

async function lookUp(ctx: QueryDependencies, edition: number, place: Tag): Promise<ConsortiumRow> {
  try {
    return await ctx.consortium.lookup(edition, place);
  } catch (error) {
    // Only the newest table is fetched again.
    const gone = isFault(error, "MIRROR_MISSING") && (await ctx.chain.computation.latestPublished()) > edition;
    throw gone ? new Fault("AGGREGATE_EDITION_OVER", { edition }, error) : error;
  }
}

function locatorInputs(ys: Uint8Array, edition: number): Uint8Array[] {
  return pieces(ys, ristretto255Sha512.outputBytes).map((y) => locatorInput(aggregateTag(y, edition), edition));
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
  const { location, decryption } = material;
  if (facts === undefined || queryKeys === undefined || layerKeys === undefined) throw new Fault("INTERNAL");
  if (location === undefined || decryption?.locations === undefined) throw new Fault("INTERNAL");
  const { slotCount } = standardSchema;
  const blinds = pieces(fromHex(decryption.blinds), slotCount * ristretto255Sha512.scalarBytes);
  const shares = pieces(combined, slotCount * ristretto255Sha512.elementBytes);
  const ys = pieces(fromHex(location.ys), ristretto255Sha512.outputBytes);
  const locations = pieces(fromHex(decryption.locations), ristretto255Sha512.outputBytes);
  const present = decryption.rows.flatMap(({ row }, position) => {
    const [y, at, blind, share] = [ys[position], locations[position], blinds[position], shares[position]];
    if (row === null || y === undefined || at === undefined || blind === undefined || share === undefined) return [];
    return [{ position, task: { row: fromHex(row), y, location: at, blinds: blind, combined: share } }];
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
