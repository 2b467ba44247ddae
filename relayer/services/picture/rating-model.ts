/** The rating model of this firm: its file, or the standard one. */
import { readFile } from "node:fs/promises";

import { Fault } from "../../../protocol/errors/fault.ts";
import { parseRatingModel, standardRatingModel, type RatingModel } from "../../../protocol/rating/model.ts";

/** @throws Fault RATING_MODEL_INVALID, also for a file that cannot be read */
export async function readRatingModel(file: string | undefined): Promise<RatingModel> {
  if (file === undefined) return standardRatingModel;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new Fault("RATING_MODEL_INVALID", { field: "", reason: "no JSON file that can be read" }, cause);
  }
  return parseRatingModel(content);
}
