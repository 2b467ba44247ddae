/** A picture in the store: how far it is, what only the querier knows of it (sealed), and why it waits. */
import { sql, type CompiledQuery, type Kysely } from "kysely";
import { z } from "zod";

import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import type { ColumnCipher } from "../../store/column-cipher.ts";
import type { Database } from "../../store/schema.ts";
import type { PictureState, WaitingFor } from "../../store/tables/pictures.ts";

const hex = z.string().regex(/^0x[0-9a-f]*$/) as unknown as z.ZodType<Hex>;

/** What a consortium table says of one document, as it was looked up. */
const rowSchema = z.strictObject({
  /** Only in a picture from before rows had places. */
  y: hex.optional(),
  row: hex.nullable(),
  leaf: z.strictObject({ tag: hex, next: hex, entryHash: hex }),
  path: z.array(hex),
});

const materialSchema = z.strictObject({
  /** Of the evaluation: scalars and elements, one a document. The same go to every node, also to one that is asked later. */
  blinds: hex,
  elements: hex,
  /** From the evaluation on: of each document its evaluation, and what asks for the place of its row. */
  location: z.strictObject({ ys: hex, blinds: hex, elements: hex }).optional(),
  /** From the look-up on. */
  decryption: z
    .strictObject({
      root: hex,
      /** Of each document what its place follows from, 64 bytes. Not in a picture from before rows had places. */
      locations: hex.optional(),
      rows: z.array(rowSchema),
      /** As many as a row has slots, for each document. */
      blinds: hex,
      elements: hex,
    })
    .optional(),
});

export type PictureMaterial = z.infer<typeof materialSchema>;
export type PictureRow = z.infer<typeof rowSchema>;

const sumsSchema = z.strictObject({
  contributors: z.number().int(),
  counts: z.record(z.string(), z.number().int()),
  overdueFen: z.number().int(),
  capped: z.number().int(),
});

const resultSchema = z.array(
  z.union([
    z.strictObject({ outcome: z.literal("found"), sums: sumsSchema }),
    z.strictObject({ outcome: z.literal("not_found") }),
    z.strictObject({ outcome: z.literal("unreadable"), code: z.string() }),
  ]),
);

/** By document. */
export type PictureResult = z.infer<typeof resultSchema>;

export interface Picture {
  readonly query: string;
  readonly state: PictureState;
  readonly evaluationRound: number;
  readonly edition: number | undefined;
  readonly locatorRound: number | undefined;
  readonly queryRound: number | undefined;
  readonly waits: WaitingFor | undefined;
  readonly material: PictureMaterial;
  readonly result: PictureResult | undefined;
}

type StoreDependencies = Pick<RelayerContext, "db" | "cipher">;

/** A new one, with the query that it is of. */
export function insertPicture(
  { db, cipher }: StoreDependencies,
  query: string,
  evaluationRound: number,
  material: PictureMaterial,
): CompiledQuery {
  return sql`
    insert into query_pictures (query_id, state, evaluation_round, material)
    values (${query}, 'evaluating', ${evaluationRound}, ${seal(cipher, query, "material", material)})`.compile(db);
}

export async function findPicture({ db, cipher }: StoreDependencies, query: string): Promise<Picture | undefined> {
  const row = await db.selectFrom("query_pictures").selectAll().where("query_id", "=", query).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    query,
    state: row.state,
    evaluationRound: row.evaluation_round,
    edition: row.edition ?? undefined,
    locatorRound: row.locator_round ?? undefined,
    queryRound: row.query_round ?? undefined,
    waits: row.waits ?? undefined,
    material: materialSchema.parse(open(cipher, query, "material", row.material)),
    result: row.result === null ? undefined : resultSchema.parse(open(cipher, query, "result", row.result)),
  };
}

/** Evaluating -> locating. @returns the picture as it is then; undefined if it was not evaluating any more */
export async function storeLocation(
  { db, cipher }: StoreDependencies,
  picture: Picture,
  located: Located,
): Promise<Picture | undefined> {
  const { query } = picture;
  const { edition, locatorRound, queryRound, material } = located;
  const { numUpdatedRows } = await db
    .updateTable("query_pictures")
    .set({
      ...{ state: "locating", edition, locator_round: locatorRound, query_round: queryRound, waits: null },
      material: seal(cipher, query, "material", material),
    })
    .where("query_id", "=", query)
    .where("state", "=", "evaluating")
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ...picture, ...located, state: "locating", waits: undefined } : undefined;
}

/** In which edition the places of rows are asked for. */
export interface Located {
  readonly edition: number;
  readonly locatorRound: number;
  readonly queryRound: number;
  readonly material: PictureMaterial;
}

/** Locating -> decrypting. @returns the picture as it is then; undefined if it was not locating any more */
export async function storeLookUp(
  { db, cipher }: StoreDependencies,
  picture: Picture,
  material: PictureMaterial,
): Promise<Picture | undefined> {
  const { query } = picture;
  const { numUpdatedRows } = await db
    .updateTable("query_pictures")
    .set({ state: "decrypting", material: seal(cipher, query, "material", material), waits: null })
    .where("query_id", "=", query)
    .where("state", "=", "locating")
    .executeTakeFirst();
  return numUpdatedRows === 1n ? { ...picture, material, state: "decrypting", waits: undefined } : undefined;
}

/** Decrypting -> done. */
export function resultStatement(
  { db, cipher, clock }: StoreDependencies & Pick<RelayerContext, "clock">,
  query: string,
  result: PictureResult,
): CompiledQuery {
  return db
    .updateTable("query_pictures")
    .set({ state: "done", result: seal(cipher, query, "result", result), waits: null, completed_at: clock() })
    .where("query_id", "=", query)
    .where("state", "=", "decrypting")
    .compile();
}

/** Ends it for good. */
export function failedStatement(
  { db, clock }: Pick<RelayerContext, "db" | "clock">,
  query: string,
  fault: Fault,
): CompiledQuery {
  return db
    .updateTable("query_pictures")
    .set({ state: "failed", waits: waitsFor(fault), completed_at: clock() })
    .where("query_id", "=", query)
    .where("state", "in", ["evaluating", "locating", "decrypting"])
    .compile();
}

/** Says why it does not go on now. */
export async function noteWaiting(db: Kysely<Database>, query: string, fault: WaitingOn): Promise<void> {
  await db
    .updateTable("query_pictures")
    .set({ waits: waitsFor(fault) })
    .where("query_id", "=", query)
    .execute();
}

/** A fault, or a reason that is none. */
type WaitingOn = Pick<Fault, "values"> & { readonly code: string };

function waitsFor({ code, values }: WaitingOn): string {
  return JSON.stringify({ code, values });
}

function seal(cipher: ColumnCipher, query: string, column: string, content: unknown): Buffer {
  return Buffer.from(cipher.seal(JSON.stringify(content), `query_pictures.${column}:${query}`));
}

function open(cipher: ColumnCipher, query: string, column: string, sealed: Uint8Array): unknown {
  return JSON.parse(Buffer.from(cipher.open(sealed, `query_pictures.${column}:${query}`)).toString("utf8"));
}
