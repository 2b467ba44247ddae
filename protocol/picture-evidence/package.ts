/**
 * The evidence package of an overall picture, "riskveil-picture-evidence/1": everything with which a stranger who has only the
 * chain can check one subject's sums again, or that there is no row of it. It names the subject and opens its row, so it stays
 * with the querier. It names nodes, and no institution that contributed.
 *
 * Unknown fields are refused and every string and list is bounded; see `../evidence/fields.ts`.
 */
import { z } from "zod";

import { rowBytes } from "../aggregate/row.ts";
import { standardSchema } from "../aggregate/schema.ts";
import {
  address,
  anchorSchema,
  bytes32,
  chainFields,
  exchangeFields,
  hex,
  MAX_DATASETS,
  placeFields,
  querySchema,
  seal,
  time,
  uint,
  uint32,
} from "../evidence/fields.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { NODE_SERVICES } from "../key-round/round.ts";

export const PICTURE_EVIDENCE_FORMAT = "riskveil-picture-evidence/1";

const { slotCount, classSlots } = standardSchema;
const natural = uint(Number.MAX_SAFE_INTEGER);

const chainSchema = z.strictObject({
  ...chainFields,
  algorithmNodes: address,
  keyRounds: address,
  consortiumTables: address,
});

const pictureFields = {
  /** Of the consortium table. */
  edition: uint32,
  root: bytes32,
  /** Opens the subject's element in the evaluations to the subject. */
  blind: hex(ristretto255.scalarBytes),
  /** Opens the subject's element in the locations to the tag that its rows were merged under. */
  locatorBlind: hex(ristretto255.scalarBytes),
  /** By slot, one after another: opens the subject's elements in the decryptions to the row. */
  blinds: hex(slotCount * ristretto255.scalarBytes),
  ...placeFields,
};

const sumsSchema = z.strictObject({
  contributors: natural,
  /** Records by class, all classes. */
  counts: z.record(z.enum(classSlots.flat().map((each) => each.class)), natural),
  overdueFen: natural,
  /** Contributors with more than can be told: if any, counts and amount are lower bounds. */
  capped: natural,
});

const foundSchema = z.strictObject({
  ...pictureFields,
  outcome: z.literal("found"),
  row: hex(rowBytes(slotCount)),
  sums: sumsSchema,
});

const notFoundSchema = z.strictObject({ ...pictureFields, outcome: z.literal("not_found") });

/** `dataset` is the node's service, `holder` the node, `epoch` the key round. */
const exchangeSchema = z.strictObject({
  ...exchangeFields,
  /** What the node was asked for: to evaluate the subject, to locate its row, or to decrypt it. */
  service: z.enum(NODE_SERVICES),
  /** False for an answer that its node could not have computed with its share: it was left out. */
  proved: z.boolean(),
});

export const pictureEvidenceSchema = z.strictObject({
  format: z.literal(PICTURE_EVIDENCE_FORMAT),
  chain: chainSchema,
  query: querySchema,
  picture: z.discriminatedUnion("outcome", [foundSchema, notFoundSchema]),
  exchanges: z.array(exchangeSchema).min(1).max(MAX_DATASETS),
  anchors: z.array(anchorSchema).min(1).max(MAX_DATASETS),
  sealedAt: time,
  /** Signature of an operator of the querier over everything above. */
  seal,
});

export type PictureEvidence = z.infer<typeof pictureEvidenceSchema>;
export type EvidencedPicture = PictureEvidence["picture"];
export type NodeExchange = PictureEvidence["exchanges"][number];
