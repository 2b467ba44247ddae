/**
 * Many counters and amounts in one plaintext, each in a slot of its own that no sum can leave: a slot has the bits of
 * `contributors` x `most`, the largest sum that there can be. Slots lie from the least significant bit upward in the order
 * of the fields; above them one that each contributor adds 1 to. Zero bits follow up to the length of n less one.
 *
 * There is no range proof: a contributor that packs wrong numbers by another program than this is seen only if the sum
 * leaves a slot, the counter does not count the contributors, or anything stands above it. A wrong number that fits is a false
 * report like any other.
 */
import { lengthPrefixed, uint, utf8 } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { bitLength, integerToBytes } from "./integer.ts";

const DOMAIN = utf8("riskveil/paillier/layout");
const MOST_FIELDS = 1000;
const MOST_CONTRIBUTORS = 10_000;
/** A value is at most 2^128 - 1. */
const VALUE_BYTES = 16;

export interface Field {
  readonly name: string;
  /** Largest value that one contributor may report: a count, or an amount in fen (分). */
  readonly most: bigint;
}

export interface Layout {
  readonly fields: readonly Field[];
  /** Most contributors to a sum. */
  readonly contributors: number;
  /** Bits of each field's slot, and of the counter's. */
  readonly slotBits: readonly number[];
  readonly counterBits: number;
  /** 32 bytes that stand for fields and contributors, keccak-256. */
  readonly digest: Uint8Array;
}

export type Values = Readonly<Record<string, bigint>>;

/**
 * For plaintexts below 2^(`keyBits` - 1).
 * @throws Fault PACKING_LAYOUT_INVALID for no field or more than 1,000, a name that is empty or comes twice, a `most` outside 1 to
 * 2^128 - 1, contributors outside 1 to 10,000; PACKING_TOO_WIDE if the sums do not fit
 */
export function createLayout(fields: readonly Field[], contributors: number, keyBits: number): Layout {
  const names = new Set(fields.map(({ name }) => name));
  const sound =
    names.size === fields.length &&
    !names.has("") &&
    fields.length >= 1 &&
    fields.length <= MOST_FIELDS &&
    fields.every(({ most }) => most >= 1n && bitLength(most) <= 8 * VALUE_BYTES) &&
    Number.isInteger(contributors) &&
    contributors >= 1 &&
    contributors <= MOST_CONTRIBUTORS;
  if (!sound) throw new Fault("PACKING_LAYOUT_INVALID");
  const slotBits = fields.map(({ most }) => bitLength(most * BigInt(contributors)));
  const counterBits = bitLength(BigInt(contributors));
  const bits = slotBits.reduce((sum, each) => sum + each, counterBits);
  if (bits > keyBits - 1) throw new Fault("PACKING_TOO_WIDE", { bits, most: keyBits - 1 });
  return { fields, contributors, slotBits, counterBits, digest: digestOf(fields, contributors) };
}

function digestOf(fields: readonly Field[], contributors: number): Uint8Array {
  const encoded = fields.flatMap(({ name, most }) => [utf8(name), integerToBytes(most, VALUE_BYTES)]);
  return keccak256(lengthPrefixed(DOMAIN, uint(contributors, 4), ...encoded));
}

/**
 * One contributor's values, one for each field.
 * @throws Fault PACKING_FIELD_UNKNOWN if a field is missing or one is there that the layout has not; PACKING_VALUE_OUT_OF_RANGE
 * unless a value is 0 to the field's most
 */
export function pack({ fields, slotBits }: Layout, values: Values): bigint {
  const surplus = Object.keys(values).find((name) => !fields.some((field) => field.name === name));
  if (surplus !== undefined) throw new Fault("PACKING_FIELD_UNKNOWN", { field: surplus });
  let packed = 0n;
  let offset = 0n;
  for (const [index, { name, most }] of fields.entries()) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Fault("PACKING_FIELD_UNKNOWN", { field: name });
    if (value < 0n || value > most) throw new Fault("PACKING_VALUE_OUT_OF_RANGE", { field: name });
    packed |= value << offset;
    offset += BigInt(slotBits[index] ?? 0);
  }
  return packed | (1n << offset);
}

/**
 * The sums of `contributors` contributions that were added up.
 * @throws Fault PACKING_SUM_INVALID if no honest contributions give this plaintext: a sum above contributors x most, another count, bits
 * beyond the slots; PACKING_LAYOUT_INVALID for more contributors than the layout holds, or none
 */
export function unpack(layout: Layout, plaintext: bigint, contributors: number): Values {
  if (!Number.isInteger(contributors) || contributors < 1 || contributors > layout.contributors) {
    throw new Fault("PACKING_LAYOUT_INVALID");
  }
  let rest = plaintext;
  const sums = layout.fields.map(({ name, most }, index) => {
    const bits = layout.slotBits[index] ?? 0;
    const sum = BigInt.asUintN(bits, rest);
    rest >>= BigInt(bits);
    if (sum > most * BigInt(contributors)) throw new Fault("PACKING_SUM_INVALID", { field: name });
    return [name, sum] as const;
  });
  // What is left is the counter with all that stands above it; a negative plaintext ends here, too.
  if (rest !== BigInt(contributors)) throw new Fault("PACKING_SUM_INVALID", { field: "#" });
  return Object.fromEntries(sums);
}
