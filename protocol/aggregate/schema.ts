/**
 * What a row of the aggregate holds: slots of sums, each below 2^23 so that it decodes quickly, and how fields are packed
 * into them. Slot 0 counts contributors. Then come counts of records by class, several in a slot, and the overdue amount
 * in limbs of fen. Sums are over contributors, so bounds follow from the most contributors and the most that one of them
 * may add: a layout in which a sum could reach the next field or 2^23 cannot be made.
 *
 * A value above its cap is entered as the cap and marks the row: the field `capped` sums the contributors that did so,
 * and the querier reads "at least". Refusing the value would keep a whole firm from contributing for one bad debtor;
 * cutting it silently would make the sum a lie.
 */
import { Fault } from "../errors/fault.ts";

/** Sums decode below this. */
export const SUM_LIMIT = 2 ** 23;
/** So that a chunk of 1,024 rows goes into one batched proof, whose elements are counted in two bytes. */
export const MOST_SLOTS = 63;
/** Below it a number is exact: sums of amounts, after their limbs are put together, stay there. */
const EXACT_LIMIT = 2 ** 53;

export interface ClassCap {
  /** A class of the catalogue: A1, B3 ... */
  readonly class: string;
  /** The most records that one contributor enters for one subject. */
  readonly most: number;
}

export interface AggregateLayout {
  readonly maxContributors: number;
  /** Classes that share a slot stand together. */
  readonly classSlots: readonly (readonly ClassCap[])[];
  /** Bits of each limb of the overdue amount in fen, lowest first; the mark of capped rows sits above the last one. */
  readonly limbBits: readonly number[];
}

interface Field {
  readonly name: string;
  /** Of one contributor. */
  readonly most: number;
  /** The sum is multiplied by this in its slot. */
  readonly unit: number;
}

export interface AggregateSchema extends AggregateLayout {
  /** Slot 0 included. */
  readonly slotCount: number;
  readonly slots: readonly (readonly Field[])[];
  /** Above it an amount is capped: a power of two less one, in fen. */
  readonly mostAmountFen: number;
}

/** What one contributor says of one subject. */
export interface SubjectSummary {
  /** Records by class; a class left out has none. */
  readonly counts: Readonly<Record<string, number>>;
  /** Integer fen. */
  readonly overdueFen: number;
}

export interface AggregateSums {
  readonly contributors: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly overdueFen: number;
  /** Contributors with at least one value above its cap: if any, counts and amount are lower bounds. */
  readonly capped: number;
}

const CAPPED = "capped";
const limbName = (limb: number): string => `limb ${String(limb)}`;

/** @throws Fault AGGREGATE_LAYOUT_INVALID with the slot in which a sum could reach a neighbour or 2^23. */
export function createSchema(layout: AggregateLayout): AggregateSchema {
  const { maxContributors, classSlots, limbBits } = layout;
  const names = classSlots.flat().map((each) => each.class);
  const amountBits = limbBits.reduce((total, bits) => total + bits, 0);
  const whole = [maxContributors, ...classSlots.flat().map(({ most }) => most), ...limbBits];
  const sound = whole.every((each) => Number.isSafeInteger(each) && each >= 1) && limbBits.length > 0;
  if (
    !sound ||
    new Set(names).size !== names.length ||
    names.length === 0 ||
    1 + classSlots.length + limbBits.length > MOST_SLOTS ||
    maxContributors * 2 ** amountBits > EXACT_LIMIT
  ) {
    throw new Fault("AGGREGATE_LAYOUT_INVALID", { slot: 0 });
  }
  const slots = [
    [{ name: "contributors", most: 1 }],
    ...classSlots.map((slot) => slot.map((each) => ({ name: each.class, most: each.most }))),
    ...limbBits.map((bits, limb) => [
      { name: limbName(limb), most: 2 ** bits - 1 },
      ...(limb === limbBits.length - 1 ? [{ name: CAPPED, most: 1 }] : []),
    ]),
  ].map((fields, slot) => place(fields, maxContributors, slot));
  return { ...layout, slots, slotCount: slots.length, mostAmountFen: 2 ** amountBits - 1 };
}

/**
 * 128 contributors; eight classes of at most 15 records each, two a slot; amounts below 2^40 fen (10.99 billion yuan).
 * Eight slots. The amount takes three limbs of 16, 16 and 8 bits: the mark needs the other bits of the third.
 */
