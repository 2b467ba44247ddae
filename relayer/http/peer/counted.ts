import { z } from "zod";

/** Epochs, revisions and editions count up one by one: none is beyond PostgreSQL's integer. */
export const counted = z
  .string()
  .regex(/^[1-9][0-9]{0,9}$/)
  .transform(Number)
  .pipe(z.number().max(2 ** 31 - 1));
