/**
 * The opening of one row of a contribution to an auditor: the subject's evaluation, the values and the randomness of each
 * slot. Tag and masks follow from the evaluation, so the whole row is recomputed and compared. Whether that evaluation is
 * the named subject's, the auditor learns by asking the nodes for it; the seed, and so every other row, stays closed.
 */
import { bytesEqual } from "../encoding/bytes.ts";
import type { Residue } from "../group/group.ts";
import { decodeResidue } from "../group/residues.ts";
import { isFault } from "../errors/fault.ts";
import type { SubjectRow } from "./contribution.ts";
import { encryptionRandomness } from "./derived-randomness.ts";
import { encrypt } from "./elgamal.ts";
import { aggregateTag, masks } from "./mask.ts";
import { encodeRow } from "./row.ts";
import type { AggregateTerms } from "./terms.ts";

export interface RowOpening extends SubjectRow {
  /** By slot. */
  readonly randomness: readonly Residue[];
}

export function openRow(terms: AggregateTerms, { y, values }: SubjectRow, seed: Uint8Array): RowOpening {
  const tag = aggregateTag(y, terms.epoch);
  const randomness = values.map((value, slot) => encryptionRandomness(seed, terms.epoch, tag, slot, value));
  return { y, values, randomness };
}

/** True if `row` is what the opening says. Never throws for malformed openings. */
export function openingHolds(terms: AggregateTerms, row: Uint8Array, opening: RowOpening): boolean {
  const { schema, epoch, contributionKey } = terms;
  const { y, values, randomness } = opening;
  if (y.length !== 64 || values.length !== schema.slotCount || randomness.length !== schema.slotCount) return false;
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 0)) return false;
  try {
    const ciphertexts = masks(y, epoch, schema.slotCount).map((mask, slot) =>
      encrypt(contributionKey, values[slot] ?? 0, mask, decodeResidue(randomness[slot] ?? new Uint8Array(0))),
    );
    return bytesEqual(encodeRow({ tag: aggregateTag(y, epoch), ciphertexts }), row);
  } catch (error) {
    if (isFault(error)) return false;
    throw error;
  }
}