export const standardSchema: AggregateSchema = createSchema({
  maxContributors: 128,
  classSlots: [
    ["A1", "A2"],
    ["B1", "B2"],
    ["B3", "B4"],
    ["C1", "C2"],
  ].map((pair) => pair.map((name) => ({ class: name, most: 15 }))),
  limbBits: [16, 16, 8],
});

/** Integers by slot, to be encrypted. @throws Fault AGGREGATE_VALUE_INVALID, AGGREGATE_CLASS_UNKNOWN */
export function packRow(schema: AggregateSchema, { counts, overdueFen }: SubjectSummary): number[] {
  const known = new Set(schema.classSlots.flat().map((each) => each.class));
  for (const [name, count] of Object.entries(counts)) {
    if (!known.has(name)) throw new Fault("AGGREGATE_CLASS_UNKNOWN", { class: name });
    requireNatural(name, count);
  }
  requireNatural("overdueFen", overdueFen);
  const caps = schema.classSlots.flat();
  const capped = overdueFen > schema.mostAmountFen || caps.some((each) => (counts[each.class] ?? 0) > each.most);
  const values = new Map<string, number>([
    ["contributors", 1],
    ...caps.map((each): [string, number] => [each.class, Math.min(counts[each.class] ?? 0, each.most)]),
    ...limbsOf(schema, Math.min(overdueFen, schema.mostAmountFen)),
    [CAPPED, capped ? 1 : 0],
  ]);
  return schema.slots.map((fields) =>
    fields.reduce((total, { name, unit }) => total + (values.get(name) ?? 0) * unit, 0),
  );
}

/** The row of a dummy: one contributor that has nothing to say. */
export function emptyRow(schema: AggregateSchema): number[] {
  return packRow(schema, { counts: {}, overdueFen: 0 });
}

/**
 * The sums that integers by slot stand for; `sums[0]` is the number of contributors.
 * @throws Fault AGGREGATE_SUM_IMPLAUSIBLE if a field is above what so many contributors may add up to: one of them
 * encrypted something else than a row.
 */
export function unpackSums(schema: AggregateSchema, sums: readonly number[]): AggregateSums {
  const [contributors = 0] = sums;
  if (sums.length !== schema.slotCount) throw new RangeError("one sum a slot");
  const fields = new Map(
    schema.slots.flatMap((slot, index) => {
      let rest = sums[index] ?? 0;
      return [...slot].reverse().map(({ name, most, unit }): [string, number] => {
        const value = Math.floor(rest / unit);
        rest -= value * unit;
        if (value > contributors * most) throw new Fault("AGGREGATE_SUM_IMPLAUSIBLE", { slot: index });
        return [name, value];
      });
    }),
  );
  const counts = schema.classSlots.flat().map((each): [string, number] => [each.class, fields.get(each.class) ?? 0]);
  let unit = 1;
  let overdueFen = 0;
  for (const [limb, bits] of schema.limbBits.entries()) {
    overdueFen += (fields.get(limbName(limb)) ?? 0) * unit;
    unit *= 2 ** bits;
  }
  return { contributors, counts: Object.fromEntries(counts), overdueFen, capped: fields.get(CAPPED) ?? 0 };
}

/** Each field starts at the power of two above the largest sum of the field below. */
function place(fields: readonly Omit<Field, "unit">[], maxContributors: number, slot: number): Field[] {
  let unit = 1;
  let largest = 0;
  const placed = fields.map((field) => {
    const sum = maxContributors * field.most;
    const here = { ...field, unit };
    largest += sum * unit;
    while (unit <= largest) unit *= 2;
    return here;
  });
  if (largest >= SUM_LIMIT) throw new Fault("AGGREGATE_LAYOUT_INVALID", { slot });
  return placed;
}

function limbsOf(schema: AggregateSchema, amount: number): [string, number][] {
  let rest = amount;
  return schema.limbBits.map((bits, limb) => {
    const size = 2 ** bits;
    const value = rest % size;
    rest = Math.floor(rest / size);
    return [limbName(limb), value];
  });
}

function requireNatural(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault("AGGREGATE_VALUE_INVALID", { field });
}
