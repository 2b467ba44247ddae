/**
 * How what was found about an investor becomes points and a grade: a table that anybody can read and add up, no model that was
 * trained. A firm may use its own; the standard one is what the documentation prints.
 */
import { z } from "zod";

import { Fault } from "../errors/fault.ts";

const points = z.number().int().min(0).max(1_000);
const bilingual = z.strictObject({ en: z.string().min(1).max(80), zh: z.string().min(1).max(80) });

/** Points from a value on; the highest step that is reached counts, not the sum. */
const step = z.strictObject({ from: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER), points });

export const ratingModelSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    version: z.number().int().min(1),
    /** By class of the catalogue: for each record, up to so many records. */
    classes: z.record(
      z.string().regex(/^[A-Z][0-9]{1,2}$/),
      z.strictObject({ points, most: z.number().int().min(1).max(100) }),
    ),
    /** By overdue amount in fen (分). */
    overdueFen: z.array(step).max(20),
    /** By number of institutions that have records. */
    institutions: z.array(step).max(20),
    /** From so many points on, in ascending order; the first from 0. */
    grades: z
      .array(z.strictObject({ grade: z.string().min(1).max(8), from: z.number().int().min(0), meaning: bilingual }))
      .min(2)
      .max(20),
  })
  .refine(({ overdueFen }) => ascending(overdueFen), { error: "steps must ascend", path: ["overdueFen"] })
  .refine(({ institutions }) => ascending(institutions), { error: "steps must ascend", path: ["institutions"] })
  .refine(({ grades }) => grades[0]?.from === 0 && ascending(grades), {
    error: "must begin at 0 and ascend",
    path: ["grades"],
  });

export type RatingModel = z.infer<typeof ratingModelSchema>;

/** @throws Fault RATING_MODEL_INVALID with the place */
export function parseRatingModel(content: unknown): RatingModel {
  const parsed = ratingModelSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Fault("RATING_MODEL_INVALID", { field: issue?.path.join(".") ?? "", reason: issue?.message ?? "" });
}

function ascending(steps: readonly { readonly from: number }[]): boolean {
  return steps.every(({ from }, position) => position === 0 || from > (steps[position - 1]?.from ?? 0));
}

const TEN_THOUSAND_YUAN = 1_000_000;

/**
 * The standard: what the Association publishes weighs most, then false information and unpaid contracts; many institutions weigh
 * more than one. Points are a firm's aid, not a judgement of a court.
 */
export const standardRatingModel: RatingModel = parseRatingModel({
  name: "standard",
  version: 1,
  classes: {
    A1: { points: 25, most: 3 },
    A2: { points: 40, most: 1 },
    B1: { points: 15, most: 3 },
    B2: { points: 25, most: 3 },
    B3: { points: 35, most: 2 },
    B4: { points: 15, most: 3 },
    C1: { points: 10, most: 2 },
    C2: { points: 20, most: 3 },
  },
  overdueFen: [
    { from: 1, points: 5 },
    { from: 10 * TEN_THOUSAND_YUAN, points: 10 },
    { from: 100 * TEN_THOUSAND_YUAN, points: 20 },
    { from: 1_000 * TEN_THOUSAND_YUAN, points: 35 },
  ],
  institutions: [
    { from: 2, points: 10 },
    { from: 3, points: 20 },
    { from: 5, points: 30 },
  ],
  grades: [
    { grade: "R1", from: 0, meaning: { en: "little found", zh: "所见较少" } },
    { grade: "R2", from: 20, meaning: { en: "attention", zh: "需关注" } },
    { grade: "R3", from: 45, meaning: { en: "raised risk", zh: "风险较高" } },
    { grade: "R4", from: 80, meaning: { en: "high risk", zh: "高风险" } },
    { grade: "R5", from: 120, meaning: { en: "very high risk", zh: "极高风险" } },
  ],
});
